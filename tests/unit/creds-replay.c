/* SPDX-License-Identifier: ISC
 * creds-replay TRAFFIC [PROFILE]: the credential chain over an engine that is none: what it asks is
 * printed, a request a line, and answered from TRAFFIC, a recording of an SDK's test ("-": with
 * what the service asked would say). The last line is {"keys":…} or {"error":…}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds.h"
#include "cli.h"
#include "env.h"
#include "http.h"
#include "mem.h"
#include "status.h"

struct http {
	struct http_request *queue[16];
	size_t n;
};

static json_t *events; /* NULL: made-up answers */
static size_t at;      /* the next event */
static int made;       /* keys made up so far */

static void say(const char *what, json_t *value)
{
	json_t *line = json_pack("{so}", what, value);

	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static void tell(const struct http_request *r)
{
	json_t *headers = json_object();

	for (size_t i = 0; i < r->headers.n; i++)
		json_object_set_new(headers, r->headers.list[i].name,
				    json_string(r->headers.list[i].value));
	say("request", json_pack("{ss ss so ss}", "method", r->method, "url", r->url, "headers",
				 headers, "body", r->body.len ? r->body.data : ""));
}

static const json_t *path(const json_t *json, const char *a, const char *b, const char *c)
{
	return json_object_get(json_object_get(json_object_get(json, a), b), c);
}

static void recorded(struct http_answer *a)
{
	for (; at < json_array_size(events); at++) {
		const json_t *action = json_object_get(json_array_get(events, at), "action");
		const json_t *ok = path(action, "Response", "response", "Ok");
		const json_t *data = json_object_get(action, "Data");

		if (ok && a->status)
			return;
		if (ok)
			a->status = (int)json_integer_value(json_object_get(ok, "status"));
		else if (a->status && data &&
			 !strcmp(json_string_value(json_object_get(data, "direction")), "Response"))
			buf_str(&a->body, json_string_value(path(action, "Data", "data", "Utf8")));
	}
	if (!a->status)
		a->status = 503; /* the recording is over */
}

static void made_up(const struct http_request *r, struct http_answer *a)
{
	a->status = 200;
	if (strstr(r->url, "/latest/api/token"))
		buf_str(&a->body, "token");
	else if (strstr(r->url, "/security-credentials/") && !strstr(r->url, "/role"))
		buf_str(&a->body, "role");
	else if (strstr(r->url, "/federation/credentials"))
		buf_str(&a->body,
			"{\"roleCredentials\":{\"accessKeyId\":\"SSO\",\"secretAccessKey\":"
			"\"secret\",\"sessionToken\":\"token\",\"expiration\":1}}");
	else if (!r->body.len)
		buf_str(&a->body, "{\"AccessKeyId\":\"SERVICE\",\"SecretAccessKey\":\"secret\","
				  "\"Token\":\"token\",\"Expiration\":\"2030-01-01T00:00:00Z\"}");
	else
		buf_fmt(
		    &a->body,
		    "<XResponse><XResult><Credentials><AccessKeyId>MADE%d</AccessKeyId>"
		    "<SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>"
		    "<Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></XResult>"
		    "</XResponse>",
		    ++made);
}

/* The retry rule of the engine, without its pauses. */
static void attempt_all(struct http_request *r, struct http_answer *a)
{
	int most = r->attempts ? r->attempts : 5;

	do {
		http_answer_free(a);
		a->retry_after_ms = -1;
		if (r->prepare && !r->prepare(r, &a->failure))
			return;
		tell(r);
		if (events)
			recorded(a);
		else
			made_up(r, a);
		a->sent = true;
	} while (++a->attempts,
		 --most > 0 && (r->judge ? r->judge : http_judge)(r, a) != HTTP_DONE);
}

struct http *http_new(void)
{
	return mem_alloc(sizeof(struct http));
}

void http_free(struct http *h)
{
	free(h);
}

void http_ca_file(struct http *h, const char *file)
{
	(void)h, (void)file;
}

void http_attempts(struct http *h, int most)
{
	(void)h, (void)most;
}

bool http_do(struct http *h, struct http_request *r, struct http_answer *answer)
{
	(void)h;
	attempt_all(r, answer);
	http_request_free(r);
	return answer->status != 0;
}

void http_add(struct http *h, struct http_request *r)
{
	h->queue[h->n++] = r;
}

void http_run(struct http *h)
{
	while (h->n) {
		struct http_request *r = h->queue[--h->n];
		struct http_answer a = {0};

		attempt_all(r, &a);
		r->done(r, &a);
		http_answer_free(&a);
		http_request_free(r);
	}
}

static json_t *as_json(const struct aws_keys *k)
{
	return json_pack("{ss ss ss* ss* sI ss}", "access_key_id", k->id, "secret_access_key",
			 k->secret, "session_token", k->token, "account_id", k->account, "expiry",
			 (json_int_t)(k->expires / 1000), "source", k->source);
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "creds-replay TRAFFIC [PROFILE]"};
	struct failure f = {0};
	struct aws_keys keys = {0};
	struct profiles p;
	struct creds c = {.p = &p, .engine = http_new()};
	json_t *traffic;

	cli_start(argc, argv, &cli);
	if (argc < 2)
		cli_usage("a recording is wanted");
	traffic = json_load_file(argv[1], 0, NULL);
	events = json_object_get(traffic, "events");
	if (profiles_load(&p, argv[2], &f)) {
		c.region =
		    env_get("AWS_REGION") ? env_get("AWS_REGION") : profiles_get(&p, "region");
		if (creds_find(&c, &keys, &f))
			say("keys", as_json(&keys));
	}
	if (f.status)
		say("error", json_pack("{si ss ss*}", "status", f.status, "message", f.message,
				       "code", f.code));
	fail_free(&f);
	aws_keys_free(&keys);
	buf_free(&c.tried);
	http_free(c.engine);
	profiles_free(&p);
	json_decref(traffic);
	return 0;
}
