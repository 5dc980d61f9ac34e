/* SPDX-License-Identifier: ISC
 * EC2 behind cloud.h: its parts, private to common/aws. */
#ifndef SLUICE_AWS_DRIVER_H
#define SLUICE_AWS_DRIVER_H

#include "../cloud.h"
#include "aws.h"

struct cloud {
	struct aws *aws;
};

/* ---- driver.c: one item's verb under way, a chain of calls in one region. */

struct ec2_work {
	struct cloud_item *item;
	void (*done)(struct cloud_item *);
	struct aws *aws;
	const char *region;
	struct aws_call call;            /* the last one */
	void (*then)(struct ec2_work *); /* when it is settled: result or failure in `call` */
	/* A list in pages: its member, and who takes its elements; NULL: they are put into `all`.
	 */
	const char *member;
	void (*take)(struct ec2_work *, json_t *element);
	json_t *all;
	const struct ec2_naming *naming; /* of ec2_make_named() */
	json_t *held;                    /* what the verb keeps from one call to the next; owned */
	size_t next;                     /* likewise */
	struct cloud_item **group;       /* those that a round is about */
	size_t n_group;
};

/* NULL: the item is settled already, no region is known. */
struct ec2_work *ec2_begin(struct cloud_item *item, void (*done)(struct cloud_item *));
/* Runs what was queued for all these items. */
void ec2_run(struct cloud_item *const *items, size_t n);
/* One call; takes over the reference of params. */
void ec2_ask(struct ec2_work *w, const char *action, enum http_effect effect, json_t *params,
	     void (*then)(struct ec2_work *));
/* The same of another service. */
void ec2_ask_of(struct ec2_work *w, const char *service, const char *action,
		enum http_effect effect, json_t *params, void (*then)(struct ec2_work *));
/* A list, page after page; then() once, after the last one or when one failed. */
void ec2_read(struct ec2_work *w, const char *service, const char *action, json_t *params,
	      const char *member, void (*then)(struct ec2_work *));
/* Settles the item; with the failure of the last call. w is gone. */
void ec2_end(struct ec2_work *w);
void ec2_fail(struct ec2_work *w);
void ec2_free(struct ec2_work *w); /* without settling anything */

/* Whether the last call was refused with one of these codes (the list ends in NULL). */
bool ec2_refused(const struct ec2_work *w, const char *const *codes);
/* Whether the last call may have had its effect although it failed. */
bool ec2_in_doubt(const struct ec2_work *w);
/* Of the wanted record; "" when it has none. */
const char *ec2_wanted(const struct cloud_item *item, const char *key);
json_t *ec2_sure(json_t *value); /* out of memory ends here */

/* ---- driver-round.c: those that one question is about. */

/* The works of all items, *n_works of them: the items that have an id are in the `group` of one
 * work with others of their region and kind, as many as a filter takes; each other one has its own.
 * Not those that are settled already. Caller frees the array. */
struct ec2_work **ec2_begin_rounds(struct cloud_item *const *items, size_t n,
				   void (*done)(struct cloud_item *), size_t *n_works);
/* Sets the filter: the ids of the group. */
void ec2_filter_ids(const struct ec2_work *w, json_t *params, const char *name);
/* Settles the group, with the failure of the last call if it failed. w is gone. */
void ec2_end_round(struct ec2_work *w);

/* ---- driver-tags.c */

/* TagSpecification for these types (ends in NULL) of what is wanted: name, run, expiry, tags, and
 * more of ours (NULL: none; released). */
json_t *ec2_tag_specs(const json_t *wanted, json_t *own, const char *const *types);
/* The same as EC2 would answer it: a tagSet. New. */
json_t *ec2_tag_set(const json_t *wanted);
/* The run that it is to carry; caller frees. */
char *ec2_run_of(const json_t *wanted);
const char *ec2_tag(const json_t *tag_set, const char *key); /* "" when absent */

/* ---- driver-kinds.c */

struct ec2_kind {
	const char *action, *member; /* what lists them, the answer's list */
	const char *id, *name;       /* the filters */
	bool paged;                  /* MaxResults may be given */
	json_t *(*record)(const json_t *thing, const char *region, const char *account);
};
/* NULL with the item's failure: EC2 has no such thing. */
const struct ec2_kind *ec2_kind(struct cloud_item *item);
/* The parameters of its action. */
json_t *ec2_describe(const struct cloud_item *item, const struct ec2_kind *kind);
/* Adds a filter: exactly this value. */
void ec2_filter(json_t *params, const char *name, const char *value);
/* Queues the list of those that have `value` in `filter`; then() finds them in w->all. */
void ec2_look(struct ec2_work *w, enum cloud_kind kind, const char *filter, const char *value,
	      void (*then)(struct ec2_work *));
/* Calls each() with the things of an element of the answer's list: reservations hold several. */
void ec2_each(enum cloud_kind kind, json_t *element, void (*each)(void *ctx, json_t *thing),
	      void *ctx);
/* The thing becomes the item's: id, record, ready. */
void ec2_take(struct ec2_work *w, struct cloud_item *item, json_t *thing);
/* The image that a snapshot's description says that it is for; NULL: none. Caller frees. */
char *ec2_snapshot_image(const char *description);

/* driver-instance.c: an element of instancesSet, with "ownerId" of its reservation. */
json_t *ec2_instance_record(const json_t *instance, const char *region, const char *account);
bool ec2_instance_ready(const json_t *instance);
/* Whether it ended for want of machines. */
bool ec2_instance_no_room(const json_t *instance);

/* driver-launch.c: what asks for the machine that is wanted. */
void ec2_launch_token(const struct ec2_work *w, const struct cloud_item *item, char token[65]);
json_t *ec2_launch_params(const struct ec2_work *w, const char *token);

/* ---- the verbs, each in a file of its name */

typedef void ec2_verb(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
ec2_verb ec2_cloud_list, ec2_cloud_create, ec2_cloud_state, ec2_cloud_power, ec2_cloud_remove,
    ec2_cloud_find, ec2_cloud_image, ec2_cloud_copy, ec2_cloud_share, ec2_cloud_users,
    ec2_cloud_host_keys;

/* driver-named.c: what makes an image whose name is an account's only once, so that it is found by
 * it before, and after a call whose outcome is not clear. */
struct ec2_naming {
	/* Whether the image that has the name is what is wanted. */
	bool (*ours)(const struct ec2_work *w, const json_t *image);
	void (*make)(struct ec2_work *w); /* asks for it, then ec2_on_named() */
	const char *what;                 /* "image", "copy" */
	const char *const *taken;         /* codes that say that it is there; ends in NULL */
};
void ec2_make_named(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *),
		    const struct ec2_naming *naming);
void ec2_on_named(struct ec2_work *w);

void ec2_make_key(struct ec2_work *w);     /* driver-key.c */
void ec2_make_group(struct ec2_work *w);   /* driver-group.c */
void ec2_remove_image(struct ec2_work *w); /* driver-remove-image.c */

#endif
