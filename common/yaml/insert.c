/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mem.h"
#include "yaml/edit.h"

struct insert {
	const struct tree *t;
	const struct path_step *steps; /* what is missing, at least one */
	size_t n;
	const struct edit_value *value;
	struct buf text;
};

static size_t column(const struct tree *t, size_t at)
{
	return at - tree_line_start(t, at);
}

static const char *line_break(const struct tree *t, size_t at)
{
	const char *newline = memchr(t->text + at, '\n', t->len - at);

	if (!newline)
		newline = memchr(t->text, '\n', t->len);
	return newline && newline > t->text && newline[-1] == '\r' ? "\r\n" : "\n";
}

static void new_line(struct insert *in, size_t at, size_t indent)
{
	if (in->text.len || in->t->len > in->t->bom)
		buf_str(&in->text, line_break(in->t, at));
	while (indent--)
		buf_char(&in->text, ' ');
}

/* How the value beside it is written, at the same depth: of the last sibling, or in it. */
static enum tree_style sample(const struct insert *in, uint32_t map)
{
	const struct tree_node *n = &in->t->nodes[map];

	for (size_t i = 0; i < in->n && n->kind == TREE_MAP && n->n_children; i++)
		n = &in->t->nodes[n->last];
	if (in->t->json)
		return TREE_DOUBLE;
	return n->kind == TREE_SCALAR && n->style != TREE_LITERAL && n->start < n->end ? n->style
										       : TREE_PLAIN;
}

static void add_key(struct insert *in, const char *key, bool flow)
{
	const struct edit_value value = {key, false};

	edit_spell(&in->text, in->t, &value, in->t->json ? TREE_DOUBLE : TREE_PLAIN, flow, NULL);
	buf_str(&in->text, ": ");
}

static void add_value(struct insert *in, uint32_t map, bool flow)
{
	enum tree_style style = sample(in, map);

	if (in->value->bare)
		style = TREE_PLAIN;
	edit_spell(&in->text, in->t, in->value, style, flow, NULL);
}

/* "key:", each a line, the last one with the value. */
static void add_lines(struct insert *in, uint32_t map, size_t at, size_t indent, size_t unit)
{
	for (size_t i = 0; i < in->n; i++, indent += unit) {
		new_line(in, at, indent);
		add_key(in, in->steps[i].text, false);
		if (i + 1 < in->n)
			in->text.data[--in->text.len] = '\0'; /* the space behind the colon */
	}
	add_value(in, map, false);
}

/* "key: {key: value}" */
static void add_flow(struct insert *in, uint32_t map)
{
	for (size_t i = 0; i < in->n; i++) {
		if (i)
			buf_char(&in->text, '{');
		add_key(in, in->steps[i].text, true);
	}
	add_value(in, map, true);
	for (size_t i = 1; i < in->n; i++)
		buf_char(&in->text, '}');
}

/* The same over several lines. */
static void add_flow_lines(struct insert *in, uint32_t map, size_t at, size_t indent, size_t unit)
{
	for (size_t i = 0; i < in->n; i++) {
		if (i)
			buf_char(&in->text, '{');
		new_line(in, at, indent + i * unit);
		add_key(in, in->steps[i].text, true);
	}
	add_value(in, map, true);
	for (size_t i = in->n - 1; i > 0; i--) {
		new_line(in, at, indent + (i - 1) * unit);
		buf_char(&in->text, '}');
	}
}

/* The column of a map's keys, or of the "? ", the anchor or the tag before the first one. */
static size_t indent_of(const struct tree *t, uint32_t map)
{
	size_t key = t->nodes[t->nodes[map].first].start, line = tree_line_start(t, key), at = line;

	while (at < key && (t->text[at] == ' ' || !strncmp(t->text + at, "- ", 2)))
		at++;
	return at - line;
}

/* How far to the right the children of a map at this column are: as those of its siblings are, else
 * as it is itself in the map around it. */
static size_t unit_of(const struct tree *t, uint32_t map, size_t indent)
{
	uint32_t up = t->nodes[map].parent;

	for (uint32_t node = t->nodes[map].first; node != TREE_NONE; node = t->nodes[node].next) {
		const struct tree_node *n = &t->nodes[node];

		if (!n->key && n->kind == TREE_MAP && n->n_children) {
			size_t child = column(t, t->nodes[n->first].start);

			if (child > indent &&
			    (n->style == TREE_BLOCK ||
			     tree_line_start(t, t->nodes[n->first].start) > n->start))
				return child - indent;
		}
	}
	for (; up != TREE_NONE; up = t->nodes[up].parent) {
		const struct tree_node *n = &t->nodes[up];

		if (n->kind == TREE_LIST && n->style == TREE_BLOCK) {
			indent = column(t, n->start);
		} else if (n->kind == TREE_MAP) {
			size_t above = indent_of(t, up);

			return above < indent && indent - above <= 16 ? indent - above : 2;
		}
	}
	return 2;
}

