/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "yaml/edit.h"

static size_t width(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

/* A comment that stands in a column, by two spaces or more, stays in it. */
static void keep_column(const struct tree *t, struct edit *e, struct buf *text)
{
	size_t spaces = strspn(t->text + e->end, " "),
	       before = width(t->text + e->start, e->end - e->start);
	size_t now = width(text->data, text->len);
	size_t wanted = before + spaces > now ? before + spaces - now : 2;

	if (spaces < 2 || t->text[e->end + spaces] != '#' || before == now ||
	    memchr(t->text + e->start, '\n', e->end - e->start))
		return;
	e->end += spaces;
	while (wanted--)
		buf_char(text, ' ');
}

struct edit edit_scalar(const struct tree *t, uint32_t node, const struct edit_value *value)
{
	const struct tree_node *n = &t->nodes[node];
	struct edit e = {.start = n->start, .end = n->end, .node = node, .says = value->text};
	bool flow = t->nodes[n->parent].style == TREE_FLOW;
	struct buf text = {0};

	if (n->start == n->end && t->text[n->start - 1] == ':')
		buf_char(&text, ' ');
	edit_spell(&text, t, value, n->style, flow, n->text);
	keep_column(t, &e, &text);
	e.text = buf_take(&text);
	return e;
}

static int by_start(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

void edit_apply(struct buf *out, const struct tree *t, struct edit *edits, size_t n)
{
	size_t at = 0;

	if (n)
		qsort(edits, n, sizeof(*edits), by_start);
	buf_reserve(out, t->len);
	for (size_t i = 0; i < n; i++) {
		buf_add(out, t->text + at, edits[i].start - at);
		buf_str(out, edits[i].text);
		at = edits[i].end;
	}
	buf_add(out, t->text + at, t->len - at);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_form(const struct tree_node *a, const struct tree_node *b)
{
	return a->kind == b->kind && a->depth == b->depth && a->odd_tag == b->odd_tag &&
	       same_text(a->anchor, b->anchor);
}

static bool same(const struct tree_node *a, const struct tree_node *b)
{
	return same_form(a, b) && a->style == b->style && same_text(a->text, b->text);
}

bool edit_holds(const struct tree *before, const struct tree *after, const struct edit *edits,
		size_t n)
{
	size_t next = 0;

	if (before->n != after->n)
		return false;
	for (uint32_t i = 0; i < before->n; i++) {
		const struct tree_node *a = &before->nodes[i], *b = &after->nodes[i];

		if (next < n && edits[next].node == i) {
			if (!same_form(a, b) || !same_text(b->text, edits[next].says))
				return false;
			next++;
		} else if (!same(a, b)) {
			return false;
		}
	}
	return next == n;
}

/* A null may have become a map. */
bool edit_adds(const struct tree *before, const struct tree *after)
{
	uint32_t begin = 0, end = 0, replaced;

	if (after->n <= before->n)
		return false;
	while (begin < before->n && same(&before->nodes[begin], &after->nodes[begin]))
		begin++;
	while (begin + end < before->n &&
	       same(&before->nodes[before->n - 1 - end], &after->nodes[after->n - 1 - end]))
		end++;
	replaced = before->n - begin - end;
	return !replaced || (replaced == 1 && tree_is_null(before, begin));
}
