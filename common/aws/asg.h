/* SPDX-License-Identifier: ISC
 * Auto scaling groups: reading them, and the notes in their tags by which a deployment that was
 * killed goes on. A `group` is an element of DescribeAutoScalingGroups, as it came. */
#ifndef SLUICE_ASG_H
#define SLUICE_ASG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../failure.h"
#include "../rec.h"
#include "../wait.h"
#include "aws.h"

/* One account's groups in one region. */
struct asg_cloud {
	struct aws *aws;
	const char *region;
	struct rec_io *io;   /* for events */
	int64_t interval_ms; /* of all waits; 0: growing */
	int64_t patience_ms; /* for what lags: how long a look for what must be there goes on */
	int64_t limit_ms;    /* for draining and deleting */
};

/* ---- asg-read.c */

/* All groups of the region; NULL with f. */
json_t *asg_all(struct asg_cloud *c, struct failure *f);
/* The group of that name as it is now (new reference), json_null() when there is none; NULL with f.
 */
json_t *asg_find(struct asg_cloud *c, const char *name, struct failure *f);
const char *asg_name(const json_t *group);
/* When it was made, in ms: with the name, what tells it from a later group of that name. */
int64_t asg_made(const json_t *group);
bool asg_same(const json_t *group, const char *name, int64_t made);
/* Whether it is being deleted. */
bool asg_going(const json_t *group);
/* A tag's value, NULL when it has none of that key; borrowed. */
const char *asg_tag(const json_t *group, const char *key);
/* Whether both tags, server and env, are these. */
bool asg_serves(const json_t *group, const char *server, const char *env);
/* An idempotent change: true when done. `gone` (may be NULL) is set, and true returned, when the
 * service says that there is no such thing. */
bool asg_change(struct asg_cloud *c, const char *service, const char *action, json_t *params,
		bool *gone, struct failure *f);
/* An `event` record about a group; takes over the reference of `more` (may be NULL). */
void asg_event(struct asg_cloud *c, const char *event, const json_t *group, json_t *more);
/* Whether f says that the thing asked for does not exist. */
bool asg_not_there(const struct failure *f);

/* The groups of one region, for asg_all_of(). */
struct asg_place {
	const char *region;
	json_t *groups; /* NULL when they could not be read, then: */
	struct failure failure;
	/* private: */
	struct aws *client;
	struct aws_call call;
};
/* Reads several regions at once, each to the end of its list. */
void asg_all_of(struct aws *a, struct asg_place *places, size_t n);
void asg_place_free(struct asg_place *place);

/* ---- asg-note.c: notes are objects of strings and arrays of strings, kept in as many tags
 * (KEY, KEY.2, …) as their length needs. */

#define ASG_NOTE_REPLACES "sluice:replaces" /* what an unfinished deployment is to retire */
#define ASG_NOTE_RETIRED "sluice:retired"   /* what a group was before it was taken out */
#define ASG_NOTE_RESTORED "sluice:restored" /* what --back brought it back from */

/* The note (new reference), NULL when the group has none. */
json_t *asg_note(const json_t *group, const char *key);
const char *asg_note_text(const json_t *note, const char *key); /* "" when absent */
long long asg_note_number(const json_t *note, const char *key);
/* Appends the tags that hold `note` to the parameter `tags` of a call. */
void asg_note_tags(json_t *tags, const char *name, const char *key, const json_t *note,
		   const json_t *group);
/* Appends those of the group's tags that hold this note, to delete them. */
void asg_note_drop(json_t *tags, const json_t *group, const char *key);
/* One tag for such a list. */
void asg_put_tag(json_t *tags, const char *name, const char *key, const char *value, bool spread);
/* CreateOrUpdateTags and DeleteTags; an empty list is nothing to do. Take over the reference. */
bool asg_tags_set(struct asg_cloud *c, json_t *tags, struct failure *f);
bool asg_tags_delete(struct asg_cloud *c, json_t *tags, struct failure *f);
/* Whether the group is out of service, kept to be brought back. */
bool asg_kept(const json_t *group);

