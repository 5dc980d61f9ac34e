/* SPDX-License-Identifier: ISC
 * The hash of a process's input, by which a replay finds its recording. What a replay cannot know
 * is left out: user data (it may carry keys) and what signs a request. */
#ifndef SLUICE_TRACE_INPUT_H
#define SLUICE_TRACE_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input_hash {
	uint64_t hash;   /* FNV-1a */
	char tail[128];  /* the last bytes, lower-case, no white space */
	size_t len;      /* of tail */
	const char *end; /* inside what is left out: the bytes that end it */
	int escaped;
};

uint64_t fnv(uint64_t hash, const char *text, size_t len);
#define FNV_START 14695981039346656037u
void input_hash_add(struct input_hash *h, const char *text, size_t len);

#endif
