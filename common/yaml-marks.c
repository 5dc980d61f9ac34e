/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>

#include "mem.h"
#include "yaml-marks.h"

void marks_add(struct marks *m, json_t *value, size_t line, size_t column)
{
	if (json_is_null(value))
		return;
	if (m->n == m->room) {
		m->room = m->room ? 2 * m->room : 64;
		m->all = mem_grow(m->all, m->room, sizeof(*m->all));
	}
	m->all[m->n++] = (struct mark){json_incref(value), line, column};
}

static int by_value(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct mark *)a)->value;
	uintptr_t y = (uintptr_t)((const struct mark *)b)->value;

	return (x > y) - (x < y);
}

void marks_sort(struct marks *m)
{
	if (m->n)
		qsort(m->all, m->n, sizeof(*m->all), by_value);
}

const struct mark *marks_find(const struct marks *m, const json_t *value)
{
	struct mark key = {.value = (json_t *)value};

	return m->n ? bsearch(&key, m->all, m->n, sizeof(*m->all), by_value) : NULL;
}

void marks_free(struct marks *m)
{
	for (size_t i = 0; i < m->n; i++)
		json_decref(m->all[i].value);
	free(m->all);
	*m = (struct marks){0};
}
