/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "intern.h"
#include "mem.h"

struct intern_key {
	size_t at;
	uint32_t len, hash;
};

/* FNV-1a from a start that differs by process: what others name must not make us slow. */
static uint32_t hash_of(const void *data, size_t len)
{
	static uint64_t start;
	const unsigned char *bytes = data;
	uint64_t hash;

	if (!start) {
		const void *random = (const void *)getauxval(AT_RANDOM);

		if (random)
			memcpy(&start, random, sizeof(start));
		start |= 1;
	}
	hash = start;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 1099511628211U;
	return (uint32_t)(hash ^ hash >> 32);
}

static uint32_t *slot_of(const struct intern *in, const void *data, size_t len, uint32_t hash)
{
	uint32_t at = hash & (in->n_slots - 1);

	for (; in->slots[at] != INTERN_NONE; at = (at + 1) & (in->n_slots - 1)) {
		const struct intern_key *k = &in->keys[in->slots[at]];

		if (k->hash == hash && k->len == len && !memcmp(in->all.data + k->at, data, len))
			break;
	}
	return &in->slots[at];
}

/* Doubles the slots; there are always as many free ones as used. */
static void grow(struct intern *in)
{
	in->n_slots = in->n_slots ? 2 * in->n_slots : 16;
	in->slots = mem_grow(in->slots, in->n_slots, sizeof(*in->slots));
	memset(in->slots, 0xff, in->n_slots * sizeof(*in->slots));
	in->keys = mem_grow(in->keys, in->n_slots / 2, sizeof(*in->keys));
	for (uint32_t i = 0; i < in->n; i++) {
		uint32_t at = in->keys[i].hash & (in->n_slots - 1);

		while (in->slots[at] != INTERN_NONE)
			at = (at + 1) & (in->n_slots - 1);
		in->slots[at] = i;
	}
}

uint32_t intern_add(struct intern *in, const void *data, size_t len)
{
	uint32_t hash = hash_of(data, len), *slot;

	if (2 * in->n >= in->n_slots)
		grow(in);
	slot = slot_of(in, data, len, hash);
	if (*slot == INTERN_NONE) {
		in->keys[in->n] = (struct intern_key){in->all.len, (uint32_t)len, hash};
		buf_add(&in->all, data, len);
		buf_char(&in->all, '\0');
		*slot = in->n++;
	}
	return *slot;
}

uint32_t intern_find(const struct intern *in, const void *data, size_t len)
{
	return in->n ? *slot_of(in, data, len, hash_of(data, len)) : INTERN_NONE;
}

const char *intern_text(const struct intern *in, uint32_t number, size_t *len)
{
	if (len)
		*len = in->keys[number].len;
	return in->all.data + in->keys[number].at;
}

void intern_free(struct intern *in)
{
	buf_free(&in->all);
	free(in->keys);
	free(in->slots);
	*in = (struct intern){0};
}
