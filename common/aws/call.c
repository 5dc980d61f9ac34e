/* SPDX-License-Identifier: ISC
 * One call: its request by the protocol, signed; its answer. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../clock.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "answer.h"
#include "client.h"
#include "error.h"
#include "query.h"

/* Services refuse what is signed more than 5 or 15 minutes off. */
#define SKEW_MS (4 * 60 * 1000)

/* A call under way: the context of its request. */
struct under_way {
	struct aws *a;
	struct aws_call *call;
	const struct aws_service *service;
	char *region;  /* that it is sent to */
	char *signing; /* that it is signed for */
	bool again;    /* it was sent again with another date or other keys */
};

/* What the chain of a pipeline must not keep in a trace. */
static bool answers_secret(const struct aws_call *call)
{
	static const char *const actions[] = {
	    "AssumeRole",
	    "AssumeRoleWithSAML",
	    "AssumeRoleWithWebIdentity",
	    "CreateAccessKey",
	    "Decrypt",
	    "GenerateDataKey",
	    "GetAuthorizationToken",
	    "GetFederationToken",
	    "GetPasswordData",
	    "GetSecretValue",
	    "GetSessionToken",
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (!strcmp(call->action, actions[i]))
			return true;
	return json_is_true(json_object_get(call->params, "WithDecryption"));
}

/* Those that bring their own proof are sent unsigned, and need no keys. */
static bool needs_keys(const struct aws_call *call)
{
	return strcmp(call->service, "sts") || (strcmp(call->action, "AssumeRoleWithWebIdentity") &&
						strcmp(call->action, "AssumeRoleWithSAML"));
}

static bool fit_for(struct aws *a, const struct aws_call *call, struct failure *f)
{
	return !needs_keys(call) || aws_fit(a, f);
}

static const struct aws_service *service_of(const struct aws_call *call, struct failure *f)
{
	const struct aws_service *s = call->custom ? call->custom : aws_service(call->service);

	if (!s) {
		fail_set(f, ST_USAGE, "unknown-service",
			 "'%s' is no AWS service that is known here: say its protocol and version",
			 call->service);
		return NULL;
	}
	if (s->protocol == AWS_REST) {
		fail_set(f, ST_USAGE, "rest-service",
			 "%s has no query, EC2 or JSON protocol: use aws-sign and http-send",
			 s->name);
		return NULL;
	}
	return s;
}

static bool write_body(struct http_request *r, const struct aws_service *s,
		       const struct aws_call *call, struct failure *f)
{
	char *text;

	if (s->protocol != AWS_JSON) {
		http_header_set(&r->headers, "Content-Type",
				"application/x-www-form-urlencoded; charset=utf-8");
		return query_form(&r->body, s->protocol == AWS_EC2 ? QUERY_FLAT : QUERY_MEMBER,
				  call->action, s->version, call->params, f);
	}
	if (call->params && !json_is_object(call->params))
		return fail_set(f, ST_DATA, "bad-params", "parameters must be an object");
	text = mem_fmt("application/x-amz-json-%s", s->json ? s->json : "1.1");
	http_header_set(&r->headers, "Content-Type", text);
	free(text);
	text = mem_fmt("%s.%s", s->target, call->action);
	http_header_set(&r->headers, "X-Amz-Target", text);
	free(text);
	text = call->params ? json_dumps(call->params, JSON_COMPACT) : mem_dup("{}");
	if (!text)
		mem_out();
	buf_str(&r->body, text);
	free(text);
	return true;
}

/* The unsigned request; NULL with f. */
static struct http_request *compose(struct aws *a, const struct aws_call *call, struct under_way *u,
				    struct failure *f)
{
	const char *region = call->region ? call->region : aws_region(a, f), *url, *signing;
	struct http_request *r;
	char *slashed;

	u->service = region ? service_of(call, f) : NULL;
	if (!u->service || !aws_resolve(a, u->service, region, &url, &signing, f))
		return NULL;
	u->region = mem_dup(region);
	u->signing = mem_dup(signing);
	slashed = mem_fmt("%s/", url);
	r = http_request_new("POST", slashed);
	free(slashed);
	r->effect = call->effect;
	r->attempts = a->attempts;
	r->secret_answer = answers_secret(call);
	r->judge = aws_error_judge;
	if (write_body(r, u->service, call, f))
		return r;
	http_request_free(r);
	return NULL;
}

static bool sign(const struct under_way *u, struct http_request *r, int64_t now, struct failure *f)
{
	struct sigv4_how how = {.service = aws_service_signing(u->service), .region = u->signing};

	if (u->a->unsigned_calls || !needs_keys(u->call))
		return true;
	sigv4_date(how.date, now + u->a->skew_ms);
	return sigv4_sign(u->a->signer, r, &how, f);
}

static bool prepare(struct http_request *r, struct failure *f)
{
	struct under_way *u = r->ctx;

	if (!needs_keys(u->call))
		return true;
	return aws_refresh(u->a, false, f) && sign(u, r, aws_clock(), f);
}

static void free_under_way(struct under_way *u)
{
	free(u->region);
	free(u->signing);
	free(u);
}

static void say_what(struct aws_call *call, const char *region)
{
	struct failure *f = &call->failure;

	free(f->operation);
	f->operation = mem_dup(call->action);
	if (f->status == ST_NOINPUT)
		return;
	fail_prefix(f, "cannot call %s of %s in '%s'", call->action, call->service,
		    region ? region : "?");
}

static void settle(struct aws_call *call)
{
	if (call->done)
		call->done(call);
}

static bool is_one_of(const char *code, const char *const *list)
{
	for (; code && *list; list++)
		if (!strcmp(code, *list))
			return true;
	return false;
}

/* Whether the refusal comes of our clock: how far the service's is from the one that we signed by.
 */
static int64_t skew_of(const struct aws *a, const char *code, const struct http_answer *answer)
{
	static const char *const codes[] = {"AuthFailure",
					    "InvalidSignatureException",
					    "RequestExpired",
					    "RequestInTheFuture",
					    "RequestTimeTooSkewed",
					    "SignatureDoesNotMatch",
					    NULL};
	const char *date = http_header_get(&answer->headers, "date");
	struct tm tm = {0};
	int64_t off;

	if (!is_one_of(code, codes) || !date || !strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		return 0;
	off = (int64_t)timegm(&tm) * 1000 - aws_clock() - a->skew_ms;
	return off > SKEW_MS || off < -SKEW_MS ? off : 0;
}

static bool keys_expired(const struct aws *a, const char *code)
{
	static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException",
					    "RequestExpired", NULL};

	return is_one_of(code, codes) && aws_refreshable(a);
}

/* A refusal that another date or other keys may cure: once. In a replay as it was recorded. */
static bool worth_again(struct under_way *u, const struct http_answer *answer)
{
	static const char *const curable[] = {"AuthFailure",
					      "ExpiredToken",
					      "ExpiredTokenException",
					      "InvalidSignatureException",
					      "RequestExpired",
					      "RequestInTheFuture",
					      "RequestTimeTooSkewed",
					      "SignatureDoesNotMatch",
					      NULL};
	const char *code = u->call->failure.code;
	json_t *noted = NULL;
	bool again = false;

	if (u->again || u->a->unsigned_calls || !needs_keys(u->call) || !is_one_of(code, curable))
		return false;
	if (trace_mode() != TRACE_REPLAY) {
		int64_t skew = skew_of(u->a, code, answer);

		u->a->skew_ms += skew;
		again = skew || (keys_expired(u->a, code) && aws_refresh(u->a, true, NULL));
		noted = json_boolean(again);
	}
	if (u->a->nested)
		json_decref(noted);
	else
		again = json_is_true(noted = trace_note("aws-again", noted)), json_decref(noted);
	return again;
}

static void take_success(struct under_way *u, const struct http_answer *answer)
{
	struct aws_call *call = u->call;
	struct failure *f = &call->failure;
	const char *body = answer->body.data ? answer->body.data : "";

	/* Nothing at all says that nothing is wrong, not that a list is empty. */
	if (!answer->body.len && call->effect == HTTP_READ)
		fail_set(f, ST_BUG, "bad-answer", "the answer is empty");
	else if (u->service->protocol == AWS_JSON)
		call->result = aws_answer_json(body, answer->body.len, f);
	else
		call->result = aws_answer_xml(body, answer->body.len, NULL, f);
	if (!call->result)
		call->unclear = call->effect == HTTP_CHANGE;
}

/* What the service said no to. A change is unclear when it broke while it looked at it. */
static void take_refusal(struct under_way *u, const struct http_request *r,
			 const struct http_answer *answer)
{
	struct aws_call *call = u->call;

	aws_error_read(answer, &call->failure);
	if (answer->status == 501)
		call->failure.status = ST_REFUSED;
	else if (answer->status < 400)
		call->failure.status = ST_BUG;
	call->unclear = call->effect == HTTP_CHANGE && aws_error_judge(r, answer) == HTTP_FAULT;
	if (call->failure.code && strncmp(call->failure.code, "http-", 5))
		fail_prefix(&call->failure, "%s", call->failure.code);
}

static bool start(struct aws *a, struct aws_call *call, bool again);

static void take_answer(struct http_request *r, struct http_answer *answer)
{
	struct under_way *u = r->ctx;
	struct aws_call *call = u->call;

	call->http_status = answer->status;
	if (!answer->status) {
		fail_move(&call->failure, &answer->failure);
		call->unclear = call->effect == HTTP_CHANGE && answer->sent;
	} else if (answer->status < 300) {
		take_success(u, answer);
	} else {
		take_refusal(u, r, answer);
		if (worth_again(u, answer)) {
			struct aws *a = u->a;

			free_under_way(u);
			fail_free(&call->failure);
			if (!start(a, call, true))
				settle(call);
			return;
		}
	}
	if (call->failure.status)
		say_what(call, u->region);
	free_under_way(u);
	settle(call);
}

static void reset(struct aws_call *call)
{
	json_decref(call->result);
	call->result = NULL;
	fail_free(&call->failure);
	call->http_status = 0;
	call->unclear = false;
}

/* Hands the call to the engine; false when it cannot be sent, call->failure says why. */
static bool start(struct aws *a, struct aws_call *call, bool again)
{
	struct under_way *u = mem_alloc(sizeof(*u));
	struct http_request *r;

	*u = (struct under_way){.a = a, .call = call, .again = again};
	r = fit_for(a, call, &call->failure) ? compose(a, call, u, &call->failure) : NULL;
	if (!r) {
		free_under_way(u);
		free(call->failure.operation);
		call->failure.operation = mem_dup(call->action);
		return false;
	}
	r->prepare = prepare;
	r->done = take_answer;
	r->ctx = u;
	http_add(a->engine, r);
	return true;
}

void aws_queue(struct aws *a, struct aws_call *call)
{
	reset(call);
	/* What cannot be sent is settled by aws_run(), not in here. */
	if (a->running && start(a, call, false))
		return;
	a->queue = mem_grow(a->queue, a->queued + 1, sizeof(struct aws_call *));
	a->queue[a->queued++] = call;
}

void aws_run(struct aws *a)
{
	while (a->queued) {
		struct aws_call **batch = a->queue;
		size_t n = a->queued;

		for (size_t i = 0; i < n; i++)
			fit_for(a, batch[i], NULL); /* may ask for the account, alone */
		a->queue = NULL;
		a->queued = 0;
		for (size_t i = 0; i < n; i++)
			if (!start(a, batch[i], false))
				settle(batch[i]);
		free(batch);
		a->running = true;
		http_run(a->engine);
		a->running = false;
	}
}

struct http_request *aws_request(struct aws *a, const struct aws_call *call, struct failure *f)
{
	struct aws_call copy = *call;
	struct under_way u = {.a = a, .call = &copy};
	struct http_request *r = fit_for(a, call, f) ? compose(a, call, &u, f) : NULL;

	if (r && !sign(&u, r, clk_now(), f)) {
		http_request_free(r);
		r = NULL;
	}
	free(u.region);
	free(u.signing);
	return r;
}

json_t *aws_do(struct aws *a, const char *service, const char *action, enum http_effect effect,
	       json_t *params, struct failure *f, bool *unclear)
{
	struct aws_call call = {
	    .service = service, .action = action, .effect = effect, .params = params};
	json_t *result;

	aws_queue(a, &call);
	aws_run(a);
	result = json_incref(call.result);
	if (unclear)
		*unclear = call.unclear;
	if (call.failure.status && f)
		fail_move(f, &call.failure);
	aws_call_free(&call);
	return result;
}

void aws_call_free(struct aws_call *call)
{
	reset(call);
	json_decref(call->params);
	call->params = NULL;
}