static bool only_spaces(const struct tree *t, size_t from, size_t to)
{
	return strspn(t->text + from, " ") >= to - from;
}

static void insert_flow(struct insert *in, uint32_t map, struct edit *e)
{
	const struct tree *t = in->t;
	const struct tree_node *m = &t->nodes[map];
	uint32_t key = m->first;
	size_t line;

	if (!m->n_children) {
		e->start = e->end = m->end - 1;
		add_flow(in, map);
		return;
	}
	for (uint32_t i = m->first; i != TREE_NONE; i = t->nodes[i].next)
		if (t->nodes[i].key)
			key = i;
	e->start = e->end = t->nodes[m->last].end;
	line = tree_line_start(t, t->nodes[key].start);
	buf_char(&in->text, ',');
	if (line > m->start && only_spaces(t, line, t->nodes[key].start)) {
		size_t indent = t->nodes[key].start - line;

		add_flow_lines(in, map, line, indent, in->n > 1 ? unit_of(t, map, indent) : 0);
	} else {
		buf_char(&in->text, ' ');
		add_flow(in, map);
	}
}

static void insert_lines(struct insert *in, uint32_t map, struct edit *e)
{
	const struct tree *t = in->t;
	size_t indent = indent_of(t, map);
	size_t end = tree_line_end(t, tree_end(t, map));

	e->start = e->end = end;
	add_lines(in, map, end, indent, in->n > 1 ? unit_of(t, map, indent) : 0);
}

/* "IAD:" with nothing behind it, or ~, becomes a map; a comment there stays. */
static void insert_under(struct insert *in, uint32_t null, struct edit *e)
{
	const struct tree *t = in->t;
	const struct tree_node *n = &t->nodes[null];
	uint32_t map = n->parent;
	size_t indent = indent_of(t, map);
	size_t end = tree_line_end(t, n->end), unit = unit_of(t, map, indent);

	e->start = tree_colon(t, null);
	e->end = end;
	buf_add(&in->text, t->text + n->end, end - n->end);
	add_lines(in, map, end, indent + unit, unit);
}

static void insert_for_null(struct insert *in, uint32_t null, struct edit *e)
{
	const struct tree_node *n = &in->t->nodes[null];

	e->start = n->start;
	e->end = n->end;
	buf_str(&in->text, in->t->text[n->start - 1] == ':' ? " {" : "{");
	add_flow(in, null);
	buf_char(&in->text, '}');
}

/* Nothing but comments, and perhaps one "---". An empty file of JSON is none. */
static bool is_empty_file(const struct tree *t)
{
	uint32_t root = t->nodes[0].first;
	size_t at = root == TREE_NONE ? t->bom : t->nodes[root].start;

	if (t->json)
		return false;
	if (root != TREE_NONE && (!tree_is_null(t, root) || t->nodes[root].end > at))
		return false;
	while (at < t->len && strchr(" \t\r\n#", t->text[at]))
		at = t->text[at] == '#' ? tree_line_end(t, at) : at + 1;
	return at == t->len;
}

static void insert_first(struct insert *in, struct edit *e)
{
	const struct tree *t = in->t;
	size_t end = t->len > t->bom ? tree_line_end(t, tree_line_start(t, t->len - 1)) : t->len;

	e->start = e->end = end;
	add_lines(in, 0, end, 0, 2);
	if (t->len == t->bom)
		buf_char(&in->text, '\n');
}

static bool insert(struct insert *in, uint32_t at, struct edit *e)
{
	const struct tree *t = in->t;
	const struct tree_node *n = &t->nodes[at];
	bool null = tree_is_null(t, at) && tree_colon(t, at);

	if (is_empty_file(t))
		insert_first(in, e);
	else if (n->kind == TREE_MAP && n->style == TREE_FLOW)
		insert_flow(in, at, e);
	else if (n->kind == TREE_MAP)
		insert_lines(in, at, e);
	else if (null && t->nodes[n->parent].style == TREE_BLOCK)
		insert_under(in, at, e);
	else if (null)
		insert_for_null(in, at, e);
	else
		return false;
	return true;
}

bool edit_insert(const struct tree *t, const struct path *p, const struct path_found *found,
		 const struct edit_value *value, bool shared, struct edit *e, struct failure *f)
{
	struct insert in = {t, p->steps + found->steps, p->n - found->steps, value, {0}};

	*e = (struct edit){.node = TREE_NONE};
	if (p->marker)
		return path_missing(t, p, found, f);
	if (!shared && !path_unshared(t, found->nearest, p, f))
		return false;
	for (size_t i = 0; i < in.n; i++)
		if (in.steps[i].what != PATH_KEY)
			return path_missing(t, p, found, f);
	if (!insert(&in, found->nearest, e))
		return path_missing(t, p, found, f);
	e->text = buf_take(&in.text);
	/* what is there under a condition only must not get something into it */
	return e->end < tree_line_end(t, e->end) || !template_follows(t, e->end) ||
	       tree_fail(t, e->end, f, "cannot add '%s': the next line is a template's", p->text);
}
