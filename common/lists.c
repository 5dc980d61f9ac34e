/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "lists.h"
#include "mem.h"

struct lists_entry {
	uint32_t value, next;
};

struct lists_ends {
	uint32_t first, last;
};

static struct lists_ends *ends_of(struct lists *l, uint32_t owner)
{
	if (owner >= l->n_ends) {
		uint32_t n = owner + owner / 2 + 16;

		l->ends = mem_grow(l->ends, n, sizeof(*l->ends));
		for (uint32_t i = l->n_ends; i < n; i++)
			l->ends[i] = (struct lists_ends){LISTS_END, LISTS_END};
		l->n_ends = n;
	}
	return &l->ends[owner];
}

void lists_add(struct lists *l, uint32_t owner, uint32_t value)
{
	struct lists_ends *ends = ends_of(l, owner);

	if (l->n_entries == l->room) {
		l->room += l->room / 2 + 16;
		l->entries = mem_grow(l->entries, l->room, sizeof(*l->entries));
	}
	l->entries[l->n_entries] = (struct lists_entry){value, LISTS_END};
	if (ends->first == LISTS_END)
		ends->first = l->n_entries;
	else
		l->entries[ends->last].next = l->n_entries;
	ends->last = l->n_entries++;
}

void lists_add_once(struct lists *l, uint32_t owner, uint32_t value)
{
	const struct lists_ends *ends = ends_of(l, owner);

	if (ends->first == LISTS_END || l->entries[ends->last].value != value)
		lists_add(l, owner, value);
}

uint32_t lists_first(const struct lists *l, uint32_t owner)
{
	return owner < l->n_ends ? l->ends[owner].first : LISTS_END;
}

uint32_t lists_next(const struct lists *l, uint32_t entry)
{
	return l->entries[entry].next;
}

uint32_t lists_value(const struct lists *l, uint32_t entry)
{
	return l->entries[entry].value;
}

void lists_free(struct lists *l)
{
	free(l->entries);
	free(l->ends);
	*l = (struct lists){0};
}
