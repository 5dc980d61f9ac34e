/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "canonical.h"
#include "mem.h"

static bool is_segment(struct span s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.at, text, s.len);
}

static void drop_last_segment(struct buf *b)
{
	while (b->len && b->data[b->len - 1] != '/')
		b->len--;
	if (b->len)
		b->len--;
}

static void remove_dots(struct buf *b, struct span path)
{
	const char *end = path.at + path.len;

	for (const char *at = path.at; at < end;) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		struct span segment = {at, (size_t)((slash ? slash : end) - at)};

		if (is_segment(segment, "..")) {
			drop_last_segment(b);
		} else if (segment.len && !is_segment(segment, ".")) {
			buf_char(b, '/');
			buf_add(b, segment.at, segment.len);
		}
		at = slash ? slash + 1 : end;
	}
	if (!b->len || end[-1] == '/')
		buf_char(b, '/');
}

void canonical_path(struct buf *b, struct span path, bool normalize)
{
	struct buf plain = {0};

	if (!path.len) {
		buf_char(b, '/');
		return;
	}
	if (normalize) {
		remove_dots(&plain, path);
		path = (struct span){plain.data, plain.len};
	}
	buf_percent(b, path.at, path.len, "/");
	buf_free(&plain);
}

void canonical_path_s3(struct buf *b, struct span path)
{
	struct buf key = {0};
	const char *end = path.at + path.len;

	if (!path.len)
		buf_char(b, '/');
	for (const char *at = path.at; at < end;) {
		const char *slash = memchr(at, '/', (size_t)(end - at));

		buf_clear(&key);
		buf_unpercent(&key, at, (size_t)((slash ? slash : end) - at), 0);
		buf_percent(b, key.data, key.len, NULL);
		if (slash)
			buf_char(b, '/');
		at = slash ? slash + 1 : end;
	}
	buf_free(&key);
}

/* The next member of a query; false at its end. Empty ones count as none. */
static bool next_member(struct span *query, struct span *member)
{
	while (query->len && *query->at == '&') {
		query->at++;
		query->len--;
	}
	if (!query->len)
		return false;
	const char *amp = memchr(query->at, '&', query->len);

	*member = (struct span){query->at, amp ? (size_t)(amp - query->at) : query->len};
	query->at += member->len;
	query->len -= member->len;
	return true;
}

struct pair {
	struct buf name, value;
};

static int compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = strcmp(x->name.data, y->name.data);

	return order ? order : strcmp(x->value.data, y->value.data);
}

static void encode_again(struct buf *b, const char *text, size_t len, struct buf *plain)
{
	buf_clear(plain);
	buf_unpercent(plain, text, len, 1);
	buf_reserve(b, 0);
	b->data[0] = '\0';
	buf_percent(b, plain->data, plain->len, NULL);
}

void canonical_query(struct buf *b, struct span query)
{
	struct pair *pairs = NULL;
	struct buf plain = {0};
	struct span member;
	size_t n = 0;

	while (next_member(&query, &member)) {
		const char *equals = memchr(member.at, '=', member.len);
		size_t name_len = equals ? (size_t)(equals - member.at) : member.len;
		size_t value_at = equals ? name_len + 1 : name_len;

		pairs = mem_grow(pairs, n + 1, sizeof(*pairs));
		pairs[n] = (struct pair){0};
		encode_again(&pairs[n].name, member.at, name_len, &plain);
		encode_again(&pairs[n++].value, member.at + value_at, member.len - value_at,
			     &plain);
	}
	if (n)
		qsort(pairs, n, sizeof(*pairs), compare_pairs);
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_char(b, '&');
		buf_add(b, pairs[i].name.data, pairs[i].name.len);
		buf_char(b, '=');
		buf_add(b, pairs[i].value.data, pairs[i].value.len);
		buf_free(&pairs[i].name);
		buf_free(&pairs[i].value);
	}
	free(pairs);
	buf_free(&plain);
}

static bool is_of_signature(struct span member)
{
	static const char *const made[] = {
	    "X-Amz-Algorithm",     "X-Amz-Credential", "X-Amz-Date",           "X-Amz-Expires",
	    "X-Amz-SignedHeaders", "X-Amz-Signature",  "X-Amz-Security-Token",
	};
	const char *equals = memchr(member.at, '=', member.len);

	if (equals)
		member.len = (size_t)(equals - member.at);
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		if (span_is(member, made[i]))
			return true;
	return false;
}

size_t canonical_query_unsigned(struct buf *b, struct span query)
{
	const char *at = query.at, *end = query.at + query.len;
	size_t left_out = 0;
	bool first = true;

	while (query.len && at <= end) {
		const char *amp = memchr(at, '&', (size_t)(end - at));
		struct span member = {at, (size_t)((amp ? amp : end) - at)};

		at += member.len + 1;
		if (is_of_signature(member)) {
			left_out++;
			continue;
		}
		if (!first)
			buf_char(b, '&');
		buf_add(b, member.at, member.len);
		first = false;
	}
	return left_out;
}

/* What is on the way changed, or belongs to the connection. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = {
	    "authorization", "connection",        "expect",  "keep-alive", "te",
	    "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return !strncasecmp(name, "proxy-", 6);
}

struct line {
	const char *name, *value; /* borrowed */
	size_t value_len, order;
};

static int compare_lines(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	int order = strcasecmp(x->name, y->name);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

static void add_lower(struct buf *b, const char *text)
{
	for (; *text; text++)
		buf_char(b, (char)tolower((unsigned char)*text));
}

/* Trimmed, and each run of white space one space. */
static void add_value(struct buf *b, const char *value, size_t len)
{
	bool space = false, began = false;

	for (size_t i = 0; i < len; i++) {
		if (isspace((unsigned char)value[i])) {
			space = began;
			continue;
		}
		if (space)
			buf_char(b, ' ');
		buf_char(b, value[i]);
		space = false;
		began = true;
	}
}

static void add_lines(struct buf *lines, struct buf *names, const struct line *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i && !strcasecmp(list[i].name, list[i - 1].name)) {
			buf_char(lines, ',');
		} else {
			if (i) {
				buf_char(lines, '\n');
				buf_char(names, ';');
			}
			add_lower(lines, list[i].name);
			add_lower(names, list[i].name);
			buf_char(lines, ':');
		}
		add_value(lines, list[i].value, list[i].value_len);
	}
	buf_char(lines, '\n');
}

void canonical_headers(struct buf *lines, struct buf *names, const struct http_headers *headers,
		       struct span host, const char *except)
{
	struct line *list = mem_alloc((headers->n + 1) * sizeof(*list));
	size_t n = 0;

	if (!http_header_get(headers, "host"))
		list[n++] = (struct line){"host", host.at, host.len, 0};
	for (size_t i = 0; i < headers->n; i++) {
		const struct http_header *h = &headers->list[i];

		if (is_left_out(h->name) || (except && !strcasecmp(h->name, except)))
			continue;
		list[n++] = (struct line){h->name, h->value, strlen(h->value), i};
	}
	qsort(list, n, sizeof(*list), compare_lines);
	add_lines(lines, names, list, n);
	free(list);
}
