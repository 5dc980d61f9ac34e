/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "keys.h"

static void wipe(char **text)
{
	if (*text)
		explicit_bzero(*text, strlen(*text));
	free(*text);
	*text = NULL;
}

void aws_keys_free(struct aws_keys *k)
{
	wipe(&k->secret);
	wipe(&k->token);
	free(k->id);
	free(k->account);
	free(k->source);
	*k = (struct aws_keys){0};
}

void aws_keys_copy(struct aws_keys *to, const struct aws_keys *from)
{
	struct aws_keys copy = {mem_dup(from->id),      mem_dup(from->secret), mem_dup(from->token),
				mem_dup(from->account), mem_dup(from->source), from->expires};

	aws_keys_free(to);
	*to = copy;
}

void aws_keys_set(struct aws_keys *k, const char *source, const char *id, const char *secret,
		  const char *token, const char *account)
{
	struct aws_keys set = {mem_dup(id),
			       mem_dup(secret),
			       token && *token ? mem_dup(token) : NULL,
			       account && *account ? mem_dup(account) : NULL,
			       mem_dup(source),
			       0};

	trace_secret(secret);
	if (set.token)
		trace_secret(set.token);
	aws_keys_free(k);
	*k = set;
}

static const char *unless_blank(const char *value)
{
	return value && value[strspn(value, " \t\r\n")] ? value : NULL;
}

enum keys_found aws_keys_env(struct aws_keys *k, struct failure *f)
{
	const char *id = unless_blank(env_secret("AWS_ACCESS_KEY_ID"));
	const char *secret = unless_blank(env_secret("AWS_SECRET_ACCESS_KEY"));

	if (!id && !secret)
		return KEYS_NONE;
	if (!id || !secret) {
		fail_set(f, ST_CONFIG, "partial-credentials", "%s is set but %s is not",
			 id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			 id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
		return KEYS_FAILED;
	}
	aws_keys_set(k, "environment", id, secret, unless_blank(env_secret("AWS_SESSION_TOKEN")),
		     env_get("AWS_ACCOUNT_ID"));
	return KEYS_FOUND;
}

enum keys_found aws_keys_profile(const struct profiles *p, const char *kind, const char *profile,
				 struct aws_keys *k, struct failure *f)
{
	const char *id = profiles_section(p, kind, profile, "aws_access_key_id");
	const char *secret = profiles_section(p, kind, profile, "aws_secret_access_key");
	const char *token = profiles_section(p, kind, profile, "aws_session_token");
	char *source;

	if (!id && !secret)
		return KEYS_NONE;
	if (!id || !secret) {
		fail_set(f, ST_CONFIG, "partial-credentials",
			 "the AWS profile '%s' has %s but no %s", profile,
			 id ? "aws_access_key_id" : "aws_secret_access_key",
			 id ? "aws_secret_access_key" : "aws_access_key_id");
		return KEYS_FAILED;
	}
	if (!token) /* the name that boto had first */
		token = profiles_section(p, kind, profile, "aws_security_token");
	source = mem_fmt("profile '%s'", profile);
	aws_keys_set(k, source, id, secret, token,
		     profiles_section(p, "profiles", profile, "aws_account_id"));
	free(source);
	return KEYS_FOUND;
}

void aws_keys_dummy(struct aws_keys *k)
{
	aws_keys_set(k, "replay", "AKIDREPLAY", "replayed-secret", NULL, NULL);
}

static bool none(const struct profiles *p, struct failure *f)
{
	return fail_set(f, ST_CONFIG, "no-credentials",
			"no AWS credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not "
			"set, and '%s' %s",
			p->credentials_path,
			p->credentials_there ? "has no keys for this profile" : "is not there");
}

static bool find_static(const char *profile, struct aws_keys *k, struct failure *f)
{
	struct profiles p;
	enum keys_found found = KEYS_NONE;
	bool ok = false;

	if (!profile)
		found = aws_keys_env(k, f);
	if (found != KEYS_NONE)
		return found == KEYS_FOUND;
	if (profiles_load(&p, profile, f)) {
		found = aws_keys_profile(&p, "profiles", p.name, k, f);
		ok = found == KEYS_FOUND || (found == KEYS_NONE && none(&p, f));
	}
	profiles_free(&p);
	return ok;
}

static json_t *outcome(bool ok, const struct aws_keys *k, const struct failure *f)
{
	return ok ? json_pack("{sb}", "token", k->token != NULL)
		  : json_pack("{si ss* ss*}", "status", f->status, "code", f->code, "message",
			      f->message);
}

/* A replay has no keys: whether there were some, and of which form, is what was recorded. */
static bool replay_static(const json_t *noted, struct aws_keys *k, struct failure *f)
{
	const char *code = json_string_value(json_object_get(noted, "code"));
	const char *message = json_string_value(json_object_get(noted, "message"));
	const json_t *token = json_object_get(noted, "token");

	if (!token)
		return fail_set(f, (int)json_integer_value(json_object_get(noted, "status")), code,
				"%s", message ? message : "no AWS credentials");
	aws_keys_dummy(k);
	if (json_is_true(token))
		aws_keys_set(k, "replay", "AKIDREPLAY", "replayed-secret", "replayed-token", NULL);
	return true;
}

bool aws_keys_static(const char *profile, struct aws_keys *k, struct failure *f)
{
	bool ok = trace_mode() != TRACE_REPLAY && find_static(profile, k, f);
	json_t *noted;

	if (trace_mode() == TRACE_OFF)
		return ok;
	noted =
	    trace_note("aws:keys", trace_mode() == TRACE_RECORD ? outcome(ok, k, f) : json_null());
	if (trace_mode() == TRACE_REPLAY)
		ok = replay_static(noted, k, f);
	json_decref(noted);
	return ok;
}

char *aws_region_static(const char *profile)
{
	const char *region = env_get("AWS_REGION");
	struct profiles p;
	json_t *noted;
	char *copy;

	if (!region)
		region = env_get("AWS_DEFAULT_REGION");
	if (region)
		return mem_dup(region);
	if (profiles_load(&p, profile, NULL))
		region = profiles_get(&p, "region");
	noted = trace_note("profile-region", region ? json_string(region) : NULL);
	copy = mem_dup(json_string_value(noted));
	json_decref(noted);
	profiles_free(&p);
	return copy;
}

int64_t aws_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
