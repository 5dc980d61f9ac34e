/* SPDX-License-Identifier: ISC
 * The frame of a command that changes something: it reads its whole input, looks at all of it,
 * and acts only if nothing of it is wrong and no guard refuses (sluice(7), RECORDS). */
#ifndef SLUICE_CHANGE_H
#define SLUICE_CHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "guard.h"
#include "rec.h"

struct change_item {
	struct rec *rec;
	bool ours;    /* the filter acts on it; else it passes */
	json_t *plan; /* what would be done for it, see plan.h; NULL: nothing was planned */
	struct failure failure;
	void *own; /* the filter's */
};

struct change {
	struct rec_io *io;
	const char *things; /* "keys": for the guards' messages */
	bool deletes;       /* nothing selected is refused */
	bool dry;           /* -n, or a planned record came */
	const char *plan;   /* --plan FILE */
	struct guard guard;
	json_t *reviewed; /* of FILE */
	struct change_item *items;
	size_t n;
};

/* Reads --plan's FILE: one that is not there, or wrong, ends the process. To be called before
 * anything is asked. */
void change_begin(struct change *c);
/* Adds all that io has to read. */
void change_read(struct change *c);
/* Adds a record that was made here, whose reference it takes over. */
struct change_item *change_add(struct change *c, json_t *json);
/* After all was looked at: whether to act. If not, the items that are not wrong themselves have
 * failed with "not-attempted" (under -n each is judged on its own), and it was said why. */
bool change_allowed(struct change *c);
/* Writes an item, its plan before it when dry, and releases it. */
void change_write(struct change *c, struct change_item *item);
void change_end(struct change *c);

#endif
