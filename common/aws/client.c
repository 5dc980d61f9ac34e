/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "../clock.h"
#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "client.h"

#define ADVISORY_MS (15 * 60 * 1000)
#define MANDATORY_MS (10 * 60 * 1000)
/* Keys that are short-lived from the start are not asked for at every request. */
#define AGAIN_AFTER_MS (60 * 1000)

/* How often a request is sent is recorded, as a replay does not see the profile. */
static bool read_attempts(struct aws *a, struct failure *f)
{
	const char *text = env_get("AWS_MAX_ATTEMPTS");
	long long n = 0;
	json_t *noted;

	if (!text)
		text = profiles_get(a->p, "max_attempts");
	if (text && !cli_number(text, 1, 1000, &n))
		return fail_set(f, ST_CONFIG, "bad-setting",
				"AWS_MAX_ATTEMPTS is no number of attempts: '%s'", text);
	noted = trace_note("aws-attempts", json_integer(n));
	a->attempts = (int)json_integer_value(noted);
	json_decref(noted);
	return true;
}

static void read_trust(struct aws *a)
{
	const char *file = env_get("AWS_CA_BUNDLE");

	if (!file)
		file = profiles_get(a->p, "ca_bundle");
	if (file) {
		char *path = profile_path(file);

		http_ca_file(a->engine, path);
		http_ca_file(a->side, path);
		free(path);
	}
}

struct aws *aws_open(struct http *engine, const struct aws_options *options, struct failure *f)
{
	struct aws *a = mem_alloc(sizeof(*a));

	a->engine = engine;
	a->side = http_new();
	a->endpoints = json_object();
	a->option_region = mem_dup(options ? options->region : NULL);
	a->endpoint = mem_dup(options ? options->endpoint : NULL);
	a->p = &a->own;
	if (profiles_load(&a->own, options ? options->profile : NULL, f) && read_attempts(a, f)) {
		read_trust(a);
		if (a->attempts)
			http_attempts(a->side, a->attempts);
		return a;
	}
	aws_close(a);
	return NULL;
}

struct aws *aws_nested(struct http *engine, const struct profiles *p, const char *region,
		       const struct aws_keys *keys)
{
	struct aws *a = mem_alloc(sizeof(*a));

	a->engine = engine;
	a->endpoints = json_object();
	a->region = mem_dup(region);
	a->p = p;
	a->nested = a->checked = true;
	a->unsigned_calls = !keys;
	if (keys) {
		aws_keys_copy(&a->keys, keys);
		a->signer = sigv4_new(keys->id, keys->secret, keys->token);
	}
	return a;
}

void aws_close(struct aws *a)
{
	if (!a)
		return;
	http_free(a->side);
	if (a->p == &a->own)
		profiles_free(&a->own);
	aws_keys_free(&a->keys);
	sigv4_free(a->signer);
	json_decref(a->endpoints);
	fail_free(&a->unfit);
	fail_free(&a->no_region);
	free(a->option_region);
	free(a->endpoint);
	free(a->region);
	free(a->account);
	free(a->queue);
	free(a);
}

/* What needs no network. */
static const char *stated_region(const struct aws *a)
{
	const char *region = a->option_region ? a->option_region : env_get("AWS_REGION");

	if (!region)
		region = env_get("AWS_DEFAULT_REGION");
	return region ? region : profiles_get(a->p, "region");
}

/* What the metadata service says; *tried tells of it when it says nothing. Caller frees. */
static char *found_region(struct aws *a, char **tried)
{
	struct creds c = {.p = a->p, .engine = a->side};
	struct buf text = {0};
	struct failure ignored = {0};
	char *region = NULL;

	if (imds_get(&c, "/latest/meta-data/placement/region", &text, &ignored) == KEYS_FOUND)
		region = mem_dup_n(text.data, strcspn(text.data, "\r\n"));
	*tried = c.tried.len ? buf_take(&c.tried) : mem_dup("no metadata service");
	buf_free(&text);
	fail_free(&ignored);
	return region;
}

static void resolve_region(struct aws *a)
{
	const char *stated = NULL;
	char *found = NULL, *tried = NULL;
	json_t *noted;

	if (trace_mode() != TRACE_REPLAY) {
		stated = stated_region(a);
		found = stated ? mem_dup(stated) : found_region(a, &tried);
	}
	noted = trace_note("aws-region", found ? json_string(found)
					       : json_pack("{ss}", "tried", tried ? tried : ""));
	free(found);
	free(tried);
	if (json_is_string(noted))
		a->region = mem_dup(json_string_value(noted));
	else
		fail_set(
		    &a->no_region, ST_CONFIG, "no-region",
		    "no AWS region: no -r REGION, AWS_REGION and AWS_DEFAULT_REGION are not set, "
		    "profile '%s' has no region, %s",
		    a->p->name, aws_str(noted, "tried"));
	json_decref(noted);
}

const char *aws_region(struct aws *a, struct failure *f)
{
	if (!a->region && !a->no_region.status)
		resolve_region(a);
	if (!a->region) {
		if (f)
			fail_copy(f, &a->no_region);
		return NULL;
	}
	if (!aws_region_valid(a->region)) {
		fail_set(f, ST_CONFIG, "bad-region", "'%s' is not the name of an AWS region",
			 a->region);
		return NULL;
	}
	return a->region;
}

