/* SPDX-License-Identifier: ISC
 * Lists of numbers, one for each number of another kind (as intern.h gives them): "the machines of
 * an address". Eight bytes an entry. `struct lists l = {0};` is empty. */
#ifndef SLUICE_LISTS_H
#define SLUICE_LISTS_H

#include <stdint.h>

#define LISTS_END UINT32_MAX

struct lists {
	struct lists_entry *entries; /* all private */
	struct lists_ends *ends;
	uint32_t n_entries, room, n_ends;
};

/* Adds a value at the end of the owner's list. */
void lists_add(struct lists *l, uint32_t owner, uint32_t value);
/* The same, unless it is the last one already. */
void lists_add_once(struct lists *l, uint32_t owner, uint32_t value);
/* Its first entry, the one after an entry; LISTS_END at the end. */
uint32_t lists_first(const struct lists *l, uint32_t owner);
uint32_t lists_next(const struct lists *l, uint32_t entry);
uint32_t lists_value(const struct lists *l, uint32_t entry);
void lists_free(struct lists *l); /* back to {0} */

#endif
