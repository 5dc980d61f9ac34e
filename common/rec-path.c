/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "rec-path.h"
#include "rec.h"

/* The text is a C string, JSON's may hold NUL. */
static void add_string(struct buf *out, const char *text, size_t len)
{
	const char *nul;

	while ((nul = memchr(text, '\0', len))) {
		buf_add(out, text, (size_t)(nul - text));
		buf_str(out, "\\x00");
		len -= (size_t)(nul - text) + 1;
		text = nul + 1;
	}
	buf_add(out, text, len);
}

static void add_value(struct buf *out, const json_t *value)
{
	char *text = NULL;

	if (json_is_null(value))
		return;
	if (out->len)
		buf_char(out, ',');
	if (json_is_string(value)) {
		add_string(out, json_string_value(value), json_string_length(value));
	} else if (json_is_real(value)) {
		char digits[32] = "";

		for (int n = 15; n <= 17; n++) { /* the shortest that reads back as the same */
			snprintf(digits, sizeof(digits), "%.*g", n, json_real_value(value));
			if (strtod(digits, NULL) == json_real_value(value))
				break;
		}
		buf_str(out, digits);
	} else {
		text = rec_text(value);
		buf_str(out, text);
	}
	free(text);
}

void rec_path_text(struct buf *out, const json_t *json, const char *path)
{
	const json_t *item = *path ? json_object_get(json, path) : NULL;
	size_t i, len = strcspn(path, ".");
	long long number;

	if (item) {
		rec_path_text(out, item, "");
	} else if (json_is_array(json)) {
		char *first = mem_dup_n(path, len);

		if (cli_number(first, 0, 1000000, &number))
			rec_path_text(out, json_array_get(json, (size_t)number),
				      path[len] ? path + len + 1 : "");
		else
			json_array_foreach(json, i, item)
				rec_path_text(out, item, path);
		free(first);
	} else if (!*path) {
		if (json)
			add_value(out, json);
	} else if (json_is_object(json)) {
		for (; path[len]; len += 1 + strcspn(path + len + 1, ".")) {
			item = json_object_getn(json, path, len);
			if (item) {
				rec_path_text(out, item, path + len + 1);
				return;
			}
		}
	}
}

const json_t *rec_path_value(const json_t *json, const char *path)
{
	const json_t *item = json_object_get(json, path);
	size_t len = strcspn(path, ".");
	long long number;

	if (item)
		return item;
	if (json_is_array(json)) {
		char *first = mem_dup_n(path, len);

		if (cli_number(first, 0, 1000000, &number))
			item = json_array_get(json, (size_t)number);
		free(first);
		return item && path[len] ? rec_path_value(item, path + len + 1) : item;
	}
	for (; path[len] && !item; len += 1 + strcspn(path + len + 1, "."))
		if ((item = json_object_getn(json, path, len)))
			return rec_path_value(item, path + len + 1);
	return NULL;
}
