/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "json-text.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A number, true, false, null, or rubbish: up to what cannot belong to it. */
static bool scan_word(struct json_scan *s, const char *text, size_t len, bool eof)
{
	while (s->at < len && !is_space(text[s->at]) && !strchr("{}[]\",:", text[s->at]))
		s->at++;
	if (!s->at && len)
		s->at = 1;
	return s->at < len || eof;
}

bool json_scan(struct json_scan *s, const char *text, size_t len, bool eof)
{
	if (!len || !text[0] || !strchr("{[\"", text[0]))
		return scan_word(s, text, len, eof);
	for (; s->at < len; s->at++) {
		char c = text[s->at];

		if (s->string) {
			if (c == '\n') {
				s->newline = true;
				return true;
			}
			if (s->escape)
				s->escape = false;
			else if (c == '\\')
				s->escape = true;
			else if (c == '"')
				s->string = false;
		} else if (c == '"') {
			s->string = true;
		} else if (c == '{' || c == '[') {
			s->depth++;
		} else if (c == '}' || c == ']') {
			s->depth--;
		} else {
			continue;
		}
		if (!s->string && !s->depth) {
			s->at++;
			return true;
		}
	}
	return false;
}

size_t json_compact(char *to, const char *text, size_t len)
{
	size_t out = 0;
	bool string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (string) {
			to[out++] = c;
			if (c == '\\' && i + 1 < len)
				to[out++] = text[++i];
			else if (c == '"')
				string = false;
		} else if (!is_space(c)) {
			to[out++] = c;
			string = c == '"';
		}
	}
	to[out] = '\0';
	return out;
}

static size_t value_end(const char *text, size_t len, size_t at)
{
	struct json_scan scan = {0};

	json_scan(&scan, text + at, len - at, true);
	return at + scan.at;
}

static size_t skip_space(const char *text, size_t len, size_t at)
{
	while (at < len && is_space(text[at]))
		at++;
	return at;
}

bool json_member(const char *text, size_t len, size_t *at, struct json_member *member)
{
	size_t key = skip_space(text, len, *at), key_end, value;

	if (key >= len || text[key] == '}')
		return false;
	key = skip_space(text, len, key + 1); /* behind { or , */
	if (key >= len || text[key] != '"')
		return false;
	key_end = value_end(text, len, key);
	value = skip_space(text, len, key_end);
	if (value >= len || text[value] != ':')
		return false;
	value = skip_space(text, len, value + 1);
	*at = value_end(text, len, value);
	member->key = text + key;
	member->key_len = key_end - key;
	member->value = text + value;
	member->value_len = *at - value;
	return true;
}
