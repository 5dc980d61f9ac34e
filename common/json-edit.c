/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "json-edit.h"
#include "mem.h"

static json_t *decode_key(const struct json_member *m)
{
	return json_loadb(m->key, m->key_len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

bool json_key_is(const struct json_member *m, const char *key)
{
	size_t len = strlen(key);
	json_t *decoded;
	bool same;

	if (!memchr(m->key, '\\', m->key_len))
		return m->key_len == len + 2 && !memcmp(m->key + 1, key, len);
	decoded = decode_key(m);
	same = decoded && !strcmp(json_string_value(decoded), key);
	json_decref(decoded);
	return same;
}

bool json_same_key(const struct json_member *a, const struct json_member *b)
{
	json_t *x, *y;
	bool same;

	if (a->key_len == b->key_len && !memcmp(a->key, b->key, a->key_len))
		return true;
	if (!memchr(a->key, '\\', a->key_len) && !memchr(b->key, '\\', b->key_len))
		return false;
	x = decode_key(a);
	y = decode_key(b);
	same = x && y && json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

bool json_find(const char *text, size_t len, const char *key, struct json_member *member)
{
	struct json_member m;
	bool found = false;
	size_t at = 0;

	while (json_member(text, len, &at, &m))
		if (json_key_is(&m, key)) {
			*member = m;
			found = true;
		}
	return found;
}

void json_quote(struct buf *out, const char *text)
{
	json_t *string = json_string(text);
	char *quoted = json_dumps(string, JSON_ENCODE_ANY);

	if (!quoted)
		mem_out();
	buf_str(out, quoted);
	free(quoted);
	json_decref(string);
}

static void add_member(struct buf *out, const struct json_member *m, bool *first)
{
	buf_char(out, *first ? '{' : ',');
	buf_add(out, m->key, m->key_len);
	buf_char(out, ':');
	buf_add(out, m->value, m->value_len);
	*first = false;
}

void json_put(struct buf *out, const char *text, size_t len, const char *key, const char *value,
	      size_t value_len)
{
	struct json_member m;
	bool first = true, done = false;
	size_t at = 0;

	while (json_member(text, len, &at, &m)) {
		if (json_key_is(&m, key)) {
			if (done)
				continue;
			m.value = value;
			m.value_len = value_len;
			done = true;
		}
		add_member(out, &m, &first);
	}
	if (!done) {
		buf_char(out, first ? '{' : ',');
		json_quote(out, key);
		buf_char(out, ':');
		buf_add(out, value, value_len);
	}
	buf_char(out, '}');
}

void json_remove(struct buf *out, const char *text, size_t len, const char *key)
{
	struct json_member m;
	bool first = true;
	size_t at = 0;

	while (json_member(text, len, &at, &m))
		if (!json_key_is(&m, key))
			add_member(out, &m, &first);
	buf_str(out, first ? "{}" : "}");
}

static void new_line(struct buf *out, const char *unit, const char *base, unsigned depth)
{
	buf_char(out, '\n');
	buf_str(out, base);
	while (depth--)
		buf_str(out, unit);
}

static size_t string_end(const char *text, size_t len, size_t at)
{
	for (at++; at < len && text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at < len ? at + 1 : len;
}

void json_indent(struct buf *out, const char *text, size_t len, const char *unit, const char *base)
{
	unsigned depth = 0;

	for (size_t at = 0; at < len; at++) {
		char c = text[at];

		if (c == '"') {
			size_t end = string_end(text, len, at);

			buf_add(out, text + at, end - at);
			at = end - 1;
		} else if ((c == '{' || c == '[') && at + 1 < len && text[at + 1] == c + 2) {
			buf_add(out, text + at++, 2);
		} else if (c == '{' || c == '[') {
			buf_char(out, c);
			new_line(out, unit, base, ++depth);
		} else if (c == '}' || c == ']') {
			new_line(out, unit, base, --depth);
			buf_char(out, c);
		} else if (c == ',') {
			buf_char(out, c);
			new_line(out, unit, base, depth);
		} else {
			buf_char(out, c);
			if (c == ':')
				buf_char(out, ' ');
		}
	}
}
