/* SPDX-License-Identifier: ISC
 * How what was made by a run, and for a while, is known again: by the tags "sluice:run:RUN" and
 * "sluice:expires:SECONDS" (since 1970); where nothing can be tagged (ssh keys) by the same words
 * behind its name: "NAME sluice:run:RUN sluice:expires:SECONDS". */
#ifndef SLUICE_DO_MARKS_H
#define SLUICE_DO_MARKS_H

#include <jansson.h>
#include <stdbool.h>

#include "../cloud.h"

/* "sluice:run:RUN": of the record's own run, else of the process's. Caller frees. */
char *do_run_tag(const json_t *wanted);
/* "sluice:expires:SECONDS", NULL for what is to stay. Caller frees. */
char *do_expires_tag(const json_t *wanted);
/* Sets "run" and "expires" by a list of tags. */
void do_marks_read(json_t *record, const json_t *tags);
/* The tags that people gave, as an object (new reference); ours are told by their members. */
json_t *do_tags_shown(const json_t *tags);

/* The name that goes over the wire, and back: sets "name", "run", "expires". Caller frees. */
char *do_marked_name(const json_t *wanted);
void do_marked_name_read(json_t *record, const char *name);

/* Whether a list that was asked for by item's region, run, name and temporary has this record. */
bool do_is_asked_for(const struct cloud_item *item, const json_t *record);
/* Whether a list of regions has this one. */
bool do_in_region(const json_t *regions, const char *region);

#endif
