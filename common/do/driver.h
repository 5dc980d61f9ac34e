/* SPDX-License-Identifier: ISC
 * The driver behind cloud.h: its parts, private to common/do. */
#ifndef SLUICE_DO_DRIVER_H
#define SLUICE_DO_DRIVER_H

#include "../cloud.h"
#include "client.h"
#include "list.h"

struct cloud {
	struct do_client *client;
	size_t n_pages; /* of the last list of droplets: what a round over all of them costs */
};

typedef void do_verb(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
/* driver-list.c, driver-make.c, driver-state.c, driver-remove.c, driver-find.c, driver-image.c,
 * driver-copy.c, driver-users.c */
do_verb do_cloud_list, do_cloud_create, do_cloud_power, do_cloud_state, do_cloud_remove,
    do_cloud_find, do_cloud_image, do_cloud_copy, do_cloud_users;

/* A verb under way for one item. */
struct do_job {
	struct cloud_item *item;
	void (*done)(struct cloud_item *);
	struct do_list list; /* its ctx is the job */
	char *path;          /* of the list, where it is made for it; owned */
	json_t *found;       /* what the verb gathers; owned */
	size_t open;         /* requests that are not settled, where there are several */
};
struct do_job *do_job_new(struct cloud_item *item, void (*done)(struct cloud_item *));
/* Settled: releases the job, calls done(). */
void do_job_end(struct do_job *job);
/* The same with a failure, which is moved. */
void do_job_fail(struct do_job *job, struct failure *f);
/* The same, for a kind that there is not. */
void do_job_refuse(struct do_job *job);
/* Queues a call with the job as its context; takes over body. */
void do_job_call(struct do_job *job, const char *method, json_t *body,
		 void (*answered)(struct do_call *), const char *path, ...)
    __attribute__((format(printf, 5, 6)));
/* Reads a list whole: each thing is handed over, then `read` is called. */
void do_job_list(struct do_job *job, const char *path, const char *member,
		 void (*each)(struct do_list *, json_t *), void (*read)(struct do_list *));
void do_run_items(struct cloud_item *const *items, size_t n); /* until all are settled */

/* What the driver keeps with an item. */
struct do_private {
	json_int_t action; /* its creation, snapshot, transfer; 0: not known */
	char token[64];    /* the tag that it carries; "": none */
	char machine[24];  /* what an image is made of; "": not known */
	bool tagging;      /* the image gets its tags when it is there */
};
struct do_private *do_item_private(struct cloud_item *item);
char *do_id_text(const json_t *thing); /* its number as text, NULL: none; caller frees */
/* The droplet becomes the item's: id, record, ready. False: it is none. */
bool do_item_take(struct cloud_item *item, const json_t *droplet);
/* Keeps the tag that it was found by. */
void do_item_note_token(struct cloud_item *item, const json_t *droplet);
/* The one droplet of a list by tag; false when there is none, or several (failure). */
bool do_item_take_tagged(struct cloud_item *item, const json_t *answer);

/* driver-key.c: one key, by id, fingerprint or public_key. */
void do_key_create(struct do_job *job);
void do_key_state(struct do_job *job);

/* driver-image.c, driver-tags.c: one round for one image. */
void do_image_state(struct do_job *job);
/* The image as the API shows it becomes the item's; its region is the item's own. */
void do_image_take(struct cloud_item *item, const json_t *image);
/* What only whoever wants it knows: distribution, architecture, source. */
void do_image_keep(struct cloud_item *item);
/* The record of one that is not there yet, or never will be (state "failed", with the reason). */
void do_image_of_state(struct cloud_item *item, const char *state, const char *reason);
/* Puts on what `wanted` says and the image has not, then ends the job. */
void do_image_tag(struct do_job *job);

/* catalog.c: what a list gives for each kind but droplets. */
const char *do_catalog_path(const struct cloud_item *item, const char **member);
/* Whether the thing is an automatic backup, which no list of images has. */
bool do_is_backup(const struct cloud_item *item, const json_t *thing);
json_t *do_catalog_record(enum cloud_kind kind, const json_t *thing, const char *account);

#endif
