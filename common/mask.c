/* SPDX-License-Identifier: ISC
 * Secrets, and how they are kept out of what is written: see trace.h. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "trace.h"

struct secret_form {
	char *text;
	size_t len;
	bool any_case; /* hex and percent codes */
};

static struct secret_form *forms;
static size_t n_forms;
static char **known;
static size_t n_known;

static void add_form(const char *text, size_t len, bool any_case)
{
	if (len < 4)
		return;
	for (size_t i = 0; i < n_forms; i++)
		if (forms[i].len == len && !memcmp(forms[i].text, text, len))
			return;
	forms = mem_grow(forms, n_forms + 1, sizeof(*forms));
	forms[n_forms++] = (struct secret_form){mem_dup_n(text, len), len, any_case};
}

/* Base64 of a longer text shows the secret in one of three alignments; what depends on the bytes
 * around it is left off. */
static void add_base64(const char *value, size_t len)
{
	for (size_t shift = 0; shift < 3; shift++) {
		struct buf plain = {0}, coded = {0};
		size_t first = (shift * 8 + 5) / 6, last;

		buf_add(&plain, "\0\0", shift);
		buf_add(&plain, value, len);
		buf_base64(&coded, plain.data, plain.len);
		last = (shift + len) * 8 / 6;
		if (last > first)
			add_form(coded.data + first, last - first, false);
		for (size_t i = 0; i < coded.len; i++)
			coded.data[i] = coded.data[i] == '+'   ? '-'
					: coded.data[i] == '/' ? '_'
							       : coded.data[i];
		if (last > first)
			add_form(coded.data + first, last - first, false);
		buf_free(&plain);
		buf_free(&coded);
	}
}

/* As a JSON string, the ways in which it is written: a/b, a\/b, \u00e4, and < > & as Go does. */
static void add_json(const char *value, size_t len)
{
	static const size_t ways[] = {0, JSON_ESCAPE_SLASH, JSON_ENSURE_ASCII,
				      JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH};
	json_t *string = json_stringn(value, len);

	for (size_t i = 0; string && i < sizeof(ways) / sizeof(*ways); i++) {
		char *json = json_dumps(string, JSON_ENCODE_ANY | ways[i]);
		struct buf b = {0};

		if (!json)
			mem_out();
		add_form(json + 1, strlen(json) - 2, true);
		for (const char *c = json + 1; c[1]; c++)
			if (strchr("<>&", *c))
				buf_fmt(&b, "\\u%04x", (unsigned)*c);
			else
				buf_char(&b, *c);
		add_form(b.data ? b.data : "", b.len, true);
		buf_free(&b);
		free(json);
	}
	json_decref(string);
}

static void add_xml(const char *value, size_t len)
{
	static const char special[] = "<>&\"'";
	static const char *const names[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};

	for (int quotes = 0; quotes < 2; quotes++) {
		struct buf b = {0};

		for (size_t i = 0; i < len; i++) {
			const char *hit = value[i] ? strchr(special, value[i]) : NULL;

			if (hit && (quotes || hit - special < 3))
				buf_str(&b, names[hit - special]);
			else
				buf_char(&b, value[i]);
		}
		add_form(b.data, b.len, false);
		buf_free(&b);
	}
}

static void add_coded(const char *value, size_t len)
{
	struct buf b = {0}, twice;

	buf_percent(&b, value, len, NULL);
	add_form(b.data, b.len, true);
	buf_clear(&b);
	buf_percent(&b, value, len, "/");
	add_form(b.data, b.len, true);
	buf_clear(&b);
	for (size_t i = 0; i < len; i++)
		if (value[i] == ' ')
			buf_char(&b, '+');
		else
			buf_percent(&b, value + i, 1, NULL);
	add_form(b.data, b.len, true);
	buf_clear(&b);
	for (size_t i = 0; i < len; i++) {
		buf_char(&b, '%');
		buf_hex(&b, value + i, 1);
	}
	add_form(b.data, b.len, true);
	buf_clear(&b);
	buf_percent(&b, value, len, NULL);
	twice = b;
	b = (struct buf){0};
	buf_percent(&b, twice.data, twice.len, NULL);
	buf_free(&twice);
	add_form(b.data, b.len, true);
	buf_clear(&b);
	buf_hex(&b, value, len);
	add_form(b.data, b.len, true);
	add_json(value, len);
	add_xml(value, len);
	buf_free(&b);
}

static int longer_first(const void *a, const void *b)
{
	const struct secret_form *left = a, *right = b;

	return left->len < right->len ? 1 : left->len > right->len ? -1 : 0;
}

