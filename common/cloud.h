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

/* What there is, and the records that come of a list. What was made for a while only has "run" and
 * "expires" (ISO 8601), whatever its kind. */
enum cloud_kind {
	CLOUD_INSTANCES, /* `instance` records */
	CLOUD_IMAGES,    /* `image` records: those that a machine can be made of; where known also
			  * "regions":[…], "disk": GB that it needs, "snapshots":[ids], "encrypted" */
	CLOUD_KEYS,      /* `ssh-key` records */
	CLOUD_SIZES,     /* {"id","available","regions":[…],"disk": GB} */
	CLOUD_REGIONS,   /* {"id","available","features":[…]} */
	CLOUD_GROUPS,    /* `security-group` records: "id","name","description" */
	CLOUD_SNAPSHOTS, /* `snapshot` records of disks: "id","name","created","image" */
	CLOUD_VOLUMES,   /* `volume` records: disks: "id","name","created","instance" */
	CLOUD_KINDS
};

/* What the machine must be before an image is made of it. */
enum cloud_image_of {
	CLOUD_IMAGE_OF_OFF, /* powered off, its state a clean disk */
	CLOUD_IMAGE_OF_DISK /* removed, its disk kept (GCE) */
};

/* One thing to be done. The caller zeroes it, sets what the verb reads, and in the end calls
 * cloud_item_free(). */
struct cloud_item {
	struct cloud *cloud; /* whom to ask: items of several accounts may be mixed */
	const char *region;  /* where; NULL: wherever the account is */

	const struct cloud_driver *driver; /* for cloud-all.h; the verbs do not look at it */
	enum cloud_kind kind; /* of what: list, create, state, remove. A kind that the cloud has not
			       * got is listed as none, else refused: 64, "no-such-kind" */

	/* list: only what is the account's own (images; else it always is), carries this run, has
	 * this name exactly, carries an expiry. NULL, false: whatever. */
	bool own;
	const char *run, *name;
	bool temporary;
	/* Called in the order of the list as pages arrive, never twice for one id; borrowed. Dead
	 * machines that a cloud goes on listing are left out; state has them as "gone". What was
	 * handed over stands even when a later page fails the list. */
	void (*each)(struct cloud_item *item, json_t *record);

	/* create: a record of the kind as it is wanted, checked by the caller; an `instance` whose
	 * "keys" are what the cloud takes; state uses its name while there is no id. All kinds:
	 * "name", "region", "run", "tags", and "expires" for what is temporary, which goes on it in
	 * the creating call (in its name where the API has nothing else).
	 * instance: zone, image, size, keys, security_groups, subnet, user_data (plain text), disk
	 * (GB); a temporary one goes for good when it is shut down from inside, where the cloud
	 * can. A machine that an earlier run made and that is dead by now: 69, "gone", with its
	 * record and, unless the cloud has forgotten it, its id. ssh-key: public_key ("ssh-ed25519
	 * AAAA…"). security-group: description, subnet (in whose network), ports ([22], open to
	 * all). image, copy, share, find: see there. */
	const json_t *wanted;
	/* create: a number that makes it another machine than the one made before, which is gone
	 * or could not be had there. */
	unsigned attempt;
	/* create: what an earlier run made was looked for, and so long that no list hides it any
	 * more: make it now. */
	bool certain;
	/* power */
	bool on;

	/* state, power, remove: which one. create and state set it; owned. For remove `wanted` may
	 * be the thing's own record: one that was "created" a moment ago and is not known
	 * everywhere yet is not taken for gone. */
	char *id;

	/* Answers. */
	json_t *record;   /* create, state: the machine as it is, owned; NULL: there is none (any
			   * more, or yet) */
	bool made;        /* create, image, copy: by this call; else an earlier run had made it */
	bool no_capacity; /* create: refused for want of machines: another zone or size may do */
	bool ready;       /* state: started, and it has the addresses that it will have */
	/* create: it may have been made, now or by an earlier run, and a list that lags may hide
	 * it. Ask state for a while, then create again with `certain`. remove: not yet, something
	 * is being done to it: try again. */
	bool unclear;
	struct failure failure;

