/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "mem.h"
#include "status.h"
#include "yaml-hint.h"
#include "yaml-marks.h"
#include "yaml-read.h"

/* A finished value, and what it is when all aliases in it are followed. */
struct node {
	json_t *value;
	size_t size; /* values */
	unsigned depth;
};

/* A mapping or sequence that is not finished. */
struct frame {
	struct node node;
	char *key;      /* of the value that comes next; NULL: a key comes */
	bool merge;     /* that key is << */
	json_t *merges; /* what << named, in its order; NULL: no << was there */
	char *anchor;
	yaml_mark_t at;
};

struct yml {
	char *name;
	json_t *root;
	struct marks marks;
};

struct reader {
	struct yml *y;
	struct failure *f;
	struct frame frames[YML_DEEP];
	unsigned n;
	struct node *anchors;
	size_t n_anchors;
	json_t *anchor_names; /* name to index */
};

static bool wrong(struct reader *r, yaml_mark_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool wrong(struct reader *r, yaml_mark_t at, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_out();
	va_end(args);
	fail_set(r->f, ST_DATA, "bad-yaml", "%s:%zu:%zu: %s", r->y->name, at.line + 1,
		 at.column + 1, text);
	free(text);
	return false;
}

static void keep_anchor(struct reader *r, const char *name, struct node node)
{
	if (!name)
		return;
	if (!(r->n_anchors & (r->n_anchors - 1)))
		r->anchors =
		    mem_grow(r->anchors, r->n_anchors ? 2 * r->n_anchors : 1, sizeof(*r->anchors));
	if (json_object_set_new(r->anchor_names, name, json_integer((json_int_t)r->n_anchors)))
		mem_out();
	json_incref(node.value);
	r->anchors[r->n_anchors++] = node;
}

/* What a << may name: a mapping, or a list of them. */
static bool can_merge(const json_t *value)
{
	const json_t *item;
	size_t i;

	json_array_foreach(value, i, item)
		if (!json_is_object(item))
			return false;
	return json_is_object(value) || json_is_array(value);
}

/* Puts a finished value into what it stands in; takes over its reference. */
static bool place(struct reader *r, struct node node, yaml_mark_t at)
{
	struct frame *in = r->n ? &r->frames[r->n - 1] : NULL;
	bool good = true;

	if (!in) {
		r->y->root = node.value;
		return true;
	}
	in->node.size += node.size;
	if (in->node.depth < node.depth + 1)
		in->node.depth = node.depth + 1;
	if (in->node.size > YML_MOST)
		good = wrong(r, at, "more than %d values, aliases followed", YML_MOST);
	else if (r->n + node.depth > YML_DEEP)
		good = wrong(r, at, "more than %d levels, aliases followed", YML_DEEP);
	else if (json_is_array(in->node.value))
		json_array_append(in->node.value, node.value);
	else if (in->merge && !can_merge(node.value))
		good = wrong(r, at, "'<<' takes a mapping, or a list of mappings");
	else if (in->merge)
		json_array_append(in->merges, node.value);
	else if (json_object_set(in->node.value, in->key, node.value))
		mem_out();
	json_decref(node.value);
	free(in->key);
	in->key = NULL;
	in->merge = false;
	return good;
}

/* Another tag gives a value a meaning that is not in its text: !vault, !Ref, !!binary. */
static bool take_tag(struct reader *r, const yaml_event_t *e, const yaml_char_t *tag)
{
	static const char *const plain[] = {"!",          YAML_BOOL_TAG, YAML_FLOAT_TAG,
					    YAML_INT_TAG, YAML_MAP_TAG,  YAML_NULL_TAG,
					    YAML_SEQ_TAG, YAML_STR_TAG,  YAML_TIMESTAMP_TAG};

	for (size_t i = 0; tag && i < sizeof(plain) / sizeof(*plain); i++)
		if (!strcmp((const char *)tag, plain[i]))
			return true;
	return !tag || wrong(r, e->start_mark, "the tag '%s' is not understood", (const char *)tag);
}

static bool is_null(const yaml_event_t *e)
{
	static const char *const forms[] = {"", "~", "null", "Null", "NULL"};
	const char *text = (const char *)e->data.scalar.value;
	const char *tag = (const char *)e->data.scalar.tag;

	if (!e->data.scalar.plain_implicit)
		return tag && !strcmp(tag, YAML_NULL_TAG);
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (!strcmp(text, forms[i]))
			return true;
	return false;
}

static bool take_key(struct reader *r, struct frame *in, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	json_auto_t *valid = json_stringn(text, e->data.scalar.length);

	if (!valid || strlen(text) != e->data.scalar.length)
		return wrong(r, e->start_mark, "a key with a NUL, or that is not UTF-8");
	in->merge = !strcmp(text, "<<") && e->data.scalar.plain_implicit;
	if (in->merge && !in->merges)
		in->merges = json_array();
	if (!in->merge && json_object_get(in->node.value, text))
		return wrong(r, e->start_mark, "'%s' is there twice", text);
	in->key = mem_dup(text);
	return true;
}

/* Whether a key comes next. */
static struct frame *wants_key(struct reader *r)
{
	struct frame *in = r->n ? &r->frames[r->n - 1] : NULL;

	return in && json_is_object(in->node.value) && !in->key ? in : NULL;
}

static bool take_scalar(struct reader *r, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	struct node node = {.size = 1};

	if (wants_key(r))
		return take_key(r, wants_key(r), e);
	if (memchr(text, '\0', e->data.scalar.length))
		return wrong(r, e->start_mark, "text with a NUL");
	if (!take_tag(r, e, e->data.scalar.tag))
		return false;
	node.value = is_null(e) ? json_null() : json_stringn(text, e->data.scalar.length);
	if (!node.value)
		return wrong(r, e->start_mark, "text that is not UTF-8");
	marks_add(&r->y->marks, node.value, e->start_mark.line + 1, e->start_mark.column + 1);
	keep_anchor(r, (const char *)e->data.scalar.anchor, node);
	return place(r, node, e->start_mark);
}

static bool take_alias(struct reader *r, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	const json_t *index = json_object_get(r->anchor_names, name);
	struct node node;

	if (wants_key(r))
		return wrong(r, e->start_mark, "an alias as a key");
	if (!index)
		return wrong(r, e->start_mark, "no anchor '&%s' is finished before this alias",
			     name);
	node = r->anchors[json_integer_value(index)];
	json_incref(node.value);
	return place(r, node, e->start_mark);
}

static bool open_frame(struct reader *r, const yaml_event_t *e, json_t *value, const char *anchor)
{
	struct frame frame = {.node = {value, 1, 1}, .at = e->start_mark};

	if (wants_key(r) || r->n == YML_DEEP) {
		json_decref(value);
		return r->n == YML_DEEP ? wrong(r, e->start_mark, "more than %d levels", YML_DEEP)
					: wrong(r, e->start_mark, "a key that is no text");
	}
	frame.anchor = mem_dup(anchor);
	marks_add(&r->y->marks, value, e->start_mark.line + 1, e->start_mark.column + 1);
	r->frames[r->n++] = frame;
	return true;
}

static void merge_one(json_t *into, const json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)from, key, value)
		if (!json_object_get(into, key) && json_object_set(into, key, value))
			mem_out();
}