void trace_secret_n(const char *value, size_t len)
{
	for (size_t i = 0; i < n_known; i++)
		if (strlen(known[i]) == len && !memcmp(known[i], value, len))
			return;
	if (len < 4)
		return;
	known = mem_grow(known, n_known + 1, sizeof(*known));
	known[n_known++] = mem_dup_n(value, len);
	add_form(value, len, false);
	add_base64(value, len);
	add_coded(value, len);
	qsort(forms, n_forms, sizeof(*forms), longer_first);
}

void trace_secret(const char *value)
{
	if (value)
		trace_secret_n(value, strlen(value));
}

static const char *find(const char *text, size_t len, const struct secret_form *form)
{
	char low = (char)tolower((unsigned char)*form->text);
	char high = (char)toupper((unsigned char)*form->text);

	if (!form->any_case)
		return memmem(text, len, form->text, form->len);
	for (size_t i = 0; i + form->len <= len; i++)
		if ((text[i] == low || text[i] == high) &&
		    !strncasecmp(text + i, form->text, form->len))
			return text + i;
	return NULL;
}

static void mask_form(struct buf *b, const struct secret_form *form)
{
	struct buf out = {0};
	const char *from = b->data, *end = b->data + b->len, *hit;

	while (b->len && (hit = find(from, (size_t)(end - from), form))) {
		buf_add(&out, from, (size_t)(hit - from));
		buf_str(&out, "***");
		from = hit + form->len;
	}
	if (from != b->data) {
		buf_add(&out, from, (size_t)(end - from));
		buf_free(b);
		*b = out;
	} else {
		buf_free(&out);
	}
}

/* From behind START up to one of the bytes STOPS, everywhere; in JSON \" is none. */
static void mask_between(struct buf *b, const char *start, const char *stops)
{
	struct buf out = {0};
	size_t n = strlen(start);

	for (size_t i = 0; i < b->len;) {
		if (b->len - i >= n && !strncasecmp(b->data + i, start, n)) {
			buf_add(&out, b->data + i, n);
			i += n;
			if (i < b->len && !strchr(stops, b->data[i]))
				buf_str(&out, "***");
			while (i < b->len && !strchr(stops, b->data[i]))
				i += *stops == '"' && b->data[i] == '\\' && i + 1 < b->len ? 2 : 1;
		} else {
			buf_char(&out, b->data[i++]);
		}
	}
	buf_free(b);
	*b = out;
}

/* User data may carry keys that this process never saw by themselves: masked whole where a cloud's
 * wire formats put it (forms, XML answers, JSON). */
static void mask_user_data(struct buf *b)
{
	static const struct {
		const char *start, *stops;
	} places[] = {
	    {"UserData=", "&"},         {"UserData.Value=", "&"},    {"<userData>", "<"},
	    {"<value>", "<"},           {"\"UserData\":\"", "\""},   {"\"user_data\":\"", "\""},
	    {"\"UserData\": \"", "\""}, {"\"user_data\": \"", "\""},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		bool value = !strcmp(places[i].start, "<value>");

		if (value && !memmem(b->data, b->len, "<userData>", 10))
			continue;
		if (memmem(b->data, b->len, "ser", 3))
			mask_between(b, places[i].start, places[i].stops);
	}
}

void trace_mask(struct buf *b)
{
	if (!b->len)
		return;
	mask_user_data(b);
	for (size_t i = 0; i < n_forms; i++)
		mask_form(b, &forms[i]);
}

static json_t *masked_string(const json_t *string)
{
	struct buf b = {0};
	json_t *copy;

	buf_add(&b, json_string_value(string), json_string_length(string));
	trace_mask(&b);
	copy = json_stringn(b.data ? b.data : "", b.len);
	buf_free(&b);
	return copy;
}

json_t *trace_masked(const json_t *json)
{
	const char *key;
	json_t *value, *copy;
	size_t i;

	switch (json_typeof(json)) {
	case JSON_STRING:
		return masked_string(json);
	case JSON_ARRAY:
		copy = json_array();
		json_array_foreach(json, i, value)
			json_array_append_new(copy, trace_masked(value));
		return copy;
	case JSON_OBJECT:
		copy = json_object();
		json_object_foreach((json_t *)(size_t)json, key, value) {
			bool whole = !strcasecmp(key, "user_data") || !strcasecmp(key, "UserData");

			json_object_set_new(copy, key,
					    whole && json_is_string(value) ? json_string("***")
									   : trace_masked(value));
		}
		return copy;
	default:
		return json_deep_copy(json);
	}
}