bool aws_resolve(struct aws *a, const struct aws_service *s, const char *region, const char **url,
		 const char **signing_region, struct failure *f)
{
	char *key = mem_fmt("aws-endpoint:%s:%s", s->name, region);
	json_t *known = json_object_get(a->endpoints, key);
	struct aws_where w = {0};
	bool ok = known || trace_mode() == TRACE_REPLAY ||
		  aws_endpoint(&w, s, region, a->p, a->endpoint, f);

	if (ok && !known) {
		known = w.url ? json_pack("{ss ss}", "url", w.url, "region", w.region) : NULL;
		if (!a->nested)
			known = trace_note(key, known);
		json_object_set_new(a->endpoints, key, known);
	}
	*url = aws_str(known, "url");
	*signing_region = aws_str(known, "region");
	aws_where_free(&w);
	free(key);
	return ok;
}

bool aws_refreshable(const struct aws *a)
{
	return !a->nested && a->keys.expires;
}

static bool find_keys(struct aws *a, struct failure *f)
{
	const char *region = a->region ? a->region : stated_region(a);
	struct creds c = {.p = a->p, .region = region, .engine = a->side};
	struct aws_keys keys = {0};
	bool ok;

	a->keys_at = clk_monotonic();
	ok = creds_find(&c, &keys, f);
	if (ok) {
		sigv4_free(a->signer);
		a->signer = sigv4_new(keys.id, keys.secret, keys.token);
		aws_keys_free(&a->keys);
		a->keys = keys;
	} else {
		aws_keys_free(&keys);
	}
	buf_free(&c.tried);
	return ok;
}

bool aws_refresh(struct aws *a, bool force, struct failure *f)
{
	int64_t left = a->keys.expires - aws_clock();
	struct failure why = {0};

	if (!aws_refreshable(a))
		return true;
	if (!force && (left > ADVISORY_MS || clk_monotonic() - a->keys_at < AGAIN_AFTER_MS))
		return true;
	if (find_keys(a, &why))
		return true;
	/* The old ones still work for a while: the next request will see. */
	if (!force && left > MANDATORY_MS) {
		fail_free(&why);
		return true;
	}
	if (f)
		fail_move(f, &why);
	fail_free(&why);
	return false;
}

/* The keys, or what went wrong with them, as the recording has it. */
static bool first_keys(struct aws *a)
{
	struct failure f = {0};
	json_t *noted = NULL;

	if (trace_mode() != TRACE_REPLAY && !find_keys(a, &f))
		noted = json_pack("{si ss* ss*}", "status", f.status, "code", f.code, "message",
				  f.message);
	noted = trace_note("aws-keys", noted);
	if (json_is_object(noted))
		fail_set(&a->unfit, (int)aws_int(noted, "status"), aws_str(noted, "code"), "%s",
			 aws_str(noted, "message"));
	else if (trace_mode() == TRACE_REPLAY)
		aws_keys_dummy(&a->keys);
	if (!a->signer && a->keys.id)
		a->signer = sigv4_new(a->keys.id, a->keys.secret, a->keys.token);
	json_decref(noted);
	fail_free(&f);
	return !a->unfit.status;
}

/* Asked alone: what is queued waits for the answer. */
static bool ask_account(struct aws *a, struct failure *f)
{
	struct aws_call call = {.service = "sts", .action = "GetCallerIdentity"};
	struct aws_call **queue = a->queue;
	size_t queued = a->queued;

	call.region = queued ? queue[0]->region : NULL;
	a->queue = NULL;
	a->queued = 0;
	aws_queue(a, &call);
	aws_run(a);
	free(a->queue);
	a->queue = queue;
	a->queued = queued;
	if (call.result)
		a->account = mem_dup(aws_str(call.result, "Account"));
	if (call.failure.status)
		fail_copy(f, &call.failure);
	else if (!*a->account)
		fail_set(f, ST_BUG, "bad-answer", "STS did not say which account this is");
	aws_call_free(&call);
	return a->account && *a->account;
}

static void check_account(struct aws *a)
{
	const char *wanted = env_get("SLUICE_ACCOUNT");

	struct failure f = {0};

	if (!wanted)
		return;
	if (!a->account && !ask_account(a, &f))
		fail_move(&a->unfit, &f);
	else if (strcmp(wanted, a->account))
		fail_set(&a->unfit, ST_GUARD, "wrong-account",
			 "these are credentials of the AWS account %s, but SLUICE_ACCOUNT is %s",
			 a->account, wanted);
}

bool aws_fit(struct aws *a, struct failure *f)
{
	if (!a->checked) {
		a->checked = true;
		if (first_keys(a))
			check_account(a);
	}
	if (a->unfit.status && f)
		fail_copy(f, &a->unfit);
	return !a->unfit.status;
}

const char *aws_account(struct aws *a, struct failure *f)
{
	if (!aws_fit(a, f))
		return NULL;
	return a->account || ask_account(a, f) ? a->account : NULL;
}
