/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "../status.h"

struct form {
	struct buf *body;
	struct buf name; /* of the value at hand: A.member.1.B */
	enum query_flavour flavour;
};

/* As browsers and the vendor's SDKs encode forms: + is a space. */
static void add_encoded(struct buf *body, const char *text, size_t len)
{
	const char *space;

	while ((space = memchr(text, ' ', len))) {
		buf_percent(body, text, (size_t)(space - text), NULL);
		buf_char(body, '+');
		len -= (size_t)(space - text) + 1;
		text = space + 1;
	}
	buf_percent(body, text, len, NULL);
}

static void add_pair(struct buf *body, const char *name, size_t name_len, const char *text,
		     size_t len)
{
	if (body->len)
		buf_char(body, '&');
	add_encoded(body, name, name_len);
	buf_char(body, '=');
	add_encoded(body, text, len);
}

/* The shortest text that reads back as the same number: 10.8, 50.0, 1e+20. */
static void add_real(struct form *form, double number)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	if (!strpbrk(text, ".e"))
		strncat(text, ".0", sizeof text - strlen(text) - 1);
	add_pair(form->body, form->name.data, form->name.len, text, strlen(text));
}

static bool is_element_name(const char *name, size_t len)
{
	const char *last = memrchr(name, '.', len);
	size_t n;

	last = last ? last + 1 : name;
	n = len - (size_t)(last - name);
	return (n == 6 && !memcmp(last, "member", n)) || (n == 5 && !memcmp(last, "entry", n)) ||
	       (n == 4 && !memcmp(last, "item", n));
}

static void add_value(struct form *form, const json_t *value);

/* An empty list is sent as nothing to EC2, as Name= to the others. */
static void add_empty_list(struct form *form, bool named)
{
	size_t len = form->name.len;

	if (form->flavour == QUERY_FLAT)
		return;
	if (named) {
		const char *dot = memrchr(form->name.data, '.', len);
		len = dot ? (size_t)(dot - form->name.data) : 0;
	}
	if (len)
		add_pair(form->body, form->name.data, len, "", 0);
}

static void add_list(struct form *form, const json_t *list)
{
	size_t i, number = 0, whole = form->name.len;
	bool named = is_element_name(form->name.data, whole);
	const json_t *element;

	if (!json_array_size(list)) {
		add_empty_list(form, named);
		return;
	}
	if (form->flavour == QUERY_MEMBER && !named)
		buf_str(&form->name, ".member");
	json_array_foreach(list, i, element) {
		size_t stem = form->name.len;

		if (json_is_null(element))
			continue;
		buf_fmt(&form->name, ".%zu", ++number);
		add_value(form, element);
		form->name.data[form->name.len = stem] = '\0';
	}
	form->name.data[form->name.len = whole] = '\0';
}

/* EC2's parameters all begin upper-case, its answers' members lower-case: either will do. */
static void capitalize(char *name)
{
	if (*name >= 'a' && *name <= 'z')
		*name = (char)(*name - 'a' + 'A');
}

static void add_members(struct form *form, const json_t *object)
{
	size_t whole = form->name.len;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) {
		if (whole)
			buf_char(&form->name, '.');
		buf_str(&form->name, key);
		if (form->flavour == QUERY_FLAT)
			capitalize(form->name.data + form->name.len - strlen(key));
		add_value(form, value);
		form->name.data[form->name.len = whole] = '\0';
	}
}

static void add_value(struct form *form, const json_t *value)
{
	char text[32];

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		add_members(form, value);
		break;
	case JSON_ARRAY:
		add_list(form, value);
		break;
	case JSON_STRING:
		add_pair(form->body, form->name.data, form->name.len, json_string_value(value),
			 json_string_length(value));
		break;
	case JSON_INTEGER:
		snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		add_pair(form->body, form->name.data, form->name.len, text, strlen(text));
		break;
	case JSON_REAL:
		add_real(form, json_real_value(value));
		break;
	case JSON_TRUE:
		add_pair(form->body, form->name.data, form->name.len, "true", 4);
		break;
	case JSON_FALSE:
		add_pair(form->body, form->name.data, form->name.len, "false", 5);
		break;
	case JSON_NULL:
		break;
	}
}

bool query_form(struct buf *body, enum query_flavour flavour, const char *action,
		const char *version, const json_t *params, struct failure *f)
{
	struct form form = {.body = body, .flavour = flavour};

	if (params && !json_is_object(params))
		return fail_set(f, ST_DATA, "bad-parameters",
				"the parameters of %s are not a JSON object", action);
	add_pair(body, "Action", 6, action, strlen(action));
	add_pair(body, "Version", 7, version, strlen(version));
	if (params) {
		buf_reserve(&form.name, 0);
		add_members(&form, params);
	}
	buf_free(&form.name);
	return true;
}
