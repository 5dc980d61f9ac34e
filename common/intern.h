/* SPDX-License-Identifier: ISC
 * Byte strings as numbers: each distinct one gets the next, from 0. The hash table behind joins.
 * `struct intern in = {0};` is empty. */
#ifndef SLUICE_INTERN_H
#define SLUICE_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define INTERN_NONE UINT32_MAX

struct intern {
	uint32_t n;     /* how many there are */
	struct buf all; /* private from here on */
	struct intern_key *keys;
	uint32_t *slots, n_slots;
};

/* The number of this string, a new one if it was not there. */
uint32_t intern_add(struct intern *in, const void *data, size_t len);
/* The number of this string; INTERN_NONE: it is not there. */
uint32_t intern_find(const struct intern *in, const void *data, size_t len);
/* The string of a number, terminated; valid until the next intern_add(). */
const char *intern_text(const struct intern *in, uint32_t number, size_t *len);
void intern_free(struct intern *in); /* back to {0} */

#endif
