/* SPDX-License-Identifier: ISC
 * One call: sent, sent again where that helps, its answer taken. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "answer.h"
#include "call.h"
#include "error.h"

/* Services refuse what is signed more than 5 or 15 minutes off. */
#define SKEW_MS (4 * 60 * 1000)

static bool prepare(struct http_request *r, struct failure *f)
{
	struct under_way *u = r->ctx;

	if (!call_needs_keys(u->call))
		return true;
	u->skew_ms = u->a->skew_ms;
	return aws_refresh(u->a, false, f) && call_sign(u, r, aws_clock(), f);
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
static int64_t skew_of(const struct under_way *u, const char *code,
		       const struct http_answer *answer)
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
	off = (int64_t)timegm(&tm) * 1000 - aws_clock() - u->skew_ms;
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

	if (u->again || u->a->unsigned_calls || !call_needs_keys(u->call) ||
	    !is_one_of(code, curable))
		return false;
	if (trace_mode() != TRACE_REPLAY) {
		int64_t skew = skew_of(u, code, answer);

		if (skew) /* another call may have found it meanwhile */
			u->a->skew_ms = u->skew_ms + skew;
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
	r = call_fit(a, call, &call->failure) ? call_compose(a, call, u, &call->failure) : NULL;
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
			call_fit(a, batch[i], NULL); /* may ask for the account, alone */
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
	json_decref(call->seen);
	call->params = call->seen = NULL;
}
