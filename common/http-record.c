/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "clock.h"
#include "http-record.h"
#include "mem.h"
#include "status.h"
#include "trace.h"
#include "url.h"

static bool bad(struct failure *f, const char *why)
{
	return fail_set(f, ST_DATA, "bad-request", "not an http-request: %s", why);
}

/* A string without NUL in it, else NULL. */
static const char *string_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static bool is_token(const char *text)
{
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("!#$%&'*+-.^_`|~", *c))
			return false;
	return *text;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* A value over several lines is one line with spaces, as RFC 9112 has it. */
static char *unfolded(const char *value)
{
	struct buf line = {0};

	buf_reserve(&line, strlen(value));
	while (*value) {
		size_t plain = strcspn(value, "\r\n");

		buf_add(&line, value, plain);
		value += plain;
		if (*value)
			buf_char(&line, ' ');
		value += strspn(value, "\r\n \t");
	}
	return buf_take(&line);
}

static bool read_headers(const json_t *list, struct http_headers *headers, struct failure *f)
{
	const json_t *entry;
	size_t i;

	if (list && !json_is_array(list))
		return bad(f, "headers is no array");
	json_array_foreach(list, i, entry) {
		const char *name = string_at(entry, "name"), *value = string_at(entry, "value");
		char *line;

		if (!name || !value)
			return bad(f, "a header has no name or value");
		if (*name == ':') /* HTTP/2's own, in what a browser saved */
			continue;
		if (!is_token(name))
			return bad(f, "a header has a name that cannot be sent");
		line = unfolded(value);
		http_header_add(headers, name, line);
		free(line);
	}
	return true;
}

static bool read_text(const json_t *content, struct buf *body)
{
	const json_t *text = json_object_get(content, "text");
	const char *encoding = string_at(content, "encoding");

	if (!text)
		return true;
	if (!json_is_string(text))
		return false;
	if (encoding && !strcmp(encoding, "base64"))
		return !buf_unbase64(body, json_string_value(text), json_string_length(text));
	buf_add(body, json_string_value(text), json_string_length(text));
	return true;
}

static bool read_body(const json_t *post, struct http_request *r, struct failure *f)
{
	const char *type = string_at(post, "mimeType");

	if (!post || json_is_null(post))
		return true;
	if (!json_is_object(post) || !read_text(post, &r->body))
		return bad(f, "postData has no text that can be read");
	if (!json_object_get(post, "text") && json_array_size(json_object_get(post, "params")))
		return bad(f, "postData has params but no text");
	if (type && *type && !http_header_get(&r->headers, "Content-Type")) {
		if (has_control(type))
			return bad(f, "postData has a mimeType that cannot be sent");
		http_header_add(&r->headers, "Content-Type", type);
	}
	return true;
}

struct http_request *http_request_from(const json_t *record, struct failure *f)
{
	const char *method = string_at(record, "method"), *url = string_at(record, "url");
	struct http_request *r;

	if (!method || !is_token(method)) {
		bad(f, "method is no word");
		return NULL;
	}
	if (!url || has_control(url) ||
	    (strncasecmp(url, "http://", 7) && strncasecmp(url, "https://", 8))) {
		bad(f, "url is no http or https URL");
		return NULL;
	}
	r = http_request_new(method, url);
	if (read_headers(json_object_get(record, "headers"), &r->headers, f) &&
	    read_body(json_object_get(record, "postData"), r, f))
		return r;
	http_request_free(r);
	return NULL;
}

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

/* Text, or base64 where it is not UTF-8. */
static void put_text(json_t *object, const struct buf *body)
{
	json_t *text = json_stringn(body->len ? body->data : "", body->len);
	struct buf base64 = {0};

	if (text) {
		put(object, "text", text);
		return;
	}
	buf_base64(&base64, body->data, body->len);
	put(object, "text", json_string(base64.data));
	put(object, "encoding", json_string("base64"));
	buf_free(&base64);
}

/* What is not UTF-8 is Latin-1, as HTTP once had it. */
static json_t *header_value(const char *value)
{
	json_t *text = json_string(value);
	struct buf utf8 = {0};

	if (text)
		return text;
	for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
		if (*c >= 0x80)
			buf_char(&utf8, (char)(0xc0 | *c >> 6));
		buf_char(&utf8, (char)(*c < 0x80 ? *c : 0x80 | (*c & 0x3f)));
	}
	text = json_string(utf8.data);
	buf_free(&utf8);
	return text;
}

static json_t *headers_json(const struct http_headers *headers, bool masked)
{
	json_t *list = json_array();

	for (size_t i = 0; i < headers->n; i++) {
		const struct http_header *h = &headers->list[i];
		bool hidden = masked && http_header_secret(h->name);
		json_t *entry = json_object();

		put(entry, "name", json_string(h->name));
		put(entry, "value", hidden ? json_string("***") : header_value(h->value));
		if (json_array_append_new(list, entry))
			mem_out();
	}
	return list;
}

