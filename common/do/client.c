/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../cli.h"
#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "client.h"
#include "error.h"
#include "token.h"

struct do_client {
	struct http *engine;
	char *base, *bearer;
	char *account, *user;
	int attempts;
	const char *wanted_account; /* SLUICE_ACCOUNT while it was not looked at */
	bool asking;
	struct do_call **held; /* until the account is known */
	size_t n_held;
	struct failure refusal; /* the account is another one */
};

/* A call under way. */
struct under_way {
	struct do_client *client;
	struct do_call *call;
};

struct do_client *do_open(struct http *engine, struct failure *f)
{
	char *token = do_token(NULL, f);
	struct do_client *c;
	const char *most = env_get("DIGITALOCEAN_HTTP_RETRY_MAX");
	long long retries;

	if (!token)
		return NULL;
	c = mem_alloc(sizeof *c);
	c->engine = engine;
	c->base = do_base_url();
	c->bearer = mem_fmt("Bearer %s", token);
	c->wanted_account = env_get("SLUICE_ACCOUNT");
	if (most && cli_number(most, 0, 100, &retries))
		c->attempts = (int)retries + 1;
	free(token);
	return c;
}

void do_close(struct do_client *c)
{
	if (!c)
		return;
	free(c->base);
	free(c->bearer);
	free(c->account);
	free(c->user);
	free(c->held);
	fail_free(&c->refusal);
	free(c);
}

const char *do_account(const struct do_client *c)
{
	return c->account;
}

char *do_escape(const char *text)
{
	struct buf b = {0};

	buf_percent(&b, text, strlen(text), NULL);
	buf_str(&b, "");
	return buf_take(&b);
}

struct do_call *do_call_new(const char *method, json_t *body, void (*done)(struct do_call *),
			    void *ctx, const char *path, ...)
{
	struct do_call *call = mem_alloc(sizeof *call);
	va_list args;

	*call = (struct do_call){.method = method, .body = body, .done = done, .ctx = ctx};
	call->effect = !strcmp(method, "GET")    ? HTTP_READ
		       : !strcmp(method, "POST") ? HTTP_CHANGE
						 : HTTP_IDEMPOTENT;
	va_start(args, path);
	if (vasprintf(&call->path, path, args) < 0)
		mem_out();
	va_end(args);
	return call;
}

static void call_free(struct do_call *call)
{
	free(call->path);
	json_decref(call->body);
	json_decref(call->result);
	fail_free(&call->failure);
	free(call);
}

static void learn_account(struct do_client *c, const json_t *answer)
{
	const json_t *account = json_object_get(answer, "account");
	const char *uuid = json_string_value(json_object_get(account, "uuid"));
	const char *team =
	    json_string_value(json_object_get(json_object_get(account, "team"), "uuid"));

	if (!uuid)
		return;
	free(c->account);
	free(c->user);
	c->account = mem_dup(team ? team : uuid);
	c->user = mem_dup(uuid);
}

static void take_body(struct do_call *call, const struct http_answer *a)
{
	json_error_t error;

	if (!a->body.len && call->effect != HTTP_READ)
		call->result = json_object();
	else
		call->result = json_loadb(a->body.data ? a->body.data : "", a->body.len, 0, &error);
	if (json_is_object(call->result))
		return;
	json_decref(call->result);
	call->result = NULL;
	call->unclear = call->effect == HTTP_CHANGE;
	fail_set(&call->failure, ST_BUG, "bad-answer", "the answer is no JSON object");
}

static void say_what(struct do_call *call)
{
	size_t end = strcspn(call->path, "?");

	free(call->failure.operation);
	call->failure.operation = mem_fmt("%s %.*s", call->method, (int)end, call->path);
}

static void settle(struct do_call *call)
{
	if (call->failure.status)
		say_what(call);
	if (call->done)
		call->done(call);
	call_free(call);
}

static void take_answer(struct http_request *r, struct http_answer *a)
{
	struct under_way *u = r->ctx;
	struct do_call *call = u->call;

	call->http_status = a->status;
	if (!a->status) {
		fail_move(&call->failure, &a->failure);
		call->unclear = call->effect == HTTP_CHANGE && a->sent;
	} else if (a->status >= 200 && a->status < 300) {
		take_body(call, a);
	} else {
		do_error_read(a, &call->failure);
		call->unclear = call->effect == HTTP_CHANGE && a->status >= 500;
	}
	settle(call);
	free(u);
}

/* The account is another one: nothing is sent. */
static bool prepare(struct http_request *r, struct failure *f)
{
	struct under_way *u = r->ctx;

	if (u->client->refusal.status)
		fail_copy(f, &u->client->refusal);
	return !u->client->refusal.status;
}

static void send_call(struct do_client *c, struct do_call *call)
{
	char *url = mem_fmt("%s%s", c->base, call->path), *text;
	struct http_request *r = http_request_new(call->method, url);
	struct under_way *u = mem_alloc(sizeof *u);

	*u = (struct under_way){c, call};
	http_header_set(&r->headers, "Authorization", c->bearer);
	http_header_set(&r->headers, "Accept", "application/json");
	if (call->body) {
		text = json_dumps(call->body, JSON_COMPACT);
		if (!text)
			mem_out();
		http_header_set(&r->headers, "Content-Type", "application/json");
		buf_str(&r->body, text);
		free(text);
	}
	r->effect = call->effect;
	r->attempts = c->attempts;
	r->prepare = prepare;
	r->judge = do_judge;
	r->done = take_answer;
	r->ctx = u;
	http_add(c->engine, r);
	free(url);
}

static void check_account(struct do_call *call)
{
	struct do_client *c = call->ctx;
	struct do_call **held = c->held;
	size_t n = c->n_held;

	learn_account(c, call->result);
	if (call->failure.status) {
		fail_copy(&c->refusal, &call->failure);
		fail_prefix(&c->refusal, "cannot tell whose token this is");
	} else if (!c->account ||
		   (strcmp(c->account, c->wanted_account) && strcmp(c->user, c->wanted_account))) {
		fail_set(&c->refusal, ST_GUARD, "other-account",
			 "the token is of account '%s', SLUICE_ACCOUNT says '%s'",
			 c->account ? c->account : "?", c->wanted_account);
	}
	c->wanted_account = NULL;
	c->held = NULL;
	c->n_held = 0;
	for (size_t i = 0; i < n; i++)
		send_call(c, held[i]);
	free(held);
}

void do_queue(struct do_client *c, struct do_call *call)
{
	if (!c->wanted_account) {
		send_call(c, call);
		return;
	}
	c->held = mem_grow(c->held, c->n_held + 1, sizeof *c->held);
	c->held[c->n_held++] = call;
	if (!c->asking)
		send_call(c, do_call_new("GET", NULL, check_account, c, "/v2/account"));
	c->asking = true;
}

void do_run(struct do_client *c)
{
	http_run(c->engine);
}

struct one {
	json_t *result;
	struct failure failure;
	bool unclear;
};

static void take_one(struct do_call *call)
{
	struct one *one = call->ctx;

	one->result = json_incref(call->result);
	one->unclear = call->unclear;
	fail_move(&one->failure, &call->failure);
}

json_t *do_one(struct do_client *c, struct do_call *call, struct failure *f, bool *unclear)
{
	struct one one = {0};

	call->done = take_one;
	call->ctx = &one;
	do_queue(c, call);
	do_run(c);
	if (unclear)
		*unclear = one.unclear;
	if (!one.result && f)
		fail_move(f, &one.failure);
	fail_free(&one.failure);
	return one.result;
}
