/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "show.h"
#include "table.h"

#define EMPTY "-"

void table_column(struct table *t, const char *title, enum table_show show)
{
	t->columns = mem_grow(t->columns, t->n_columns + 1, sizeof(*t->columns));
	t->columns[t->n_columns++] = (struct table_column){mem_dup(title), show};
}

void table_cell(struct table *t, char *text)
{
	if (t->n_cells == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->cells = mem_grow(t->cells, t->room, sizeof(*t->cells));
	}
	t->cells[t->n_cells++] = text;
}

static bool is_empty(const char *cell)
{
	return !cell || !*cell;
}

static bool is_shown(const struct table *t, size_t column)
{
	const char *first = t->n_cells ? t->cells[column] : NULL;
	enum table_show show = t->columns[column].show;
	bool any = false, different = false;

	for (size_t i = column; i < t->n_cells && show != TABLE_ALWAYS; i += t->n_columns) {
		any |= !is_empty(t->cells[i]);
		different |= is_empty(t->cells[i]) != is_empty(first) ||
			     (!is_empty(first) && strcmp(t->cells[i], first));
	}
	return show == TABLE_ALWAYS || (show == TABLE_IF_ANY && any) || different;
}

size_t table_text(struct buf *b, const char *text, bool markdown)
{
	size_t width, len, extra = 0;
	struct buf safe = {0};

	if (!markdown)
		return show_text(b, text, strlen(text));
	width = show_text(&safe, text, strlen(text));
	for (size_t i = 0; i < safe.len; i++) {
		len = b->len;
		if (safe.data[i] == '<')
			buf_str(b, "&lt;");
		else if (safe.data[i] == '&')
			buf_str(b, "&amp;");
		else
			buf_fmt(b, strchr("\\|`*_[]~", safe.data[i]) ? "\\%c" : "%c", safe.data[i]);
		extra += b->len - len - 1;
	}
	buf_free(&safe);
	return width + extra;
}

/* The cell as it is printed, in b; its width. */
static size_t render(struct buf *b, const char *cell, bool markdown)
{
	buf_clear(b);
	return table_text(b, is_empty(cell) ? EMPTY : cell, markdown);
}

static void pad(struct buf *out, char c, size_t from, size_t to)
{
	while (from++ < to)
		buf_char(out, c);
}

struct layout {
	size_t *widths; /* 0: the column is not shown */
	size_t last;    /* the last column that is shown */
	bool markdown;
};

static void measure(const struct table *t, struct layout *l, struct buf *b)
{
	l->widths = mem_alloc((t->n_columns + 1) * sizeof(*l->widths));
	for (size_t c = 0; c < t->n_columns; c++) {
		if (!is_shown(t, c))
			continue;
		l->last = c;
		l->widths[c] = render(b, t->columns[c].title, l->markdown);
		for (size_t i = c; i < t->n_cells; i += t->n_columns) {
			size_t width = render(b, t->cells[i], l->markdown);

			if (width > l->widths[c])
				l->widths[c] = width;
		}
	}
}

static void add_cell(struct buf *out, const struct layout *l, size_t column, const char *cell,
		     struct buf *b)
{
	size_t width;

	if (!l->widths[column])
		return;
	if (l->markdown)
		buf_str(out, "| ");
	width = render(b, cell, l->markdown);
	buf_add(out, b->data, b->len);
	if (l->markdown || column != l->last)
		pad(out, ' ', width, l->widths[column] + (l->markdown ? 1 : 2));
	if (column == l->last)
		buf_str(out, l->markdown ? "|\n" : "\n");
}

static void add_rule(struct buf *out, const struct layout *l, size_t n)
{
	for (size_t c = 0; c < n; c++)
		if (l->widths[c]) {
			buf_char(out, '|');
			pad(out, '-', 0, l->widths[c] + 2);
		}
	buf_str(out, "|\n");
}

void table_print(const struct table *t, bool markdown, struct buf *out)
{
	struct layout l = {.markdown = markdown};
	struct buf b = {0};

	measure(t, &l, &b);
	for (size_t c = 0; c < t->n_columns; c++)
		add_cell(out, &l, c, t->columns[c].title, &b);
	if (markdown)
		add_rule(out, &l, t->n_columns);
	for (size_t i = 0; i < t->n_cells; i++)
		add_cell(out, &l, i % t->n_columns, t->cells[i], &b);
	buf_free(&b);
	free(l.widths);
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		free(t->columns[i].title);
	for (size_t i = 0; i < t->n_cells; i++)
		free(t->cells[i]);
	free(t->columns);
	free(t->cells);
	*t = (struct table){0};
}