/* A user and password, and of a presigned URL the members that sign it or that differ each time. */
static json_t *masked_url(const char *text)
{
	static const char *const hidden[] = {
	    "-Credential=", "-Date=", "-Signature=", "-Security-Token="};
	struct buf url = {0};
	struct url parts;
	json_t *value;

	if (url_split(text, &parts) && parts.has_user) {
		buf_add(&url, text, (size_t)(parts.user.at - text));
		buf_str(&url, "***");
		text = parts.user.at + parts.user.len;
	}
	while (*text) {
		size_t len = strcspn(text, "?&#"), name = 0;

		if (!strncasecmp(text, "X-Amz-", 6) || !strncasecmp(text, "X-Goog-", 7))
			for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
				if (!strncasecmp(text + strcspn(text + 3, "-") + 3, hidden[i],
						 strlen(hidden[i])))
					name = strcspn(text, "=") + 1;
		buf_add(&url, text, name ? name : len);
		if (name)
			buf_str(&url, "***");
		text += len;
		if (*text)
			buf_char(&url, *text++);
	}
	value = json_string(url.len ? url.data : "");
	buf_free(&url);
	return value;
}

static json_t *request_json(const struct http_request *r, bool masked)
{
	const char *type = http_header_get(&r->headers, "Content-Type");
	json_t *record = json_object(), *post;

	put(record, "kind", json_string("http-request"));
	put(record, "method", json_string(r->method));
	put(record, "url", masked ? masked_url(r->url) : json_string(r->url));
	put(record, "headers", headers_json(&r->headers, masked));
	if (r->body.len) {
		post = json_object();
		put(post, "mimeType", header_value(type ? type : ""));
		put_text(post, &r->body);
		put(record, "postData", post);
	}
	return record;
}

json_t *http_request_masked(const struct http_request *r)
{
	json_auto_t *plain = request_json(r, true);

	return trace_masked(plain);
}

json_t *http_request_json(const struct http_request *r)
{
	return request_json(r, false);
}

static json_t *started_json(long long ms)
{
	char seconds[32], iso[48];

	clk_iso(ms, seconds);
	snprintf(iso, sizeof(iso), "%.19s.%03lldZ", seconds, ms % 1000);
	return json_string(iso);
}

static const char *status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} known[] = {
	    {200, "OK"},
	    {201, "Created"},
	    {202, "Accepted"},
	    {204, "No Content"},
	    {206, "Partial Content"},
	    {301, "Moved Permanently"},
	    {302, "Found"},
	    {304, "Not Modified"},
	    {307, "Temporary Redirect"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {409, "Conflict"},
	    {412, "Precondition Failed"},
	    {422, "Unprocessable Content"},
	    {429, "Too Many Requests"},
	    {500, "Internal Server Error"},
	    {502, "Bad Gateway"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].status == status)
			return known[i].text;
	return "";
}

static const char *const timing_names[] = {"dns", "connect", "ssl", "send", "wait", "receive"};
#define TIMINGS (sizeof(timing_names) / sizeof(*timing_names))

json_t *http_response_json(const struct http_request *r, const struct http_answer *a)
{
	const char *type = http_header_get(&a->headers, "Content-Type");
	json_t *record = json_object(), *content = json_object(), *timings = json_object();

	put(content, "size", json_integer((json_int_t)a->body.len));
	put(content, "mimeType", header_value(type ? type : ""));
	put_text(content, &a->body);
	for (size_t i = 0; i < TIMINGS; i++)
		put(timings, timing_names[i], json_integer(a->timing_ms[i]));
	put(record, "kind", json_string("http-response"));
	put(record, "status", json_integer(a->status));
	put(record, "statusText", json_string(status_text(a->status)));
	put(record, "headers", headers_json(&a->headers, false));
	put(record, "content", content);
	put(record, "startedDateTime", started_json(a->began_ms));
	put(record, "time", json_integer(a->took_ms));
	put(record, "timings", timings);
	put(record, "request", http_request_masked(r));
	return record;
}

static long long number_at(const json_t *object, const char *key, long long absent)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? (long long)json_number_value(value) : absent;
}

/* As it was received: names that we would not send are kept. */
static void read_answer_headers(const json_t *list, struct http_headers *headers)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		const char *name = string_at(entry, "name"), *value = string_at(entry, "value");

		if (name && value)
			http_header_add(headers, name, value);
	}
}

bool http_answer_from(const json_t *record, struct http_answer *a)
{
	const json_t *timings = json_object_get(record, "timings");
	const char *started = string_at(record, "startedDateTime");
	bool sent = a->sent;
	int attempts = a->attempts;

	http_answer_free(a);
	if (!json_is_integer(json_object_get(record, "status")) ||
	    !read_text(json_object_get(record, "content"), &a->body))
		return false;
	a->status = (int)number_at(record, "status", 0);
	a->sent = sent || a->status;
	a->attempts = attempts;
	a->retry_after_ms = -1;
	a->began_ms = started ? clk_parse_iso(started) : 0;
	a->took_ms = number_at(record, "time", 0);
	for (size_t i = 0; i < TIMINGS; i++)
		a->timing_ms[i] = number_at(timings, timing_names[i], -1);
	read_answer_headers(json_object_get(record, "headers"), &a->headers);
	return true;
}
