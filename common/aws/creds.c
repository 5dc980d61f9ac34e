/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "creds.h"

void creds_tried(struct creds *c, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_out();
	va_end(args);
	if (c->tried.len)
		buf_str(&c->tried, ", ");
	buf_str(&c->tried, text);
	free(text);
}

char *creds_session_name(const char *wanted)
{
	return wanted ? mem_dup(wanted) : mem_fmt("sluice-%.57s", env_run());
}

char *creds_file(const char *path)
{
	FILE *in = fopen(path, "re");
	struct buf text = {0};
	char chunk[4096];
	size_t n;

	if (!in)
		return NULL;
	while (text.len < 1 << 20 && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(&text, chunk, n);
	fclose(in);
	return buf_take(&text);
}

static const char *either(const json_t *json, const char *a, const char *b)
{
	const char *text = json_string_value(json_object_get(json, a));

	return text ? text : json_string_value(json_object_get(json, b));
}

bool creds_from_json(const json_t *json, const char *source, struct aws_keys *k, struct failure *f)
{
	const char *id = either(json, "AccessKeyId", "accessKeyId");
	const char *secret = either(json, "SecretAccessKey", "secretAccessKey");
	const char *token = either(json, "SessionToken", "sessionToken");
	const char *expires = either(json, "Expiration", "expiration");
	const json_t *ms = json_object_get(json, "expiration"); /* SSO says a number */

	if (!token)
		token = json_string_value(json_object_get(json, "Token"));
	if (!id || !*id || !secret || !*secret)
		return fail_set(f, ST_BUG, "bad-credentials",
				"the answer of %s holds no AccessKeyId and SecretAccessKey",
				source);
	aws_keys_set(k, source, id, secret, token,
		     json_string_value(json_object_get(json, "AccountId")));
	k->expires = json_is_integer(ms) ? json_integer_value(ms)
		     : expires           ? clk_parse_iso(expires)
					 : 0;
	if (k->expires < 0)
		return fail_set(f, ST_BUG, "bad-credentials",
				"the answer of %s has an Expiration that is no time: '%s'", source,
				expires);
	return true;
}

/* Keys in the config file are asked after credential_process, those of the other before. */
static enum keys_found static_keys(struct creds *c, const char *profile, struct aws_keys *k,
				   struct failure *f)
{
	enum keys_found found = aws_keys_profile(c->p, "credentials", profile, k, f);

	if (found == KEYS_NONE && profiles_get_of(c->p, profile, "login_session") &&
	    !profiles_get_of(c->p, profile, "credential_process")) {
		fail_set(
		    f, ST_CONFIG, "login-session",
		    "the AWS profile '%s' uses `aws login`, which is not read here: set "
		    "credential_process = aws configure export-credentials --profile %s in another "
		    "profile and use that",
		    profile, profile);
		return KEYS_FAILED;
	}
	if (found == KEYS_NONE)
		found = creds_process(c, profile, k, f);
	return found == KEYS_NONE ? aws_keys_profile(c->p, "profiles", profile, k, f) : found;
}

enum keys_found creds_profile(struct creds *c, const char *profile, bool environment,
			      struct aws_keys *k, struct failure *f)
{
	enum keys_found found = creds_web(c, profile, environment, k, f);

	if (found == KEYS_NONE)
		found = creds_sso(c, profile, k, f);
	return found == KEYS_NONE ? static_keys(c, profile, k, f) : found;
}

static void tried_files(struct creds *c)
{
	const struct profiles *p = c->p;

	if (!p->credentials_there)
		creds_tried(c, "%s is not there", p->credentials_path);
	else if (!json_object_get(json_object_get(p->all, "credentials"), p->name))
		creds_tried(c, "%s has no [%s]", p->credentials_path, p->name);
	if (p->config_there)
		creds_tried(c, "%s says nothing about keys for profile '%s'", p->config_path,
			    p->name);
}

bool creds_find(struct creds *c, struct aws_keys *k, struct failure *f)
{
	enum keys_found found = KEYS_NONE;
	const struct profiles *p = c->p;

	buf_clear(&c->tried);
	if (!p->named) {
		found = aws_keys_env(k, f);
		creds_tried(c, "AWS_ACCESS_KEY_ID is not set");
	}
	if (found == KEYS_NONE)
		found = creds_assume(c, p->name, k, f);
	if (found == KEYS_NONE)
		found = creds_profile(c, p->name, !p->named, k, f);
	if (found == KEYS_NONE) {
		tried_files(c);
		found = creds_container(c, k, f);
	}
	if (found == KEYS_NONE)
		found = creds_imds(c, k, f);
	if (found == KEYS_NONE)
		fail_set(f, ST_CONFIG, "no-credentials", "no AWS credentials: %s", c->tried.data);
	return found == KEYS_FOUND;
}
