/* SPDX-License-Identifier: ISC
 * The steps of img-copy. */
#ifndef IMG_COPY_H
#define IMG_COPY_H

#include <stdint.h>

#include "batch.h"
#include "cloud-all.h"

struct options {
	struct batch_options batch;
	const char **regions; /* where to; each once */
	json_t *keys;         /* region → key */
	json_t *accounts;     /* to share with */
	size_t n_regions;
	bool encrypt;
	int64_t limit_ms, interval_ms;
};

struct source {
	struct batch_work *work;
	struct rec_io *io;
	struct cloud_item item;
	json_t *live; /* as it is in the cloud */
	json_t *share_with;
	bool good; /* to be copied */
};

/* One image in one more region. */
struct copy {
	struct source *of;
	const char *region;
	struct batch_work *stands; /* a record of the input that is this copy; NULL: none */
	struct cloud_item item;
	json_t *wanted;
	json_t *is;  /* as it is in the cloud; NULL: nothing is known of it */
	bool there;  /* by an earlier run */
	bool unseen; /* it could not be looked at: item's failure */
	bool seen;   /* while it was waited for */
	int looks;   /* for what an earlier call may have begun */
};

struct copying {
	const struct options *o;
	struct batch batch;
	struct cloud_accounts accounts;
	struct source *sources;
	struct copy *copies; /* by source, then as the regions were given */
	size_t n_sources, n_copies;
};

/* read.c: what is to be copied where. */
void copying_read(struct copying *c);
/* look.c: what is there already; plans. */
void copying_look(struct copying *c);
/* region.c: says so where a region could not be looked at because it is not there (65), or not
 * switched on. */
void copying_judge_regions(struct copying *c);
/* act.c: starts all, waits for all, shares them. */
void copying_act(struct copying *c);
/* write.c: the records of the copies, behind their source's or in the place of those that stand
 * for them. */
void copying_write(struct copying *c);

/* Whether this is what the image was copied from itself. */
bool copying_is_first(const struct copy *copy, const json_t *is);
/* To be encrypted, but it is there, and is not. */
bool copying_is_bare(const struct copy *copy);
/* The text of a member, NULL when there is none. */
const char *copying_text(const json_t *object, const char *key);

#endif
