/* SPDX-License-Identifier: ISC
 * Changing JSON as text, so that what is not changed keeps its spelling. All texts have been
 * parsed before. */
#ifndef SLUICE_JSON_EDIT_H
#define SLUICE_JSON_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "json-text.h"

/* Whether the member has this key, however it is escaped. */
bool json_key_is(const struct json_member *member, const char *key);
bool json_same_key(const struct json_member *a, const struct json_member *b);
/* The member with this key of an object's text; of several the last, as in a parse. */
bool json_find(const char *text, size_t len, const char *key, struct json_member *member);
/* Adds TEXT as a JSON string. */
void json_quote(struct buf *out, const char *text);
/* Adds a compact object's text with one member set to the value's text: in its place, or last. */
void json_put(struct buf *out, const char *text, size_t len, const char *key, const char *value,
	      size_t value_len);
/* Adds a compact object's text without this member. */
void json_remove(struct buf *out, const char *text, size_t len, const char *key);
/* Adds a compact text on several lines: `unit` is one step to the right, `base` stands at the
 * begin of every line but the first. */
void json_indent(struct buf *out, const char *text, size_t len, const char *unit, const char *base);

#endif
