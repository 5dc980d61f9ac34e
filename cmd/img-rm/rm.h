/* SPDX-License-Identifier: ISC
 * The steps of img-rm. */
#ifndef IMG_RM_H
#define IMG_RM_H

#include <stdint.h>

#include "batch.h"
#include "cloud-all.h"

struct options {
	struct batch_options batch;
	const char *cloud, *region;
	int64_t limit_ms, interval_ms;
	bool force, skip_used;
	char **ids;
};

struct removal {
	const struct options *o;
	struct batch batch;
	struct cloud_accounts accounts;
	struct gone {
		struct batch_work *work;
		struct cloud_item item;
		json_t *there; /* while it is looked at: as it is; NULL: gone already */
		json_t *left;  /* of what is gone already: the record, its "snapshots" those that
				* are there; NULL: it is not gone */
		bool goes;     /* is to be removed, or what is left of it */
	} * list;
	size_t n;
};

/* left.c: fills `left` of those that are gone, or their item's failure. */
void removal_look_left(struct removal *r);
/* look.c: what is there and who uses it, as plans and failures. */
void removal_look(struct removal *r);
/* Removes what goes. */
void removal_act(struct removal *r);

#endif
