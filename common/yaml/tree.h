/* SPDX-License-Identifier: ISC
 * A YAML or JSON file as it is written: which bytes say what. It is for changing a few of them;
 * nothing is resolved, no alias, no merge key. */
#ifndef SLUICE_YAML_TREE_H
#define SLUICE_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "intern.h"

#define TREE_NONE UINT32_MAX
#define TREE_DEPTH 1000 /* what is nested deeper is refused */

enum tree_kind { TREE_STREAM, TREE_MAP, TREE_LIST, TREE_SCALAR, TREE_ALIAS };
enum tree_style { TREE_BLOCK, TREE_FLOW, TREE_PLAIN, TREE_SINGLE, TREE_DOUBLE, TREE_LITERAL };

/* Nodes stand in the order of the text. The children of a map are key, value, key, value. */
struct tree_node {
	enum tree_kind kind;
	enum tree_style style;
	size_t start, end; /* bytes; a scalar's without anchor and tag, but with its quotes */
	uint32_t parent, first, last, next, n_children, depth;
	bool key;
	uint32_t same;   /* key: the next one of this name in its map */
	uint32_t target; /* alias: what it stands for, TREE_NONE if nothing */
	uint32_t uses;   /* how many aliases stand for it */
	bool odd_tag;    /* a tag other than !!str: the value is more than its text */
	char *text;      /* scalar: what it says; alias: its name */
	char *anchor;
};

struct tree {
	const char *name, *text; /* of the file; borrowed */
	size_t len, bom;
	bool json;               /* strings stand in double quotes */
	struct tree_node *nodes; /* the first one is the stream, its children are the documents */
	uint32_t n, room;
	struct intern names;    /* maps and their keys, to be found at once */
	uint32_t *named;        /* the first key of each */
	size_t *lines, n_lines; /* where they begin */
};

/* False: f says where it is wrong (65). The texts must outlive the tree; text[len] is 0. Templates
 * of ERB and Jinja are no YAML: what of them is in the way is not looked at. */
bool tree_parse(struct tree *t, const char *name, const char *text, size_t len, struct failure *f);
void tree_free(struct tree *t); /* back to {0} */

/* Line and column, in characters, of a byte: from 1. */
void tree_place(const struct tree *t, size_t at, unsigned long *line, unsigned long *column);
/* Sets f to "NAME:LINE:COLUMN: …", 65. Always false. */
bool tree_fail(const struct tree *t, size_t at, struct failure *f, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Where the node's last byte is, without what follows a block collection. */
size_t tree_end(const struct tree *t, uint32_t node);
size_t tree_line_start(const struct tree *t, size_t at);
size_t tree_line_end(const struct tree *t, size_t at); /* before CR LF */
/* Whether it is null, with no anchor and no tag. */
bool tree_is_null(const struct tree *t, uint32_t node);
/* For a value on the line of its key: the byte behind the colon; else 0. */
size_t tree_colon(const struct tree *t, uint32_t node);
/* The first key of this name in a map; TREE_NONE if there is none. */
uint32_t tree_key(const struct tree *t, uint32_t map, const char *name);

/* For what fills a tree: the new node's number. Keys are told from values by their turn. */
uint32_t tree_add(struct tree *t, uint32_t parent, const struct tree_node *node);
bool tree_parse_json(struct tree *t); /* false: it is none, and t is empty */
bool tree_parse_yaml(struct tree *t, struct failure *f);
/* When all nodes are there: keys are found by their names, aliases lead to what they stand for, and
 * places are told without a look at all of the text. */
void tree_link(struct tree *t);
void tree_unlink(struct tree *t);

/* A copy in which the tags of templates are blank lines, or letters within a line, of the same
 * length; NULL when there are none. */
char *template_blank(const char *text, size_t len);
/* Whether some of it is a tag of a template. */
bool template_within(const char *text, size_t len);
/* Whether the next line that is not empty begins with one. */
bool template_follows(const struct tree *t, size_t at);

#endif
