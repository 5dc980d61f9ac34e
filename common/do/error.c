/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../cli.h"
#include "../clock.h"
#include "../mem.h"
#include "../show.h"
#include "../status.h"
#include "error.h"

#define LONGEST_WAIT_MS 60000

/* Milliseconds until ratelimit-reset, -1 when the answer does not say. */
static int64_t until_reset(const struct http_answer *a)
{
	const char *text = http_header_get(&a->headers, "ratelimit-reset");
	long long at;
	int64_t left;

	if (!text || !cli_number(text, 0, 1LL << 40, &at))
		return -1;
	left = at * 1000 - clk_now();
	return left < 0 ? 0 : left;
}

enum http_verdict do_judge(const struct http_request *r, const struct http_answer *a)
{
	int64_t left;

	/* Only the minute's limit comes with Retry-After. */
	if (a->status != 429 || a->retry_after_ms >= 0 || (left = until_reset(a)) < 0)
		return http_judge(r, a);
	if (left > LONGEST_WAIT_MS)
		return HTTP_DONE;
	((struct http_answer *)(uintptr_t)a)->retry_after_ms = (long)left;
	return HTTP_THROTTLED;
}

static int status_of(int status)
{
	if (status == 401 || status == 403)
		return ST_NOPERM;
	if (status == 429 || (status >= 500 && status != 501))
		return ST_TEMP;
	return status >= 400 ? ST_REFUSED : ST_BUG;
}

static void say_limit(const struct http_answer *a, struct failure *f)
{
	int64_t left = a->retry_after_ms < 0 ? until_reset(a) : -1;
	const char *limit = http_header_get(&a->headers, "ratelimit-limit");
	char iso[32];

	if (left <= LONGEST_WAIT_MS)
		return;
	fail_set(f, ST_TEMP, "too_many_requests",
		 "the hour's requests%s%s%s are used up; run it again in %lld min, after %s",
		 limit ? " (" : "", limit ? limit : "", limit ? ")" : "",
		 (long long)(left + 59999) / 60000, clk_iso(clk_now() + left, iso));
}

/* An answer from somewhere before the service: its first line, for a person. */
static void say_body(const struct http_answer *a, struct failure *f)
{
	size_t line = a->body.len ? strcspn(a->body.data, "\r\n") : 0, len = line > 80 ? 80 : line;
	char *code = mem_fmt("http-%d", a->status);
	struct buf shown = {0};

	if (len)
		show_text(&shown, a->body.data, len);
	fail_set(f, status_of(a->status), code, "HTTP status %d%s%s%s", a->status,
		 len ? ": " : ", no more was said", len ? shown.data : "", line > len ? "…" : "");
	buf_free(&shown);
	free(code);
}

void do_error_read(const struct http_answer *a, struct failure *f)
{
	json_auto_t *body = a->body.len ? json_loadb(a->body.data, a->body.len, 0, NULL) : NULL;
	const char *id = json_string_value(json_object_get(body, "id"));
	const char *message = json_string_value(json_object_get(body, "message"));
	const char *request = json_string_value(json_object_get(body, "request_id"));

	if (id && message)
		fail_set(f, status_of(a->status), id, "%s", message);
	else
		say_body(a, f);
	if (a->status == 429)
		say_limit(a, f);
	if (!request)
		request = http_header_get(&a->headers, "x-request-id");
	f->request_id = mem_dup(request);
}
