/* SPDX-License-Identifier: ISC
 * A tree out of JSON. Jansson judges it, so that what is looked at here is known to be right. */
#include <jansson.h>
#include <string.h>

#include "mem.h"
#include "yaml/tree.h"

static size_t string_end(const char *text, size_t at)
{
	for (at++; text[at] != '"'; at++)
		if (text[at] == '\\')
			at++;
	return at + 1;
}

static char *string_text(const char *text, size_t len)
{
	json_t *json;
	char *plain;

	if (!memchr(text, '\\', len))
		return mem_dup_n(text + 1, len - 2);
	json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (!json)
		mem_out();
	plain = mem_dup_n(json_string_value(json), json_string_length(json));
	json_decref(json);
	return plain;
}

static size_t add_scalar(struct tree *t, uint32_t open, size_t at)
{
	struct tree_node node = {.kind = TREE_SCALAR, .style = TREE_PLAIN, .start = at};

	if (t->text[at] == '"') {
		node.style = TREE_DOUBLE;
		node.end = string_end(t->text, at);
		node.text = string_text(t->text + at, node.end - at);
	} else {
		node.end = at + strcspn(t->text + at, " \t\r\n,]}");
		node.text = mem_dup_n(t->text + at, node.end - at);
	}
	tree_add(t, open, &node);
	return node.end;
}

static void read_values(struct tree *t)
{
	const struct tree_node stream = {.kind = TREE_STREAM, .style = TREE_BLOCK};
	uint32_t open = tree_add(t, TREE_NONE, &stream);
	size_t at = t->bom;

	while (at < t->len) {
		struct tree_node node = {.style = TREE_FLOW, .start = at};
		char c = t->text[at];

		if (strchr(" \t\r\n,:", c)) {
			at++;
		} else if (c == '{' || c == '[') {
			node.kind = c == '{' ? TREE_MAP : TREE_LIST;
			open = tree_add(t, open, &node);
			at++;
		} else if (c == '}' || c == ']') {
			t->nodes[open].end = ++at;
			open = t->nodes[open].parent;
		} else {
			at = add_scalar(t, open, at);
		}
	}
}

bool tree_parse_json(struct tree *t)
{
	const size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
	const char *text = t->text + t->bom;
	json_t *json;

	/* it is what JSON files are; a word or a number would do for YAML, too */
	if (!strchr("{[", text[strspn(text, " \t\r\n")]))
		return false;
	json = json_loadb(text, t->len - t->bom, flags, NULL);
	if (!json)
		return false;
	json_decref(json);
	t->json = true;
	read_values(t);
	return true;
}