/* ---- asg-health.c */

struct asg_health {
	json_t *instances; /* {"id","zone","state","health","reason"} as an asg record has them */
	long long good;    /* in service, and healthy everywhere */
	long long all;     /* those that are to be: without the leaving ones */
	bool ok;           /* all of them are good, and there are as many as wanted */
	char *why;         /* what is missing, for people */
};

/* One group to be looked at. */
struct asg_item {
	const char *region;
	const json_t *group;
	const json_t *load_balancers, *target_groups; /* in addition to its own; may be NULL */
	bool wants_image;
	/* The answer: */
	struct asg_health health;
	char *image;            /* what it launches; NULL when it cannot be told */
	struct failure failure; /* a balancer did not answer: nothing is known then */
};

/* Asks all balancers of all these groups at once about their instances. */
void asg_look_all(struct aws *a, struct asg_item *items, size_t n);
void asg_item_free(struct asg_item *item);
/* The same for one group of c's region. False with f when a balancer did not answer. */
bool asg_look(struct asg_cloud *c, const json_t *group, const json_t *load_balancers,
	      const json_t *target_groups, struct asg_health *h, struct failure *f);
void asg_health_free(struct asg_health *h);
/* Which of these instances (an array of ids) a balancer still knows: their number; -1 with f. */
long long asg_registered(struct asg_cloud *c, const json_t *ids, const json_t *load_balancers,
			 const json_t *target_groups, struct failure *f);

/* ---- asg-record.c */

/* The `asg` record of a group; h may be NULL (instances without balancers' word). */
json_t *asg_record(const char *region, const json_t *group, const struct asg_health *h,
		   const char *image);

/* ---- asg-template.c */

/* The template or configuration that launches the group's instances, as {"id","name","version"} or
 * {"configuration"}; new reference, json_null() when it has none of either. */
json_t *asg_launches(const json_t *group);
/* The call that tells which image that is, to be filled with its answer (.service NULL: there is
 * none to make); then the image, NULL when it cannot be told; caller frees. */
struct aws_call asg_image_call(const json_t *group);
char *asg_image(const struct aws_call *call);
/* Those of the region's launch templates that asg-roll made (for this server and env; NULL: any).
 */
json_t *asg_templates(struct asg_cloud *c, const char *server, const char *env, struct failure *f);
/* Whether one of `groups` (but for the one named `except`, may be NULL) launches from it. */
bool asg_uses_template(const json_t *groups, const char *id, const char *except);
bool asg_uses_configuration(const json_t *groups, const char *name, const char *except);
/* Deletes; what is gone already is done. An event tells. */
bool asg_delete_template(struct asg_cloud *c, const char *id, const char *name, struct failure *f);
bool asg_delete_configuration(struct asg_cloud *c, const char *name, struct failure *f);

/* ---- asg-retire.c: taking groups out of service. Each is safe to be done again. */

/* Takes the group from its balancers, and notes what it was in the tag ASG_NOTE_RETIRED. */
bool asg_deregister(struct asg_cloud *c, const json_t *group, const char *mode, const char *by,
		    struct failure *f);
/* Waits until no balancer knows its instances any more. */
bool asg_drain(struct asg_cloud *c, const json_t *group, struct failure *f);
/* Deletes the group with its instances and waits until it is gone. */
bool asg_delete(struct asg_cloud *c, const json_t *group, struct failure *f);
/* Scales it to nothing and waits until its instances are gone. */
bool asg_empty(struct asg_cloud *c, const json_t *group, struct failure *f);
/* The contrary of asg_deregister() and asg_empty(): capacity (at least `desired`) and balancers as
 * the note has them. */
bool asg_reinstate(struct asg_cloud *c, const json_t *group, long long desired, struct failure *f);

#endif
