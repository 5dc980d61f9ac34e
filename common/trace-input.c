/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "http.h"
#include "trace-input.h"

uint64_t fnv(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
	return hash;
}

static void remember(struct input_hash *h, char c)
{
	if (isspace((unsigned char)c))
		return;
	if (h->len == sizeof(h->tail)) {
		h->len /= 2;
		memmove(h->tail, h->tail + sizeof(h->tail) - h->len, h->len);
	}
	h->tail[h->len++] = (char)tolower((unsigned char)c);
}

static bool ends_in(const struct input_hash *h, const char *text)
{
	size_t len = strlen(text);

	return h->len >= len && !memcmp(h->tail + h->len - len, text, len);
}

/* Behind {"name":"authorization","value":" and the like. */
static bool in_secret_header(const struct input_hash *h)
{
	static const char before[] = "\"name\":\"", after[] = "\",\"value\":\"";
	size_t end = h->len - (sizeof(after) - 1), start = end;
	char name[64];

	if (!ends_in(h, after))
		return false;
	while (start && h->tail[start - 1] != '"')
		start--;
	if (start < sizeof(before) - 1 || end - start >= sizeof(name) ||
	    memcmp(h->tail + start - (sizeof(before) - 1), before, sizeof(before) - 1))
		return false;
	memcpy(name, h->tail + start, end - start);
	name[end - start] = '\0';
	return http_header_secret(name);
}

static const char *left_out_from_here(const struct input_hash *h)
{
	static const char *const texts[] = {"\"user_data\":\"", "\"userdata\":\""};
	static const char *const queries[] = {
	    "x-amz-signature=", "x-amz-credential=", "x-amz-security-token="};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (ends_in(h, texts[i]))
			return "\"";
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		if (ends_in(h, queries[i]))
			return "&\"";
	return in_secret_header(h) ? "\"" : NULL;
}

void input_hash_add(struct input_hash *h, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (h->end && (h->escaped || !c || !strchr(h->end, c))) {
			h->escaped = !h->escaped && c == '\\';
			continue;
		}
		h->end = NULL;
		h->hash = fnv(h->hash, &c, 1);
		remember(h, c);
		if (c == '"' || c == '=')
			h->end = left_out_from_here(h);
	}
}
