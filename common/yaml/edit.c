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

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void edit_apply(struct buf *out, const struct tree *t, struct edit *edits, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++)
		edits[i].order = i;
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

/* Finds the children's partners; a map may have more of them behind. */
static bool pair_children(const struct tree *before, const struct tree *after, uint32_t node,
			  uint32_t *partners)
{
	const struct tree_node *a = &before->nodes[node], *b = &after->nodes[partners[node]];
	uint32_t other = b->first;

	for (uint32_t child = a->first; child != TREE_NONE; child = before->nodes[child].next) {
		if (other == TREE_NONE)
			return false;
		partners[child] = other;
		other = after->nodes[other].next;
	}
	return other == TREE_NONE || a->kind == TREE_MAP || tree_is_null(before, node) ||
	       (a->kind == TREE_STREAM && !a->n_children);
}

bool edit_adds(const struct tree *before, const struct tree *after)
{
	uint32_t *partners = mem_alloc(before->n * sizeof(*partners));
	bool good = after->n > before->n;

	for (uint32_t i = 0; i < before->n && good; i++) {
		const struct tree_node *a = &before->nodes[i], *b = &after->nodes[partners[i]];

		good = (same(a, b) || (tree_is_null(before, i) && b->kind == TREE_MAP)) &&
		       pair_children(before, after, i, partners);
	}
	free(partners);
	return good;
}
