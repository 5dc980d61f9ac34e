/* SPDX-License-Identifier: ISC
 * A role for a token in a file, as Kubernetes and CI systems write it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "creds.h"

static const char *setting(struct creds *c, const char *profile, bool environment,
			   const char *variable, const char *key)
{
	const char *value = environment ? env_get(variable) : NULL;

	return value ? value : profiles_get_of(c->p, profile, key);
}

/* The token without the newline that editors leave; NULL with f. */
static char *read_token(const char *path, struct failure *f)
{
	char *token = creds_file(path);

	if (!token) {
		fail_set(f, ST_CONFIG, "no-token", "cannot read the web identity token '%s': %s",
			 path, strerror(errno));
		return NULL;
	}
	token[strcspn(token, "\r\n")] = '\0';
	trace_secret(token);
	return token;
}

enum keys_found creds_web(struct creds *c, const char *profile, bool environment,
			  struct aws_keys *k, struct failure *f)
{
	const char *file = setting(c, profile, environment, "AWS_WEB_IDENTITY_TOKEN_FILE",
				   "web_identity_token_file");
	const char *role = setting(c, profile, environment, "AWS_ROLE_ARN", "role_arn");
	const char *name =
	    setting(c, profile, environment, "AWS_ROLE_SESSION_NAME", "role_session_name");
	char *token, *session;
	json_t *params;
	bool ok;

	if (!file)
		return KEYS_NONE;
	if (!role) {
		fail_set(f, ST_CONFIG, "bad-profile",
			 "a web identity token file is configured, but `role_arn` was missing "
			 "(AWS_ROLE_ARN)");
		return KEYS_FAILED;
	}
	token = read_token(file, f);
	if (!token)
		return KEYS_FAILED;
	session = creds_session_name(name);
	params = json_pack("{ss ss ss}", "RoleArn", role, "RoleSessionName", session,
			   "WebIdentityToken", token);
	free(session);
	explicit_bzero(token, strlen(token));
	free(token);
	if (!params) {
		fail_set(f, ST_CONFIG, "no-token", "the web identity token '%s' is not UTF-8 text",
			 file);
		return KEYS_FAILED;
	}
	ok = creds_sts(c, NULL, "AssumeRoleWithWebIdentity", params, "web identity", k, f);
	return ok ? KEYS_FOUND : KEYS_FAILED;
}
