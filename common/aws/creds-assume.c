/* SPDX-License-Identifier: ISC
 * Profiles that assume a role with another profile's keys, or a named source's. */
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "../mem.h"
#include "../status.h"
#include "creds.h"

/* The profiles on the way to this one. */
struct visit {
	const char *profile;
	const struct visit *before;
};

static enum keys_found assume(struct creds *c, const struct visit *at, struct aws_keys *k,
			      struct failure *f);

static enum keys_found wrong(struct failure *f, const char *what, const char *profile)
{
	fail_set(f, ST_CONFIG, "bad-profile", "the AWS profile '%s': %s", profile, what);
	return KEYS_FAILED;
}

static bool has_keys(const struct creds *c, const char *profile)
{
	return profiles_get_of(c->p, profile, "aws_access_key_id") ||
	       profiles_get_of(c->p, profile, "aws_secret_access_key");
}

static bool has_role(const struct creds *c, const char *profile)
{
	return profiles_get_of(c->p, profile, "role_arn") &&
	       !profiles_get_of(c->p, profile, "web_identity_token_file");
}

static bool loops(const struct visit *at, const char *source)
{
	for (const struct visit *v = at; v; v = v->before)
		if (!strcmp(v->profile, source))
			return true;
	return false;
}

static enum keys_found from_profile(struct creds *c, const struct visit *at, const char *source,
				    struct aws_keys *k, struct failure *f)
{
	struct visit next = {source, at};
	enum keys_found found;

	if (!profiles_has(c->p, source)) {
		fail_set(f, ST_CONFIG, "bad-profile",
			 "could not find source profile %s referenced from %s", source,
			 at->profile);
		return KEYS_FAILED;
	}
	/* A profile may name itself, when the keys are in it. */
	if (loops(at, source) && !(!strcmp(at->profile, source) && has_keys(c, source)))
		return wrong(f, "profile formed an infinite loop", at->profile);
	if (has_keys(c, source) || !has_role(c, source))
		found = creds_profile(c, source, false, k, f);
	else
		found = assume(c, &next, k, f);
	if (found == KEYS_NONE) {
		fail_set(f, ST_CONFIG, "bad-profile",
			 "profile `%s` did not contain credential information", source);
		found = KEYS_FAILED;
	}
	return found;
}

static enum keys_found from_source(struct creds *c, const char *profile, const char *source,
				   struct aws_keys *k, struct failure *f)
{
	enum keys_found found;

	buf_clear(&c->tried);
	if (!strcmp(source, "Environment"))
		found = aws_keys_env(k, f);
	else if (!strcmp(source, "Ec2InstanceMetadata"))
		found = creds_imds(c, k, f);
	else if (!strcmp(source, "EcsContainer"))
		found = creds_container(c, k, f);
	else
		return wrong(f,
			     "credential_source must be Environment, Ec2InstanceMetadata or "
			     "EcsContainer",
			     profile);
	if (found == KEYS_NONE) {
		fail_set(f, ST_CONFIG, "no-credentials",
			 "no AWS credentials in the credential_source %s of profile '%s'%s%s",
			 source, profile, c->tried.len ? ": " : "",
			 c->tried.len ? c->tried.data : "");
		found = KEYS_FAILED;
	}
	return found;
}

static enum keys_found source_keys(struct creds *c, const struct visit *at, struct aws_keys *k,
				   struct failure *f)
{
	const char *profile = at->profile;
	const char *source = profiles_get_of(c->p, profile, "source_profile");
	const char *named = profiles_get_of(c->p, profile, "credential_source");

	if (source && named)
		return wrong(f, "profile contained both source_profile and credential_source",
			     profile);
	if (source)
		return from_profile(c, at, source, k, f);
	if (named)
		return from_source(c, profile, named, k, f);
	return wrong(
	    f, "profile must contain `source_profile` or `credential_source` to assume a role",
	    profile);
}

static json_t *role_params(struct creds *c, const char *profile)
{
	const char *seconds = profiles_get_of(c->p, profile, "duration_seconds");
	const char *external = profiles_get_of(c->p, profile, "external_id");
	char *session = creds_session_name(profiles_get_of(c->p, profile, "role_session_name"));
	json_t *params =
	    json_pack("{ss ss ss*}", "RoleArn", profiles_get_of(c->p, profile, "role_arn"),
		      "RoleSessionName", session, "ExternalId", external);
	long long number;

	free(session);
	if (!params)
		mem_out();
	if (seconds && cli_number(seconds, 900, 43200, &number))
		json_object_set_new(params, "DurationSeconds", json_integer(number));
	return params;
}

static enum keys_found assume(struct creds *c, const struct visit *at, struct aws_keys *k,
			      struct failure *f)
{
	const char *profile = at->profile;
	struct aws_keys source = {0};
	enum keys_found found;
	char *name;

	if (!has_role(c, profile))
		return KEYS_NONE;
	if (profiles_get_of(c->p, profile, "mfa_serial"))
		return wrong(
		    f,
		    "it asks for an MFA code (mfa_serial), which a filter cannot: take keys of "
		    "aws sts get-session-token",
		    profile);
	found = source_keys(c, at, &source, f);
	if (found == KEYS_FOUND) {
		name = mem_fmt("the role of profile '%s'", profile);
		if (!creds_sts(c, &source, "AssumeRole", role_params(c, profile), name, k, f))
			found = KEYS_FAILED;
		free(name);
	}
	aws_keys_free(&source);
	return found;
}

enum keys_found creds_assume(struct creds *c, const char *profile, struct aws_keys *k,
			     struct failure *f)
{
	struct visit first = {profile, NULL};

	return assume(c, &first, k, f);
}
