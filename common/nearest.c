/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "nearest.h"

enum { MOST = 3, LONGEST = 80, LEAST_PERCENT = 45 };

/* The length of the longest common subsequence, case ignored. */
static size_t common(const char *a, const char *b)
{
	size_t row[LONGEST + 1] = {0}, b_len = strnlen(b, LONGEST);

	for (size_t i = 0; a[i] && i < LONGEST; i++) {
		size_t corner = 0;

		for (size_t j = 0; j < b_len; j++) {
			size_t above = row[j + 1];

			if (tolower((unsigned char)a[i]) == tolower((unsigned char)b[j]))
				row[j + 1] = corner + 1;
			else if (row[j] > above)
				row[j + 1] = row[j];
			corner = above;
		}
	}
	return row[b_len];
}

static bool ends_part(char c)
{
	return c == '\0' || c == '-';
}

/* Whether the name is one of the parts between dashes: "1gb" of "s-1vcpu-1gb". */
static bool is_part(const char *name, const char *of)
{
	size_t len = strlen(name);
	const char *at = of;

	while (len && (at = strstr(at, name))) {
		if ((at == of || at[-1] == '-') && ends_part(at[len]))
			return true;
		at++;
	}
	return false;
}

/* 0 to 100, more for a common beginning, or if it is a part. */
static size_t likeness(const char *name, const char *other)
{
	size_t all = strnlen(name, LONGEST) + strnlen(other, LONGEST), begin = 0;

	while (name[begin] && name[begin] == other[begin])
		begin++;
	if (is_part(name, other))
		return 100;
	return all ? (200 * common(name, other) + 40 * begin) / (all + begin) : 0;
}

char *nearest(const char *name, const json_t *names)
{
	const char *best[MOST] = {NULL};
	size_t score[MOST] = {0}, i, n = 0;
	struct buf text = {0};
	json_t *value;

	json_array_foreach(names, i, value) {
		const char *other = json_string_value(value);
		size_t like = other ? likeness(name, other) : 0, at = MOST;

		while (at && like > score[at - 1])
			at--;
		if (like < LEAST_PERCENT || at == MOST)
			continue;
		memmove(best + at + 1, best + at, (MOST - 1 - at) * sizeof *best);
		memmove(score + at + 1, score + at, (MOST - 1 - at) * sizeof *score);
		best[at] = other;
		score[at] = like;
	}
	while (n < MOST && best[n])
		n++;
	for (i = 0; i < n; i++)
		buf_fmt(&text, "%s'%s'", !i ? "" : i + 1 == n ? " or " : ", ", best[i]);
	return n ? buf_take(&text) : NULL;
}
