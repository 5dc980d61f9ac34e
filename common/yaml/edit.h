/* SPDX-License-Identifier: ISC
 * Changing a few bytes of a YAML or JSON file, and seeing to it that nothing else says anything
 * else then. */
#ifndef SLUICE_YAML_EDIT_H
#define SLUICE_YAML_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "yaml/path.h"
#include "yaml/tree.h"

/* A value to be. `bare`: a number, true or false, that is not to be quoted. */
struct edit_value {
	const char *text;
	bool bare;
};

/* These bytes instead of those from start to end. */
struct edit {
	size_t start, end;
	char *text;
	uint32_t node;    /* the scalar that it changes */
	const char *says; /* its value then; borrowed */
	size_t order;     /* edit_apply()'s */
};

/* Adds the value as the file would spell it in this style; quoted if it must be. */
void edit_spell(struct buf *out, const struct tree *t, const struct edit_value *value,
		enum tree_style style, bool flow, const char *instead_of);
/* The change that makes a scalar say this: its quotes stay, and so does the column of a comment
 * behind it if there is room. */
struct edit edit_scalar(const struct tree *t, uint32_t node, const struct edit_value *value);
/* The change that adds what is missing of a path, behind the last sibling. False: f says why that
 * cannot be done. */
bool edit_insert(const struct tree *t, const struct path *p, const struct path_found *found,
		 const struct edit_value *value, bool shared, struct edit *e, struct failure *f);

/* Adds the file's text with these changes, which do not overlap; puts them in order, those at one
 * place as they come. */
void edit_apply(struct buf *out, const struct tree *t, struct edit *edits, size_t n);
/* Whether `after` says the same as `before` but for these scalars, which say their new values. */
bool edit_holds(const struct tree *before, const struct tree *after, const struct edit *edits,
		size_t n);
/* Whether `after` says the same as `before`, with something more behind what maps had, or in the
 * place of nulls. */
bool edit_adds(const struct tree *before, const struct tree *after);

#endif
