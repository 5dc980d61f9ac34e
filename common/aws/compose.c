/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "../mem.h"
#include "../status.h"
#include "call.h"
#include "error.h"
#include "query.h"

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
bool call_needs_keys(const struct aws_call *call)
{
	return strcmp(call->service, "sts") || (strcmp(call->action, "AssumeRoleWithWebIdentity") &&
						strcmp(call->action, "AssumeRoleWithSAML"));
}

bool call_fit(struct aws *a, const struct aws_call *call, struct failure *f)
{
	return !call_needs_keys(call) || aws_fit(a, f);
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

struct http_request *call_compose(struct aws *a, const struct aws_call *call, struct under_way *u,
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

bool call_sign(const struct under_way *u, struct http_request *r, int64_t now, struct failure *f)
{
	struct sigv4_how how = {.service = aws_service_signing(u->service), .region = u->signing};

	if (u->a->unsigned_calls || !call_needs_keys(u->call))
		return true;
	sigv4_date(how.date, now + u->a->skew_ms);
	return sigv4_sign(u->a->signer, r, &how, f);
}

struct http_request *aws_request(struct aws *a, const struct aws_call *call, struct failure *f)
{
	struct aws_call copy = *call;
	struct under_way u = {.a = a, .call = &copy};
	struct http_request *r = call_fit(a, call, f) ? call_compose(a, call, &u, f) : NULL;

	if (r && !call_sign(&u, r, clk_now(), f)) {
		http_request_free(r);
		r = NULL;
	}
	free(u.region);
	free(u.signing);
	return r;
}
