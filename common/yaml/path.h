/* SPDX-License-Identifier: ISC
 * Where a value stands in a file: "clouds.images.{provider}.{region}", "clouds[name={region}].ami",
 * "#marker/{region}". A template is filled from a record, then looked up in a tree. */
#ifndef SLUICE_YAML_PATH_H
#define SLUICE_YAML_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "yaml/tree.h"

struct path_template;

/* NULL: f says what is wrong with it (64). */
struct path_template *path_parse(const char *text, struct failure *f);
void path_template_free(struct path_template *p);

enum path_what { PATH_KEY, PATH_INDEX, PATH_MATCH };

struct path_step {
	enum path_what what;
	char *text; /* KEY: the key; MATCH: the value */
	long long index;
	char **names; /* MATCH: the keys that lead to the value, NULL at the end; the template's */
};

struct path {
	char *text;   /* for people: how it was filled */
	char *marker; /* what the comment names, NULL for a path */
	struct path_step *steps;
	size_t n;
};

/* What a member named in braces stands for: a text that the caller frees; NULL: f says why. */
typedef char *path_member(void *ctx, const char *member, struct failure *f);

bool path_fill(const struct path_template *p, path_member *member, void *ctx, struct path *to,
	       struct failure *f);
void path_free(struct path *p); /* back to {0} */

/* What a path leads to. */
struct path_found {
	uint32_t *nodes; /* scalars; markers may be several */
	size_t n;
	/* with none: the innermost node that is there, and how many steps lead to it */
	uint32_t nearest;
	size_t steps;
};

/* False: f says with its place why it cannot be changed exactly (65). `shared`: values that
 * aliases stand for may be changed, too. A path that is not there is true with no nodes. */
bool path_find(const struct tree *t, const struct path *p, bool shared, struct path_found *found,
	       struct failure *f);
/* Whether no alias stands for the node, or for what it is in; else false, and f (65). */
bool path_unshared(const struct tree *t, uint32_t node, const struct path *p, struct failure *f);
/* f says what of the path is not there, and what is (65). Always false. */
bool path_missing(const struct tree *t, const struct path *p, const struct path_found *found,
		  struct failure *f);

#endif
