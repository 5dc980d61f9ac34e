/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "world.h"

const char *text_of(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? text : "";
}

const char *str(const json_t *object, const char *key)
{
	return text_of(json_object_get(object, key));
}

long long num(const json_t *object, const char *key, long long otherwise)
{
	const json_t *value = json_object_get(object, key);

	if (json_is_number(value))
		return (long long)json_number_value(value);
	return *text_of(value) ? strtoll(text_of(value), NULL, 10) : otherwise;
}

bool yes(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_true(value) || !strcmp(text_of(value), "true");
}

bool has(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return value && !json_is_null(value) && (!json_is_string(value) || *text_of(value));
}

static json_t *made(json_t *object, const char *key, json_t *fresh)
{
	put(object, key, fresh);
	return fresh;
}

json_t *sub(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_object(value) ? value : made(object, key, json_object());
}

json_t *list(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	return json_is_array(value) ? value : made(object, key, json_array());
}

const json_t *seq(const json_t *object, const char *key)
{
	static json_t *empty;
	const json_t *value = json_object_get(object, key);

	if (!empty)
		empty = json_array();
	return json_is_array(value) ? value : empty;
}

void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

void put_str(json_t *object, const char *key, const char *text)
{
	put(object, key, json_string(text));
}

void put_int(json_t *object, const char *key, long long value)
{
	put(object, key, json_integer(value));
}

void add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		mem_out();
}

static size_t find(const json_t *array, const char *text)
{
	size_t i;
	json_t *value;

	json_array_foreach(array, i, value)
		if (!strcmp(text_of(value), text))
			return i;
	return SIZE_MAX;
}

bool holds(const json_t *array, const char *text)
{
	return find(array, text) != SIZE_MAX;
}

void drop(json_t *array, const char *text)
{
	size_t i = find(array, text);

	if (i != SIZE_MAX)
		json_array_remove(array, i);
}