	unsigned silent; /* for cloud_await(): rounds in a row in which nobody was there */
	void *ctx;       /* the caller's */
	void *private;   /* the driver's: freed by cloud_item_free() */
};

struct cloud_driver {
	const char *provider; /* as in records */
	/* Reads configuration and credentials, asks nobody; NULL with f (78). SLUICE_ACCOUNT is
	 * looked at before the first request (79). */
	struct cloud *(*open)(struct http *engine, struct failure *f);
	void (*close)(struct cloud *c);
	/* The account's id, NULL while it is not known. */
	const char *(*account)(struct cloud *c);
	/* The same, asked for when it is not known; NULL with f. Not from a callback. NULL:
	 * account() knows all that there is to know. */
	const char *(*who)(struct cloud *c, struct failure *f);

	void (*list)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	void (*create)(struct cloud_item *const *items, size_t n,
		       void (*done)(struct cloud_item *));
	/* One round for all that are pending. */
	void (*state)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	void (*power)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* What is not there any more is removed. */
	void (*remove)(struct cloud_item *const *items, size_t n,
		       void (*done)(struct cloud_item *));

	/* What follows is NULL where a cloud has no such thing. */

	/* The one image that a source means. wanted: a record with source_image (id, slug or name;
	 * a name is the account's own unless source says an owner) or source
	 * {owner,name,family,architecture} (name with * and ?: the newest); record: the `image`;
	 * failure 1, "no-match". */
	void (*find)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* An image of machine `id`. wanted: an `image` record with name, description, tags, run,
	 * distribution, architecture, and "machine", its id, for `state` without an id. First finds
	 * what an earlier run made of the same name and run (one of another run is a refusal,
	 * "name-taken"); record: as it is, mostly pending. Unclear as for create: then `id` is
	 * still the machine's. Then `state` with kind CLOUD_IMAGES and the id (or, without one,
	 * wanted's name: record NULL when there is none) until it is available or failed (failure
	 * says why). `id` becomes the image's. */
	void (*image)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* A copy of image wanted.source.id in wanted.source.region to `region`: wanted as for
	 * image, besides encrypted, kms_key. First finds a copy made already. Then as for image. */
	void (*copy)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* Lets accounts use image `id`: wanted: an image record with "share_with":[accounts]. What
	 * is missing (image, snapshot or key permission) is named by the failure. Twice is as once.
	 */
	void (*share)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* Who uses image `id` (same account and region): record {"used_by":[{"kind","id","name"}]}.
	 */
	void (*users)(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
	/* The ssh host keys that machine `id` told on its console: record
	 * {"host_keys":["ssh-ed25519 AAAA…"]}, NULL: not yet. */
	void (*host_keys)(struct cloud_item *const *items, size_t n,
			  void (*done)(struct cloud_item *));
	enum cloud_image_of image_of;
	bool groups;       /* a machine is reached only through a security group */
	bool everywhere;   /* one list has the things of all regions */
	bool keys_by_name; /* a machine takes its keys by name, not by id */
	const char *login; /* the user that keys let in when nothing else is said; NULL: depends */
};

/* A whole `list` verb: the input first if there is one, then all records of this kind; what could
 * not be read is a `target` with error: "cannot list THINGS". */
void cloud_list(const struct cloud_driver *driver, enum cloud_kind kind, const char *things,
		struct rec_io *io, struct http *engine, bool after_input);

extern const struct cloud_driver cloud_aws, cloud_digitalocean;

void cloud_item_free(struct cloud_item *item); /* its answers, id and private; not the struct */
/* Forgets the answers of the verb before, keeps id and private. */
void cloud_item_again(struct cloud_item *item);

#endif
