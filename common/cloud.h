/* SPDX-License-Identifier: ISC
 * What a cloud can be asked, whatever its name. A driver is one constant of struct cloud_driver; a
 * fifth cloud is one more.
 *
 * A driver never waits and never works on one thing: every verb takes an array of items, queues
 * their requests on the one engine, calls done() as each item is settled, and returns when the
 * queue is empty. done() may call verbs again: inside it they only queue. Waiting (deadline,
 * pauses, progress, one question for all) is the caller's, see wait.h. */
#ifndef SLUICE_CLOUD_H
#define SLUICE_CLOUD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "http.h"
#include "rec.h"

struct cloud; /* credentials and endpoint of one account; each driver has its own */

/* What can be listed, and the records that come of it. */
enum cloud_kind {
	CLOUD_INSTANCES, /* `instance` records */
	CLOUD_IMAGES,    /* `image` records: those that a machine can be made of; where known also
			  * "regions":[…] and "disk": GB that it needs */
	CLOUD_KEYS,      /* `ssh-key` records */
	CLOUD_SIZES,     /* {"id","available","regions":[…],"disk": GB} */
	CLOUD_REGIONS,   /* {"id","available","features":[…]} */
};

/* One thing to be done. The caller zeroes it, sets what the verb reads, and in the end calls
 * cloud_item_free(). */
struct cloud_item {
	struct cloud *cloud; /* whom to ask: items of several accounts may be mixed */
	const char *region;  /* where; NULL: wherever the account is */

	/* list */
	enum cloud_kind kind;
	/* Called in the order of the list as pages arrive, never twice for one id; borrowed. What
	 * was handed over stands even when a later page fails the list. */
	void (*each)(struct cloud_item *item, json_t *record);

	/* create: an `instance` record as it is wanted, checked by the caller; its "keys" are what
	 * the cloud takes. state uses its name while there is no id. */
	const json_t *wanted;
	/* create: what an earlier run made was looked for, and so long that no list hides it any
	 * more: make it now. */
	bool certain;
	/* power */
	bool on;

	/* state, power, remove: which one. create and state set it; owned. */
	char *id;

	/* Answers. */
	json_t *record; /* create, state: the machine as it is, owned; NULL: there is none (any
			 * more, or yet) */
	bool made;      /* create: by this call; else an earlier run had made it */
	bool ready;     /* state: started, and it has the addresses that it will have */
	/* create: it may have been made, now or by an earlier run, and a list that lags may hide
	 * it. Ask state for a while, then create again with `certain`. remove: not yet, something
	 * is being done to it: try again. */
	bool unclear;
	struct failure failure;

	void *ctx;     /* the caller's */
	void *private; /* the driver's: freed by cloud_item_free() */
};

struct cloud_driver {
	const char *provider; /* as in records */
	/* Reads configuration and credentials, asks nobody; NULL with f (78). SLUICE_ACCOUNT is
	 * looked at before the first request (79). */
	struct cloud *(*open)(struct http *engine, struct failure *f);
	void (*close)(struct cloud *c);
	/* The account's id, NULL while it is not known. */
	const char *(*account)(struct cloud *c);

	void (*list)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	void (*create)(struct cloud_item *const *items, size_t n,
		       void (*done)(struct cloud_item *));
	/* One round for all that are pending. */
	void (*state)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	void (*power)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* What is not there any more is removed. */
	void (*remove)(struct cloud_item *const *items, size_t n,
		       void (*done)(struct cloud_item *));
};

/* A whole `list` verb: the input first if there is one, then all records of this kind; what could
 * not be read is a `target` with error: "cannot list THINGS". */
void cloud_list(const struct cloud_driver *driver, enum cloud_kind kind, const char *things,
		struct rec_io *io, struct http *engine, bool after_input);

extern const struct cloud_driver cloud_digitalocean;

void cloud_item_free(struct cloud_item *item); /* its answers, id and private; not the struct */
/* Forgets the answers of the verb before, keeps id and private. */
void cloud_item_again(struct cloud_item *item);

#endif
