/* SPDX-License-Identifier: ISC
 * JSON as text: where a value ends, its compact form, the members of an object. It frames what
 * Jansson then parses; it judges nothing itself. */
#ifndef SLUICE_JSON_TEXT_H
#define SLUICE_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Progress of a scan over one value whose text comes in pieces. {0} at the value's first byte. */
struct json_scan {
	size_t at; /* bytes looked at */
	unsigned depth;
	bool string, escape;
	bool newline; /* a raw line break in a string: the value is broken at `at` */
};

/* Looks on from s->at in text (the value's first byte at text[0]). True when the value's end is
 * known: s->at is its length, or newline is set. `eof`: no more text will come. */
bool json_scan(struct json_scan *s, const char *text, size_t len, bool eof);

/* Copies text without white space outside strings; returns the length. `to` has room for len + 1.
 */
size_t json_compact(char *to, const char *text, size_t len);

struct json_member {
	const char *key, *value; /* as written: key with its quotes */
	size_t key_len, value_len;
};

/* The next top-level member of an object's text, compact or not; *at is 0 at first, then behind the
 * member's value. False at the end. */
bool json_member(const char *text, size_t len, size_t *at, struct json_member *member);

#endif
