/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "http-private.h"
#include "http-record.h"
#include "mem.h"
#include "status.h"
#include "trace.h"

/* What the request authorizes itself by, a signature aside: services quote it. */
static void know_secrets(const struct http_request *r)
{
	const char *token = strcasestr(r->url, "X-Amz-Security-Token=");

	for (size_t i = 0; i < r->headers.n; i++) {
		const struct http_header *h = &r->headers.list[i];
		const char *space = strchr(h->value, ' ');

		if (!http_header_secret(h->name) || !strncmp(h->value, "AWS4-", 5))
			continue;
		trace_secret(h->value);
		if (space)
			trace_secret(space + 1);
	}
	if (token) {
		struct buf plain = {0};

		token = strchr(token, '=') + 1;
		buf_unpercent(&plain, token, strcspn(token, "&#"), 0);
		trace_secret_n(plain.data, plain.len);
		buf_free(&plain);
	}
}

/* The answer's body without secrets, before it is perhaps written as base64. */
static struct buf masked_body(const struct http_request *r, const struct http_answer *a)
{
	struct buf body = {0};

	if (r->secret_answer) {
		buf_str(&body, "***");
	} else if (a->body.len) {
		buf_add(&body, a->body.data, a->body.len);
		trace_mask(&body);
	}
	return body;
}

/* Cookies and tokens that the service hands out. */
static void mask_headers(json_t *record)
{
	json_t *header;
	size_t i;

	json_array_foreach(json_object_get(record, "headers"), i, header) {
		if (http_header_secret(json_string_value(json_object_get(header, "name"))))
			json_object_set_new(header, "value", json_string("***"));
	}
}

static bool alike(const struct http_request *a, const struct http_request *b)
{
	return !strcmp(a->method, b->method) && !strcmp(a->url, b->url) &&
	       a->body.len == b->body.len &&
	       (!a->body.len || !memcmp(a->body.data, b->body.data, a->body.len));
}

/* How many like it were queued before it and are outstanding, too. */
static int before(struct http_job *const *jobs, size_t n, const struct http_job *job)
{
	int count = 0;

	for (size_t i = 0; i < n && jobs[i] != job; i++)
		count += alike(jobs[i]->r, job->r);
	return count;
}

void http_trace_attempt(struct http_job *const *jobs, size_t n, const struct http_job *job,
			bool again)
{
	int nth = trace_mode() == TRACE_RECORD ? before(jobs, n, job) : 0;
	const struct http_request *r = job->r;
	const struct http_answer *a = &job->a;
	struct http_answer shown = *a;
	json_t *record;

	if (trace_mode() != TRACE_RECORD)
		return;
	know_secrets(r);
	shown.body = masked_body(r, a);
	record = http_response_json(r, &shown);
	mask_headers(record);
	json_object_set_new(record, "_attempt", json_integer(a->attempts));
	if (again)
		json_object_set_new(record, "_again", json_true());
	if (nth)
		json_object_set_new(record, "_nth", json_integer(nth));
	if (!a->status) {
		json_object_set_new(record, "_error",
				    json_pack("{si ss* ss*}", "status", a->failure.status, "code",
					      a->failure.code, "message", a->failure.message));
		json_object_set_new(record, "_sent", json_boolean(a->sent));
	}
	trace_exchange(record);
	json_decref(record);
	buf_free(&shown.body);
}

void http_trace_missing(const struct http_request *r, struct failure *f)
{
	json_t *masked = http_request_masked(r);
	const char *url = json_string_value(json_object_get(masked, "url"));
	const char *body =
	    json_string_value(json_object_get(json_object_get(masked, "postData"), "text"));

	fail_set(f, ST_NOINPUT, "not-recorded",
		 "the recording does not hold this request: %s %s%s%.300s", r->method,
		 url ? url : "?", body ? " " : "", body ? body : "");
	json_decref(masked);
}

static bool same(const json_t *a, const json_t *b)
{
	static const char *const members[] = {"method", "url", "postData"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *x = json_object_get(a, members[i]), *y = json_object_get(b, members[i]);

		if (x != y && !json_equal(x, y))
			return false;
	}
	return true;
}

/* The one like requests[which] that has so many like it before. */
static size_t skip(json_t *const *requests, size_t n, size_t which, json_int_t nth)
{
	for (size_t i = which + 1; i < n && nth; i++)
		if (same(requests[i], requests[which]) && !--nth)
			return i;
	return which;
}

struct http_job *http_trace_next(struct http_job **jobs, size_t n)
{
	json_t **requests = mem_grow(NULL, n, sizeof(*requests));
	json_t *record, *error;
	size_t which;

	for (size_t i = 0; i < n; i++) {
		know_secrets(jobs[i]->r);
		requests[i] = http_request_masked(jobs[i]->r);
	}
	record = trace_next(requests, n, &which);
	if (record)
		which =
		    skip(requests, n, which, json_integer_value(json_object_get(record, "_nth")));
	for (size_t i = 0; i < n; i++)
		json_decref(requests[i]);
	free(requests);
	if (!record)
		return NULL;
	http_answer_from(record, &jobs[which]->a);
	jobs[which]->a.attempts = (int)json_integer_value(json_object_get(record, "_attempt"));
	jobs[which]->again = json_is_true(json_object_get(record, "_again"));
	error = json_object_get(record, "_error");
	if (error) {
		const char *code = json_string_value(json_object_get(error, "code"));
		const char *message = json_string_value(json_object_get(error, "message"));

		jobs[which]->a.status = 0;
		jobs[which]->a.sent = json_is_true(json_object_get(record, "_sent"));
		fail_set(&jobs[which]->a.failure,
			 (int)json_integer_value(json_object_get(error, "status")),
			 code ? code : "network", "%s", message ? message : "no answer");
	}
	json_decref(record);
	return jobs[which];
}
