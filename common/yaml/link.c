/* SPDX-License-Identifier: ISC
 * What else there is to know of a tree's nodes, so that many paths are as fast as one. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "yaml/tree.h"

/* A map's number, and a name in it. */
static void name_of(struct buf *out, uint32_t map, const char *name)
{
	buf_clear(out);
	buf_add(out, &map, sizeof(map));
	buf_str(out, name);
}

static void link_keys(struct tree *t)
{
	struct buf name = {0};
	uint32_t *last = mem_alloc((t->n + 1) * sizeof(*last));

	t->named = mem_alloc((t->n + 1) * sizeof(*t->named));
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t had = t->names.n, number;

		if (!t->nodes[i].key || t->nodes[i].kind != TREE_SCALAR)
			continue;
		name_of(&name, t->nodes[i].parent, t->nodes[i].text);
		number = intern_add(&t->names, name.data, name.len);
		if (number == had)
			t->named[number] = i;
		else
			t->nodes[last[number]].same = i;
		last[number] = i;
	}
	free(last);
	buf_free(&name);
}

/* An alias stands for the last node before it that has its name, in its document. */
static void link_aliases(struct tree *t)
{
	struct intern names = {0};
	uint32_t *anchored = NULL;

	for (uint32_t i = 0; i < t->n; i++) {
		struct tree_node *n = &t->nodes[i];
		uint32_t had, number;

		if (n->depth == 1)
			intern_free(&names);
		if (n->kind == TREE_ALIAS) {
			number = intern_find(&names, n->text, strlen(n->text));
			if (number == INTERN_NONE)
				continue;
			n->target = anchored[number];
			t->nodes[n->target].uses++;
		} else if (n->anchor) {
			had = names.n;
			number = intern_add(&names, n->anchor, strlen(n->anchor));
			if (number == had)
				anchored = mem_grow(anchored, names.n, sizeof(*anchored));
			anchored[number] = i;
		}
	}
	intern_free(&names);
	free(anchored);
}

static void find_lines(struct tree *t)
{
	const char *newline = t->text + t->bom - 1, *end = t->text + t->len;
	size_t room = 0;

	do {
		if (t->n_lines == room) {
			room = room ? 2 * room : 64;
			t->lines = mem_grow(t->lines, room, sizeof(*t->lines));
		}
		t->lines[t->n_lines++] = (size_t)(newline + 1 - t->text);
	} while ((newline = memchr(newline + 1, '\n', (size_t)(end - newline - 1))));
}

void tree_link(struct tree *t)
{
	find_lines(t);
	link_keys(t);
	link_aliases(t);
}

void tree_unlink(struct tree *t)
{
	intern_free(&t->names);
	free(t->named);
	free(t->lines);
}

uint32_t tree_key(const struct tree *t, uint32_t map, const char *name)
{
	struct buf text = {0};
	uint32_t number;

	name_of(&text, map, name);
	number = intern_find(&t->names, text.data, text.len);
	buf_free(&text);
	return number == INTERN_NONE ? TREE_NONE : t->named[number];
}