static void merge_all(struct frame *in)
{
	for (size_t i = json_array_size(in->merges); i-- > 0;) {
		const json_t *from = json_array_get(in->merges, i), *item;
		size_t k;

		if (json_is_object(from))
			merge_one(in->node.value, from);
		json_array_foreach(from, k, item)
			merge_one(in->node.value, item);
	}
}

static void drop_frame(struct frame *frame)
{
	free(frame->key);
	free(frame->anchor);
	json_decref(frame->merges);
}

static bool close_frame(struct reader *r)
{
	struct frame frame = r->frames[--r->n];

	merge_all(&frame);
	keep_anchor(r, frame.anchor, frame.node);
	drop_frame(&frame);
	return place(r, frame.node, frame.at);
}

static bool take(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return !r->y->root || wrong(r, e->start_mark, "a second document begins here");
	case YAML_ALIAS_EVENT:
		return take_alias(r, e);
	case YAML_SCALAR_EVENT:
		return take_scalar(r, e);
	case YAML_SEQUENCE_START_EVENT:
		return take_tag(r, e, e->data.sequence_start.tag) &&
		       open_frame(r, e, json_array(), (const char *)e->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return take_tag(r, e, e->data.mapping_start.tag) &&
		       open_frame(r, e, json_object(), (const char *)e->data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_frame(r);
	default:
		return true;
	}
}

/* Where the bytes begin that are no text: libyaml knows the byte only. */
static yaml_mark_t mark_of_byte(const char *text, size_t len, size_t byte)
{
	yaml_mark_t at = {0};

	for (size_t i = 0; i < byte && i < len; i++) {
		at.column++;
		if (text[i] == '\n') {
			at.line++;
			at.column = 0;
		}
	}
	return at;
}

static bool parser_wrong(struct reader *r, const yaml_parser_t *p, const char *text, size_t len)
{
	yaml_mark_t at = p->problem_mark;

	if (p->error == YAML_MEMORY_ERROR)
		mem_out();
	if (p->error == YAML_READER_ERROR)
		at = mark_of_byte(text, len, p->problem_offset);
	return wrong(r, at, "%s%s%s%s", p->context ? p->context : "", p->context ? ": " : "",
		     p->problem ? p->problem : "no YAML", yml_hint(text, len, at.line));
}

static bool read_events(struct reader *r, const char *text, size_t len)
{
	yaml_parser_t parser;
	yaml_event_t e;
	bool good = true, end = false;

	if (!yaml_parser_initialize(&parser))
		mem_out();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (good && !end) {
		if (!yaml_parser_parse(&parser, &e)) {
			good = parser_wrong(r, &parser, text, len);
			break;
		}
		good = take(r, &e);
		end = e.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
	return good;
}

struct yml *yml_parse(const char *name, const char *text, size_t len, struct failure *f)
{
	struct yml *y = mem_alloc(sizeof(*y));
	struct reader *r = mem_alloc(sizeof(*r));
	bool good;

	*r = (struct reader){.y = y, .f = f, .anchor_names = json_object()};
	y->name = mem_dup(name);
	good = read_events(r, text, len);
	while (r->n) {
		json_decref(r->frames[--r->n].node.value);
		drop_frame(&r->frames[r->n]);
	}
	for (size_t i = 0; i < r->n_anchors; i++)
		json_decref(r->anchors[i].value);
	free(r->anchors);
	json_decref(r->anchor_names);
	free(r);
	if (!good) {
		yml_free(y);
		return NULL;
	}
	if (!y->root)
		y->root = json_null();
	marks_sort(&y->marks);
	return y;
}

void yml_free(struct yml *y)
{
	if (!y)
		return;
	json_decref(y->root);
	marks_free(&y->marks);
	free(y->name);
	free(y);
}

const json_t *yml_root(const struct yml *y)
{
	return y->root;
}

void yml_place(const struct yml *y, const json_t *value, struct buf *out)
{
	const struct mark *mark = marks_find(&y->marks, value);

	buf_str(out, y->name);
	if (mark)
		buf_fmt(out, ":%zu:%zu", mark->line, mark->column);
}

bool yml_truth(const json_t *value, bool *yes)
{
	static const char *const words[] = {"false", "no", "off", "true", "yes", "on"};
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(text, words[i])) {
			*yes = i >= 3;
			return true;
		}
	return false;
}
