/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "xml.h"
#include "../buf.h"
#include "../mem.h"
#include "../status.h"

enum { DEEPEST = 128 };

/* An element that is open. Its content is one of: nothing yet, `list` (all children so far have the
 * name `element`), `object`. */
struct frame {
	char *name;
	struct buf text;
	json_t *list, *object;
	const char *element; /* "item", "member" or "entry"; static */
	json_t *repeated;    /* names that object holds as an array of several; NULL: none */
};

struct xml {
	XML_Parser parser;
	struct frame frames[DEEPEST];
	int depth;
	char *root;
	json_t *result;
	const char *refused; /* why we stopped the parser */
};

static const char *element_name(const char *name)
{
	static const char *const names[] = {"item", "member", "entry"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i]))
			return names[i];
	return NULL;
}

static void checked(int failed)
{
	if (failed)
		mem_out();
}

/* Puts value under name; the second of a name makes an array. Takes over value. */
static void put(struct frame *parent, const char *name, json_t *value)
{
	json_t *old = json_object_get(parent->object, name);

	if (!old) {
		checked(json_object_set_new(parent->object, name, value));
	} else if (json_object_get(parent->repeated, name)) {
		checked(json_array_append_new(old, value));
	} else {
		json_t *both = json_array();

		checked(json_array_append(both, old));
		checked(json_array_append_new(both, value));
		checked(json_object_set_new(parent->object, name, both));
		if (!parent->repeated)
			parent->repeated = json_object();
		checked(json_object_set_new(parent->repeated, name, json_true()));
	}
}

/* It is no list after all: its elements become members of an object. */
static void demote(struct frame *parent)
{
	size_t i;
	json_t *value;

	parent->object = json_object();
	json_array_foreach(parent->list, i, value)
		put(parent, parent->element, json_incref(value));
	json_decref(parent->list);
	parent->list = NULL;
}

static void add_child(struct frame *parent, const char *name, json_t *value)
{
	const char *element = element_name(name);

	if (!parent->object && !parent->list) {
		parent->element = element;
		if (element)
			parent->list = json_array();
		else
			parent->object = json_object();
	}
	if (parent->list && element != parent->element)
		demote(parent);
	if (parent->list)
		checked(json_array_append_new(parent->list, value));
	else
		put(parent, name, value);
}

/* [{"key":"a","value":1}] as {"a":1}, a new reference; NULL when it is no map. */
static json_t *map_of(const json_t *entries)
{
	json_auto_t *map = json_object();
	size_t i;
	json_t *entry;

	json_array_foreach(entries, i, entry) {
		const char *key = json_string_value(json_object_get(entry, "key"));
		json_t *value = json_object_get(entry, "value");

		if (!key || !value || json_object_size(entry) != 2 || json_object_get(map, key))
			return NULL;
		checked(json_object_set(map, key, value));
	}
	return json_incref(map);
}

static bool is_blank(const struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (!isspace((unsigned char)text->data[i]))
			return false;
	return true;
}

/* What the element that ends is, a new reference. */
static json_t *value_of(struct frame *f)
{
	json_t *value;

	if (f->object)
		return json_incref(f->object);
	if (f->list) {
		value = strcmp(f->element, "entry") ? NULL : map_of(f->list);
		return value ? value : json_incref(f->list);
	}
	if (is_blank(&f->text) && xml_empty(f->name) != XML_TEXT)
		return xml_empty(f->name) == XML_LIST ? json_array() : json_object();
	value = json_stringn(f->text.len ? f->text.data : "", f->text.len);
	checked(!value);
	return value;
}

static void frame_clear(struct frame *f)
{
	free(f->name);
	f->name = NULL;
	f->element = NULL;
	buf_clear(&f->text);
	json_decref(f->list);
	json_decref(f->object);
	json_decref(f->repeated);
	f->list = f->object = f->repeated = NULL;
}

static void refuse(struct xml *x, const char *why)
{
	x->refused = why;
	XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct xml *x = data;
	const char *colon = strchr(name, ':');

	(void)attributes;
	if (x->refused)
		return;
	if (x->depth == DEEPEST) {
		refuse(x, "nested too deeply");
		return;
	}
	x->frames[x->depth++].name = mem_dup(colon ? colon + 1 : name);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct xml *x = data;
	struct frame *f;

	(void)name;
	if (x->refused)
		return;
	f = &x->frames[--x->depth];
	if (x->depth) {
		add_child(f - 1, f->name, value_of(f));
		buf_clear(&f[-1].text);
	} else {
		x->result =
		    f->object || f->list || !is_blank(&f->text) ? value_of(f) : json_object();
		x->root = mem_dup(f->name);
	}
	frame_clear(f);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len)
{
	struct xml *x = data;
	struct frame *f = &x->frames[x->depth ? x->depth - 1 : 0];

	if (x->refused || !x->depth || f->object || f->list)
		return;
	buf_add(&f->text, text, (size_t)len);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
			       const XML_Char *public_id, int internal)
{
	(void)name, (void)system_id, (void)public_id, (void)internal;
	refuse(data, "it has a document type declaration");
}

struct xml *xml_new(void)
{
	struct xml *x = mem_alloc(sizeof *x);

	x->parser = XML_ParserCreate(NULL);
	checked(!x->parser);
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	return x;
}

void xml_free(struct xml *x)
{
	if (!x)
		return;
	for (int i = 0; i < DEEPEST; i++) {
		frame_clear(&x->frames[i]);
		buf_free(&x->frames[i].text);
	}
	XML_ParserFree(x->parser);
	free(x->root);
	json_decref(x->result);
	free(x);
}

static bool fed(struct xml *x, enum XML_Status status, struct failure *f)
{
	if (status == XML_STATUS_OK)
		return true;
	if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
		mem_out();
	return fail_set(f, ST_BUG, "bad-xml", "not the XML that was expected (line %lu): %s",
			XML_GetCurrentLineNumber(x->parser),
			x->refused ? x->refused : XML_ErrorString(XML_GetErrorCode(x->parser)));
}

bool xml_feed(struct xml *x, const char *data, size_t len, struct failure *f)
{
	while (len) {
		int part = len < INT_MAX / 2 ? (int)len : INT_MAX / 2;

		if (!fed(x, XML_Parse(x->parser, data, part, 0), f))
			return false;
		data += part;
		len -= (size_t)part;
	}
	return true;
}

json_t *xml_end(struct xml *x, char **root, struct failure *f)
{
	json_t *result = NULL;

	if (fed(x, XML_Parse(x->parser, "", 0, 1), f)) {
		result = x->result;
		x->result = NULL;
		if (root) {
			*root = x->root;
			x->root = NULL;
		}
	}
	xml_free(x);
	return result;
}

json_t *xml_parse(const char *data, size_t len, char **root, struct failure *f)
{
	struct xml *x = xml_new();

	if (root)
		*root = NULL;
	if (xml_feed(x, data, len, f))
		return xml_end(x, root, f);
	xml_free(x);
	return NULL;
}
