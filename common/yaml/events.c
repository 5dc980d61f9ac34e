/* SPDX-License-Identifier: ISC
 * A tree out of libyaml's events. Their marks count characters. */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "mem.h"
#include "yaml/tree.h"

struct reading {
	yaml_parser_t parser;
	const char *text; /* what is parsed: as long as the file, with its templates blank */
	size_t at, index; /* one and the same place, in bytes and in characters */
	uint32_t open;    /* the innermost collection */
};

static bool goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The byte of a mark; marks are near each other. */
static size_t byte_of(struct reading *r, const yaml_mark_t *mark)
{
	for (; r->index < mark->index; r->index++)
		do
			r->at++;
		while (goes_on(r->text[r->at]));
	for (; r->index > mark->index; r->index--)
		do
			r->at--;
		while (goes_on(r->text[r->at]));
	return r->at;
}

static char *copy(const yaml_char_t *text)
{
	return mem_dup((const char *)text);
}

static bool is_odd(const yaml_char_t *tag)
{
	return tag && strcmp((const char *)tag, YAML_STR_TAG) != 0;
}

static enum tree_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return TREE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return TREE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
	case YAML_FOLDED_SCALAR_STYLE:
		return TREE_LITERAL;
	default:
		return TREE_PLAIN;
	}
}

/* A scalar's mark is at its anchor or tag. */
static size_t behind_properties(const char *text, size_t at, size_t end)
{
	while (at < end && strchr("&!", text[at])) {
		while (at < end && !strchr(" \t\r\n", text[at]))
			at++;
		while (at < end && strchr(" \t\r\n#", text[at])) {
			if (text[at] == '#')
				at += strcspn(text + at, "\n");
			else
				at++;
		}
	}
	return at < end ? at : end;
}

static void add_scalar(struct tree *t, struct reading *r, const yaml_event_t *e)
{
	struct tree_node node = {.kind = TREE_SCALAR};

	node.style = style_of(e->data.scalar.style);
	node.start = byte_of(r, &e->start_mark);
	node.end = byte_of(r, &e->end_mark);
	node.start = behind_properties(r->text, node.start, node.end);
	node.text = mem_dup_n((const char *)e->data.scalar.value, e->data.scalar.length);
	node.anchor = copy(e->data.scalar.anchor);
	node.odd_tag = is_odd(e->data.scalar.tag);
	tree_add(t, r->open, &node);
}

static void add_alias(struct tree *t, struct reading *r, const yaml_event_t *e)
{
	struct tree_node node = {.kind = TREE_ALIAS, .style = TREE_PLAIN};

	node.start = byte_of(r, &e->start_mark);
	node.end = byte_of(r, &e->end_mark);
	node.text = copy(e->data.alias.anchor);
	tree_add(t, r->open, &node);
}

static void open_collection(struct tree *t, struct reading *r, const yaml_event_t *e,
			    struct tree_node node, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	node.start = byte_of(r, &e->start_mark);
	node.anchor = copy(anchor);
	node.odd_tag = is_odd(tag);
	r->open = tree_add(t, r->open, &node);
}

static void open_map(struct tree *t, struct reading *r, const yaml_event_t *e)
{
	bool flow = e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
	struct tree_node node = {.kind = TREE_MAP, .style = flow ? TREE_FLOW : TREE_BLOCK};

	open_collection(t, r, e, node, e->data.mapping_start.anchor, e->data.mapping_start.tag);
}

static void open_list(struct tree *t, struct reading *r, const yaml_event_t *e)
{
	bool flow = e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	struct tree_node node = {.kind = TREE_LIST, .style = flow ? TREE_FLOW : TREE_BLOCK};

	open_collection(t, r, e, node, e->data.sequence_start.anchor, e->data.sequence_start.tag);
}

static void take(struct tree *t, struct reading *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_ALIAS_EVENT:
		add_alias(t, r, e);
		break;
	case YAML_SCALAR_EVENT:
		add_scalar(t, r, e);
		break;
	case YAML_MAPPING_START_EVENT:
		open_map(t, r, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_list(t, r, e);
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		t->nodes[r->open].end = byte_of(r, &e->end_mark);
		r->open = t->nodes[r->open].parent;
		break;
	default:
		break;
	}
}

static bool fail(const struct tree *t, struct reading *r, struct failure *f)
{
	const char *problem = r->parser.problem ? r->parser.problem : "broken";
	size_t at = r->parser.error == YAML_READER_ERROR ? t->bom + r->parser.problem_offset
							 : byte_of(r, &r->parser.problem_mark);

	return tree_fail(t, at < t->len ? at : t->len, f, "%s", problem);
}

static bool read_events(struct tree *t, struct reading *r, struct failure *f)
{
	bool ended = false;

	while (!ended) {
		yaml_event_t e;

		if (!yaml_parser_parse(&r->parser, &e))
			return fail(t, r, f);
		take(t, r, &e);
		ended = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
		if (t->nodes[r->open].depth > TREE_DEPTH)
			return tree_fail(t, r->at, f, "nested deeper than %d", TREE_DEPTH);
	}
	return true;
}

static bool parse(struct tree *t, const char *text, struct failure *f)
{
	const struct tree_node stream = {.kind = TREE_STREAM, .style = TREE_BLOCK};
	struct reading r = {.text = text, .at = t->bom};
	bool done;

	tree_add(t, TREE_NONE, &stream);
	if (!yaml_parser_initialize(&r.parser))
		mem_out();
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text + t->bom,
				     t->len - t->bom);
	done = read_events(t, &r, f);
	yaml_parser_delete(&r.parser);
	return done;
}

static void empty(struct tree *t)
{
	struct tree again = {.name = t->name, .text = t->text, .len = t->len, .bom = t->bom};

	tree_free(t);
	*t = again;
}

/* With blank templates first: a line that is only <% if %> may pass for the rest of a value. Which
 * of the two complaints is the better one is not known; the first is not about a template. */
bool tree_parse_yaml(struct tree *t, struct failure *f)
{
	char *blank = template_blank(t->text, t->len);
	struct failure first = {0};
	bool done = blank && parse(t, blank, &first);

	free(blank);
	if (!done) {
		empty(t);
		done = parse(t, t->text, f);
	}
	if (!done) {
		empty(t);
		if (first.status)
			fail_copy(f, &first);
	}
	fail_free(&first);
	return done;
}
