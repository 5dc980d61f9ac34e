/* SPDX-License-Identifier: ISC
 * Keys of a role in IAM Identity Center, for the token that `aws sso login` left. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "creds.h"
#include "endpoint.h"
#include "error.h"
#include "sso.h"

struct sso {
	const char *profile;
	const char *account, *role;
	const char *session; /* NULL: the older form, all in the profile */
	const char *start_url, *region;
};

static bool wrong(struct failure *f, const struct sso *s, const char *what)
{
	return fail_set(f, ST_CONFIG, "bad-profile", "the AWS profile '%s': %s", s->profile, what);
}

/* Session values that the profile repeats must be the same ones. */
static bool session_value(const struct creds *c, const struct sso *s, const char *key,
			  const char **value, struct failure *f)
{
	const char *here = profiles_get_of(c->p, s->profile, key);

	*value = profiles_section(c->p, "sso_sessions", s->session, key);
	if (here && (!*value || strcmp(here, *value)))
		return fail_set(
		    f, ST_CONFIG, "bad-profile",
		    "the AWS profile '%s': `%s` can only be specified in the [sso-session] "
		    "config when a session name is given",
		    s->profile, key);
	return true;
}

static bool read_session(const struct creds *c, struct sso *s, struct failure *f)
{
	if (!s->session) {
		s->start_url = profiles_get_of(c->p, s->profile, "sso_start_url");
		s->region = profiles_get_of(c->p, s->profile, "sso_region");
		return true;
	}
	if (!json_object_get(json_object_get(c->p->all, "sso_sessions"), s->session))
		return fail_set(f, ST_CONFIG, "bad-profile",
				"sso-session named `%s` (referenced by profile `%s`) was not found",
				s->session, s->profile);
	return session_value(c, s, "sso_start_url", &s->start_url, f) &&
	       session_value(c, s, "sso_region", &s->region, f);
}

static enum keys_found configured(struct creds *c, struct sso *s, struct failure *f)
{
	s->account = profiles_get_of(c->p, s->profile, "sso_account_id");
	s->role = profiles_get_of(c->p, s->profile, "sso_role_name");
	s->session = profiles_get_of(c->p, s->profile, "sso_session");
	if (!s->account && !s->role && !s->session)
		return KEYS_NONE;
	if (!read_session(c, s, f))
		return KEYS_FAILED;
	if (!s->account && !s->role) {
		creds_tried(
		    c,
		    "profile '%s' has an sso_session without sso_account_id and "
		    "sso_role_name: the selected profile will resolve an access token instead "
		    "of credentials",
		    s->profile);
		return KEYS_NONE;
	}
	if (!s->account)
		wrong(f, s, "if `sso_role_name` is set, then `sso_account_id` must also be set");
	else if (!s->role)
		wrong(f, s, "if `sso_account_id` is set, then `sso_role_name` must also be set");
	else if (!s->start_url)
		wrong(f, s, "`sso_start_url` is missing");
	else if (!s->region)
		wrong(f, s, "`sso_region` is missing");
	else
		return KEYS_FOUND;
	return KEYS_FAILED;
}

static struct http_request *role_request(const struct sso *s, const struct aws_where *w,
					 const char *token)
{
	struct buf url = {0};
	struct http_request *r;

	buf_fmt(&url, "%s/federation/credentials?role_name=", w->url);
	buf_percent(&url, s->role, strlen(s->role), NULL);
	buf_str(&url, "&account_id=");
	buf_percent(&url, s->account, strlen(s->account), NULL);
	r = http_request_new("GET", url.data);
	buf_free(&url);
	http_header_set(&r->headers, "x-amz-sso_bearer_token", token);
	r->secret_answer = true;
	r->judge = aws_error_judge;
	return r;
}

static bool fetch(struct creds *c, const struct sso *s, const char *token, struct aws_keys *k,
		  struct failure *f)
{
	struct aws_where w;
	struct http_answer a = {0};
	bool ok = false;

	if (!aws_endpoint(&w, aws_service("sso"), s->region, c->p, NULL, f))
		return false;
	if (!http_do(c->engine, role_request(s, &w, token), &a)) {
		fail_move(f, &a.failure);
	} else if (a.status != 200) {
		aws_error_read(&a, f);
	} else {
		json_auto_t *json = json_loadb(a.body.data ? a.body.data : "", a.body.len, 0, NULL);

		ok = creds_from_json(json_object_get(json, "roleCredentials"), "SSO", k, f);
	}
	aws_where_free(&w);
	http_answer_free(&a);
	return ok;
}

enum keys_found creds_sso(struct creds *c, const char *profile, struct aws_keys *k,
			  struct failure *f)
{
	struct sso s = {.profile = profile};
	enum keys_found found = configured(c, &s, f);
	char *token;
	bool ok;

	if (found != KEYS_FOUND)
		return found;
	token = sso_token(c, s.session, s.start_url, s.region, f);
	if (!token)
		return KEYS_FAILED;
	trace_secret(token);
	ok = fetch(c, &s, token, k, f);
	if (!ok)
		fail_prefix(f, "an error occurred while loading credentials of role '%s' by SSO",
			    s.role);
	else if (!k->account)
		k->account = mem_dup(s.account);
	free(token);
	return ok ? KEYS_FOUND : KEYS_FAILED;
}
