/* SPDX-License-Identifier: ISC
 * The parts of `rm`. */
#ifndef RM_H
#define RM_H

#include <stdbool.h>
#include <stddef.h>

#include "reap.h"

struct thing {
	struct removal *all;
	struct batch_work *work;
	json_t *record; /* as it was read; stays when work->rec is written */
	json_t
	    *named; /* its name alone: that it is there is seen, not told from when it was made */
	int rank;
	struct cloud_item item;
	bool looks;            /* it is looked at */
	bool waits;            /* to be removed */
	int remains;           /* it is still there: the status of why */
	struct failure unseen; /* it could not be looked at: told at last */
	char *said;            /* why it is not removed yet */
};

struct removal {
	struct reap *reap;
	struct batch batch;
	struct thing *things;
	size_t n;
};

/* It is removed, or has failed: writes it in its turn. */
void thing_settle(struct thing *t);
/* remove.c: removes all that waits, in the safe order. */
void remove_all(struct removal *all);

#endif
