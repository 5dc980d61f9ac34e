/* SPDX-License-Identifier: ISC
 * A table of text for people, plain or Markdown. `struct table t = {0};` is empty. */
#ifndef SLUICE_TABLE_H
#define SLUICE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

enum table_show {
	TABLE_ALWAYS,
	TABLE_IF_ANY,       /* unless all its cells are empty */
	TABLE_IF_DIFFERENT, /* unless all its cells are alike */
};

struct table {
	struct table_column {
		char *title;
		enum table_show show;
	} * columns;
	size_t n_columns;
	char **cells; /* row after row; NULL: empty */
	size_t n_cells, room;
};

/* All columns come before the first cell. The title is copied. */
void table_column(struct table *t, const char *title, enum table_show show);
/* The next cell, left to right, row after row; takes over the text, NULL is an empty one. */
void table_cell(struct table *t, char *text);
/* Adds the table to out: what a terminal, or Markdown, would obey comes out as text. */
void table_print(const struct table *t, bool markdown, struct buf *out);
/* Adds text as in a cell; returns its width. */
size_t table_text(struct buf *b, const char *text, bool markdown);
void table_free(struct table *t);

#endif
