/* SPDX-License-Identifier: ISC
 * Where the values of a document stand in its text. */
#ifndef SLUICE_YAML_MARKS_H
#define SLUICE_YAML_MARKS_H

#include <jansson.h>
#include <stddef.h>

struct mark {
	json_t *value;       /* held: what is gone must not lend its address to another */
	size_t line, column; /* from 1 */
};

/* {0} is empty. */
struct marks {
	struct mark *all;
	size_t n, room;
};

/* Null, which is one value for all, has no place. */
void marks_add(struct marks *m, json_t *value, size_t line, size_t column);
/* When all are there. */
void marks_sort(struct marks *m);
/* NULL: not there. Sorted before. */
const struct mark *marks_find(const struct marks *m, const json_t *value);
void marks_free(struct marks *m);

#endif
