/* SPDX-License-Identifier: ISC
 * What a changing command is about to do, as `plan` records: shown by -n, held against --plan FILE,
 * counted by the guards. A plan is a JSON array of them. */
#ifndef SLUICE_PLAN_H
#define SLUICE_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "rec.h"

/* Appends {"kind":"plan","action","target","provider","region","name","id","before","after",
 * "because"}. Strings and before/after may be NULL (null, left out); takes over the references. */
void plan_add(json_t *plan, const char *action, const char *target, const char *provider,
	      const char *region, const char *name, const char *id, json_t *before, json_t *after,
	      const char *because);
/* How many of its records change something of this kind (NULL: of any kind). */
size_t plan_changes(const json_t *plan, const char *target);
void plan_emit(struct rec_io *io, const json_t *plan);

/* The plan records in FILE, the output of an earlier -n; NULL with f (66, 65). */
json_t *plan_read(const char *path, struct failure *f);
/* Whether every change of `plan` is named in `reviewed`: same action, target, region, name, id and
 * `after`, null there matching anything. Else false, f: 79, code "not-planned". */
bool plan_allowed(const json_t *plan, const json_t *reviewed, struct failure *f);
/* Whether `plan` has a conflict, and each of its conflicts is named in `reviewed`. */
bool plan_knows_conflict(const json_t *plan, const json_t *reviewed);

/* Whether the record makes its reader dry: a `plan`, or one with "planned":true. */
bool plan_makes_dry(const struct rec *r);

#endif
