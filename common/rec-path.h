/* SPDX-License-Identifier: ISC
 * What is at a dotted path of a record. */
#ifndef SLUICE_REC_PATH_H
#define SLUICE_REC_PATH_H

#include <jansson.h>

#include "buf.h"

/* As text for people: adds all values at the path, separated by commas: through objects by key
 * (which may have dots itself), through arrays by number, or into each element. Nothing is added
 * for null and where there is nothing; objects are added as JSON. */
void rec_path_text(struct buf *out, const json_t *json, const char *path);

/* The value at the path; NULL when there is none. Borrowed. */
const json_t *rec_path_value(const json_t *json, const char *path);

#endif
