/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "status.h"
#include "yaml/tree.h"

uint32_t tree_add(struct tree *t, uint32_t parent, const struct tree_node *node)
{
	struct tree_node *added, *above;
	uint32_t number = t->n;

	if (number == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->nodes = mem_grow(t->nodes, t->room, sizeof(*t->nodes));
	}
	added = &t->nodes[t->n++];
	*added = *node;
	added->parent = parent;
	added->first = added->last = added->next = TREE_NONE;
	added->same = added->target = TREE_NONE;
	added->n_children = 0;
	if (parent == TREE_NONE)
		return number;
	above = &t->nodes[parent];
	added->depth = above->depth + 1;
	added->key = above->kind == TREE_MAP && above->n_children % 2 == 0;
	if (above->n_children++)
		t->nodes[above->last].next = number;
	else
		above->first = number;
	above->last = number;
	return number;
}

void tree_free(struct tree *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		free(t->nodes[i].text);
		free(t->nodes[i].anchor);
	}
	free(t->nodes);
	tree_unlink(t);
	*t = (struct tree){0};
}

bool tree_parse(struct tree *t, const char *name, const char *text, size_t len, struct failure *f)
{
	size_t len_name = strlen(name);

	*t = (struct tree){.name = name, .text = text, .len = len};
	t->bom = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
	if (memchr(text, '\0', len))
		return tree_fail(t, 0, f, "not a YAML or JSON file in UTF-8: it has null bytes");
	if (!tree_parse_json(t) && !tree_parse_yaml(t, f))
		return false;
	/* one with a comma too much, or a template in it, is to be none the less */
	t->json |= len_name > 5 && !strcmp(name + len_name - 5, ".json");
	tree_link(t);
	return true;
}

/* How many lines that are known begin before `at`, or there. */
static size_t lines_before(const struct tree *t, size_t at)
{
	size_t low = 0, high = t->n_lines;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->lines[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void tree_place(const struct tree *t, size_t at, unsigned long *line, unsigned long *column)
{
	size_t known = lines_before(t, at);
	const char *begin = t->text + (known ? t->lines[known - 1] : t->bom), *end = t->text + at,
		   *newline;

	*line = known ? known : 1;
	*column = 1;
	while (begin < end && (newline = memchr(begin, '\n', (size_t)(end - begin)))) {
		++*line;
		begin = newline + 1;
	}
	for (; begin < end; begin++)
		*column += ((unsigned char)*begin & 0xc0) != 0x80;
}

bool tree_fail(const struct tree *t, size_t at, struct failure *f, const char *format, ...)
{
	unsigned long line, column;
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_out();
	va_end(args);
	tree_place(t, at, &line, &column);
	fail_set(f, ST_DATA, "not-exact", "%s:%lu:%lu: %s", t->name, line, column, text);
	free(text);
	return false;
}

size_t tree_end(const struct tree *t, uint32_t node)
{
	const struct tree_node *n = &t->nodes[node];
	size_t end;

	while (n->style == TREE_BLOCK && n->n_children)
		n = &t->nodes[n->last];
	end = n->end;
	if (n->style == TREE_LITERAL)
		while (end > n->start && strchr(" \t\r\n", t->text[end - 1]))
			end--;
	return end;
}

size_t tree_line_start(const struct tree *t, size_t at)
{
	size_t known = lines_before(t, at), start = known ? t->lines[known - 1] : t->bom;
	const char *newline = at > start ? memrchr(t->text + start, '\n', at - start) : NULL;

	return newline ? (size_t)(newline - t->text) + 1 : start;
}

size_t tree_line_end(const struct tree *t, size_t at)
{
	const char *newline = memchr(t->text + at, '\n', t->len - at);
	size_t end = newline ? (size_t)(newline - t->text) : t->len;

	return newline && end > at && t->text[end - 1] == '\r' ? end - 1 : end;
}

bool tree_is_null(const struct tree *t, uint32_t node)
{
	static const char *const forms[] = {"", "~", "null", "Null", "NULL"};
	const struct tree_node *n = &t->nodes[node];

	if (n->kind != TREE_SCALAR || n->style != TREE_PLAIN || n->anchor || n->odd_tag)
		return false;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (!strcmp(n->text, forms[i]))
			return true;
	return false;
}

size_t tree_colon(const struct tree *t, uint32_t node)
{
	size_t at = t->nodes[node].start;

	while (at > t->bom && strchr(" \t", t->text[at - 1]))
		at--;
	return at > t->bom && t->text[at - 1] == ':' ? at : 0;
}
