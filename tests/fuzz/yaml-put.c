/* SPDX-License-Identifier: ISC
 * libFuzzer: a path and, behind a NUL, any bytes as a YAML or JSON file. What can be changed is
 * changed to a value that is hard to write, and the file says it then. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "yaml/edit.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static char *member(void *ctx, const char *name, struct failure *f)
{
	(void)f;
	return mem_dup(*name == '0' ? ctx : name);
}

static void change(const struct tree *t, const struct path_found *found,
		   const struct edit_value *value)
{
	struct edit e = edit_scalar(t, found->nodes[0], value);
	struct failure f = {0};
	struct buf now = {0};
	struct tree after;

	edit_apply(&now, t, &e, 1);
	/* what a template or a tag makes of a value is not known, so it may not hold */
	if (tree_parse(&after, "fuzz", now.data, now.len, &f))
		edit_holds(t, &after, &e, 1);
	if (now.len - strlen(e.text) != t->len - (e.end - e.start))
		abort();
	tree_free(&after);
	fail_free(&f);
	free(e.text);
	buf_free(&now);
}

static void insert(const struct tree *t, const struct path *p, const struct path_found *found,
		   const struct edit_value *value)
{
	struct failure f = {0};
	struct buf now = {0};
	struct tree after;
	struct edit e;

	if (edit_insert(t, p, found, value, false, &e, &f)) {
		edit_apply(&now, t, &e, 1);
		if (tree_parse(&after, "fuzz", now.data, now.len, &f))
			edit_adds(t, &after);
		tree_free(&after);
	}
	fail_free(&f);
	free(e.text);
	buf_free(&now);
}

static void put(const struct tree *t, const struct path *p, const char *text)
{
	const struct edit_value value = {text, false};
	struct path_found found;
	struct failure f = {0};

	if (path_find(t, p, false, &found, &f) && found.n)
		change(t, &found, &value);
	else if (!f.status) {
		insert(t, p, &found, &value);
		path_missing(t, p, &found, &f);
	}
	free(found.nodes);
	fail_free(&f);
}

/* The file alone, with a path to each of its scalars in turn. */
static void put_each(const struct tree *t, const char *text)
{
	const struct edit_value value = {text, false};

	for (uint32_t i = 1; i < t->n && i < 50; i++)
		if (t->nodes[i].kind == TREE_SCALAR && t->nodes[i].style != TREE_LITERAL) {
			struct path_found found = {.nodes = &i, .n = 1};

			change(t, &found, &value);
		}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static char value[] = "a: 'b' \"c\" #\\\xc2\x85";
	const char *text = (const char *)data;
	size_t path_len = strnlen(text, len), rest = path_len < len ? path_len + 1 : 0;
	char *path_text = mem_dup_n(text, rest ? path_len : 0),
	     *file = mem_dup_n(text + rest, len - rest);
	struct failure f = {0};
	struct path_template *template = path_parse(rest ? path_text : "a.b", &f);
	struct path path;
	struct tree t;

	if (tree_parse(&t, "fuzz", file, len - rest, &f)) {
		put_each(&t, value);
		if (template && path_fill(template, member, value, &path, &f)) {
			put(&t, &path, value);
			path_free(&path);
		}
	}
	tree_free(&t);
	if (template)
		path_template_free(template);
	fail_free(&f);
	free(path_text);
	free(file);
	return 0;
}
