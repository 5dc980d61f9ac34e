/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "http-record.h"
#include "mem.h"
#include "send.h"
#include "status.h"
#include "stop.h"

/* "GET https://host/path": a query may carry a signature or a token. */
char *send_title(const struct rec *r)
{
	const char *method = rec_string(r, "method"), *url = rec_string(r, "url");

	return mem_fmt("%s %.*s", method ? method : "?", url ? (int)strcspn(url, "?#@") : 1,
		       url ? url : "?");
}

void send_fail(struct rec_io *io, struct rec *r, const char *what, struct failure *f)
{
	char *name = send_title(r);

	fail_prefix(f, "%s '%s'", what, name);
	free(name);
	rec_fail(io, r, f);
	fail_free(f);
}

/* The members of a request, as HAR has them: an answer holds them in `request`. */
static void drop_request(struct rec *r)
{
	static const char *const members[] = {
	    "method",  "url",         "headers",     "postData", "httpVersion",
	    "cookies", "queryString", "headersSize", "bodySize", "signing"};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		rec_del(r, members[i]);
}

/* The record becomes the answer; members that are not the request's stay. */
void send_put_answer(struct rec *r, json_t *answer)
{
	const char *key;
	json_t *value;

	drop_request(r);
	json_object_foreach(answer, key, value)
		rec_set(r, key, json_incref(value));
	json_decref(answer);
}

static int status_of_answer(int status)
{
	if (status == 401 || status == 403)
		return ST_NOPERM;
	if (status == 429 || (status >= 500 && status != 501 && status != 505))
		return ST_TEMP;
	return ST_REFUSED;
}

static void take_answer(struct item *item, const struct http_request *request,
			struct http_answer *a)
{
	struct sender *s = item->sender;
	struct failure f = {0};
	char *name, *code;

	if (!a->status) {
		send_fail(s->io, item->r, "cannot send", &a->failure);
		return;
	}
	name = send_title(item->r);
	send_put_answer(item->r, http_response_json(request, a));
	if (s->o->fail && a->status >= 400) {
		code = mem_fmt("http-%d", a->status);
		fail_set(&f, status_of_answer(a->status), code, "'%s' was answered %d", name,
			 a->status);
		rec_fail(s->io, item->r, &f);
		fail_free(&f);
		free(code);
	}
	free(name);
}

void send_write(struct sender *s)
{
	for (; s->written < s->n && s->items[s->written].settled; s->written++)
		rec_write(s->io, s->items[s->written].r);
}

static void send_next(struct sender *s);

void send_done(struct http_request *request, struct http_answer *a)
{
	struct item *item = request->ctx;

	take_answer(item, request, a);
	item->settled = true;
	send_write(item->sender);
	send_next(item->sender);
}

static void send_next(struct sender *s)
{
	while (s->next < s->n && !s->items[s->next].request)
		s->next++;
	if (s->next == s->n)
		return;
	http_add(s->engine, s->items[s->next].request);
	s->items[s->next++].request = NULL;
}

void send_all(struct sender *s)
{
	stop_catch();
	s->engine = http_new();
	http_parallel(s->engine, (int)s->o->jobs);
	send_write(s);
	for (size_t i = 0; i < s->o->jobs; i++)
		send_next(s);
	http_run(s->engine);
	http_free(s->engine);
}
