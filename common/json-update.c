/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-edit.h"
#include "json-update.h"
#include "mem.h"

/* How the members of an object are set apart: `", `, `\n    , `, … */
struct style {
	const char *before; /* what stands in front of a key: separator and white space */
	size_t before_len;
	const char *colon;
	size_t colon_len;
	bool comma;           /* before has the comma */
	char base[JSON_BASE]; /* the indentation of the line */
	bool lines;           /* a line each */
};

static json_t *parse(const char *text, size_t len)
{
	return json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static bool same_value(const struct json_member *a, const struct json_member *b)
{
	json_auto_t *x = parse(a->value, a->value_len), *y = parse(b->value, b->value_len);

	return x && y && json_equal(x, y);
}

static void note_style(struct style *s, const char *before, const struct json_member *m)
{
	s->before = before;
	s->before_len = (size_t)(m->key - before);
	s->comma = memchr(before, ',', s->before_len);
	s->lines = memchr(before, '\n', s->before_len);
	s->colon = m->key + m->key_len;
	s->colon_len = (size_t)(m->value - s->colon);
	json_base(before, s->before_len, s->base);
}

static void add_value(struct buf *out, const struct json_change *c, const struct style *s,
		      const char *unit)
{
	if (c->verbatim || !s->lines)
		buf_add(out, c->set.value, c->set.value_len);
	else
		json_indent(out, c->set.value, c->set.value_len, unit, s->base);
}

/* From the one behind the last hit, around. */
static struct json_change *find(struct json_change *changes, size_t n, size_t *next,
				const struct json_member *m)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = (*next + i) % n;

		if (json_same_key(&changes[at].set, m)) {
			*next = at + 1;
			return &changes[at];
		}
	}
	return NULL;
}

/* The members of an object that had none: a line each. */
static void fill(struct buf *out, const struct json_change *changes, size_t n, const char *unit,
		 const char *base)
{
	struct style s = {.lines = true};

	snprintf(s.base, sizeof(s.base), "%s%s", base, unit);
	for (size_t i = 0; i < n; i++) {
		buf_fmt(out, "%s\n%s", i ? "," : "", s.base);
		buf_add(out, changes[i].set.key, changes[i].set.key_len);
		buf_str(out, ": ");
		add_value(out, &changes[i], &s, unit);
	}
	buf_fmt(out, "\n%s", base);
}

static void append(struct buf *out, const struct json_change *c, const struct style *s,
		   const char *unit)
{
	if (!s->comma)
		buf_char(out, ',');
	buf_add(out, s->before, s->before_len);
	buf_add(out, c->set.key, c->set.key_len);
	buf_add(out, s->colon, s->colon_len);
	add_value(out, c, s, unit);
}

void json_update(struct buf *out, const char *text, size_t len, struct json_change *changes,
		 size_t n, const char *unit, const char *base)
{
	const char *from = memchr(text, '{', len);
	size_t at = (size_t)(from++ - text), next = 0;
	struct style s = {0};
	struct json_member m;

	buf_add(out, text, at + 1);
	for (size_t i = 0; i < n; i++)
		changes[i].done = false;
	while (json_member(text, len, &at, &m)) {
		struct json_change *c = find(changes, n, &next, &m);

		note_style(&s, from, &m);
		buf_add(out, from, (size_t)(m.value - from));
		if (c && (c->verbatim || !same_value(&c->set, &m)))
			add_value(out, c, &s, unit);
		else
			buf_add(out, m.value, m.value_len);
		if (c)
			c->done = true;
		from = text + at;
	}
	for (size_t i = 0; s.before && i < n; i++)
		if (!changes[i].done)
			append(out, &changes[i], &s, unit);
	if (!s.before && n) {
		fill(out, changes, n, unit, base);
		from = memchr(from, '}', (size_t)(text + len - from));
	}
	buf_add(out, from, (size_t)(text + len - from));
}

void json_base(const char *text, size_t at, char base[JSON_BASE])
{
	const char *newline = memrchr(text, '\n', at), *line = newline ? newline + 1 : text;
	size_t n = newline ? strspn(line, " \t") : 0;

	snprintf(base, JSON_BASE, "%.*s", (int)(n < JSON_BASE ? n : JSON_BASE - 1), line);
}

void json_unit(const char *text, size_t len, char unit[JSON_BASE])
{
	const char *newline = memchr(text, '\n', len);

	json_base(text, newline ? (size_t)(newline + 1 - text) : 0, unit);
	if (!*unit)
		memcpy(unit, "  ", 3);
}
