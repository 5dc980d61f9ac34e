/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "world.h"

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

static void set_flat(json_t *all, const char *name, const char *value)
{
	put(all, name, json_string(value) ?: json_string(""));
}

/* Walks down NAME's parts; numbers become keys at first, see arrays(). */
static void set_nested(json_t *all, const char *name, const char *value)
{
	char *copy = mem_dup(name), *part = copy, *dot, *next;

	while ((dot = strchr(part, '.'))) {
		*dot = '\0';
		next = dot + 1;
		if (!strcmp(part, "member") && strspn(next, "0123456789")) {
			part = next;
			continue;
		}
		all = sub(all, part);
		part = next;
	}
	set_flat(all, part, value);
	free(copy);
}

static json_t *arrays(json_t *value)
{
	json_t *result, *member;
	const char *key;
	bool numbers = json_object_size(value) > 0;
	long last = 0;

	if (!json_is_object(value))
		return json_incref(value);
	json_object_foreach(value, key, member) {
		numbers = numbers && is_number(key) && strlen(key) < 6;
		if (numbers && strtol(key, NULL, 10) > last)
			last = strtol(key, NULL, 10);
	}
	result = numbers ? json_array() : json_object();
	if (!numbers) {
		json_object_foreach(value, key, member)
			put(result, key, arrays(member));
		return result;
	}
	for (long i = 0; i <= last; i++) {
		char *name = mem_fmt("%ld", i);

		if ((member = json_object_get(value, name)))
			add(result, arrays(member));
		free(name);
	}
	return result;
}

static json_t *read_pairs(const char *text, size_t len,
			  void (*set)(json_t *, const char *, const char *))
{
	json_t *all = json_object();
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '&', (size_t)(end - text));
		const char *equals;
		struct buf name = {0}, value = {0};

		if (!stop)
			stop = end;
		equals = memchr(text, '=', (size_t)(stop - text));
		buf_unpercent(&name, text, (size_t)((equals ? equals : stop) - text), 1);
		if (equals)
			buf_unpercent(&value, equals + 1, (size_t)(stop - equals - 1), 1);
		if (name.len)
			set(all, name.data, value.data ? value.data : "");
		buf_free(&name);
		buf_free(&value);
		text = stop + 1;
	}
	return all;
}

json_t *form_flat(const char *text, size_t len)
{
	return read_pairs(text, len, set_flat);
}

json_t *form_read(const char *text, size_t len)
{
	json_t *nested = read_pairs(text, len, set_nested);
	json_t *result = arrays(nested);

	json_decref(nested);
	return result;
}
