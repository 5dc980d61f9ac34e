/* SPDX-License-Identifier: ISC
 * "Did you mean": the names of a list that are most like one that is not in it. */
#ifndef SLUICE_NEAREST_H
#define SLUICE_NEAREST_H

#include <jansson.h>
#include <stddef.h>

/* At most three strings of `names` (an array), the most alike first: "'a', 'b' or 'c'"; NULL when
 * none is like it. Caller frees. */
char *nearest(const char *name, const json_t *names);

#endif
