/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../clock.h"
#include "../mem.h"
#include "../sha1.h"
#include "../status.h"
#include "../trace.h"
#include "endpoint.h"
#include "error.h"
#include "sso.h"

#define RENEW_MS (15 * 60 * 1000)

static const char *text(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

/* Milliseconds until a time that a member says; absent counts as far away. */
static int64_t left(const json_t *json, const char *key)
{
	const char *when = text(json, key);

	return when ? clk_parse_iso(when) - aws_clock() : INT64_MAX;
}

static char *cache_path(const char *name)
{
	char hex[41], *home, *path;

	sha1_hex(name, hex);
	home = mem_fmt("~/.aws/sso/cache/%s.json", hex);
	path = profile_path(home);
	free(home);
	return path;
}

static json_t *read_cache(const char *path, struct failure *f)
{
	char *content = creds_file(path);
	json_t *json = content ? json_loads(content, 0, NULL) : NULL;

	if (!content)
		fail_set(f, ST_CONFIG, "no-token", "failed to read `%s`: %s; run aws sso login",
			 path, strerror(errno));
	else if (!text(json, "accessToken"))
		fail_set(f, ST_CONFIG, "no-token", "'%s' holds no accessToken; run aws sso login",
			 path);
	free(content);
	if (text(json, "accessToken"))
		return json;
	json_decref(json);
	return NULL;
}

/* Best effort: without it the next process renews again. */
static void write_cache(const char *path, const json_t *token)
{
	char *part = mem_fmt("%s.%ld", path, (long)getpid());
	char *content = json_dumps(token, JSON_INDENT(2));
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t len = content ? strlen(content) : 0;

	if (fd >= 0) {
		bool whole = len && write(fd, content, len) == (ssize_t)len && !fsync(fd);

		if (close(fd) || !whole || rename(part, path))
			unlink(part);
	}
	free(content);
	free(part);
}

static bool renewable(const json_t *token)
{
	return text(token, "refreshToken") && text(token, "clientId") &&
	       text(token, "clientSecret") && left(token, "registrationExpiresAt") > 0;
}

static struct http_request *renewal(const json_t *token, const char *url)
{
	char *place = mem_fmt("%s/token", url), *body;
	struct http_request *r = http_request_new("POST", place);
	json_t *json =
	    json_pack("{ss ss ss ss}", "grantType", "refresh_token", "clientId",
		      text(token, "clientId"), "clientSecret", text(token, "clientSecret"),
		      "refreshToken", text(token, "refreshToken"));

	free(place);
	trace_secret(text(token, "clientSecret"));
	trace_secret(text(token, "refreshToken"));
	http_header_set(&r->headers, "Content-Type", "application/json");
	body = json_dumps(json, JSON_COMPACT);
	if (!body)
		mem_out();
	buf_str(&r->body, body);
	free(body);
	json_decref(json);
	r->effect = HTTP_CHANGE; /* a refresh token may be good for once only */
	r->secret_answer = true;
	r->judge = aws_error_judge;
	return r;
}

static void take_renewed(json_t *token, const json_t *answer)
{
	const json_t *seconds = json_object_get(answer, "expiresIn");
	char when[32];

	json_object_set(token, "accessToken", json_object_get(answer, "accessToken"));
	if (text(answer, "refreshToken"))
		json_object_set(token, "refreshToken", json_object_get(answer, "refreshToken"));
	clk_iso(aws_clock() + (int64_t)json_integer_value(seconds) * 1000, when);
	json_object_set_new(token, "expiresAt", json_string(when));
}

/* Whether the token is another one now. */
static bool renew(struct creds *c, json_t *token, const char *region)
{
	struct aws_where w;
	struct http_answer a = {0};
	json_t *answer = NULL;
	bool ok;

	if (!aws_endpoint(&w, aws_service("sso-oidc"), region, c->p, NULL, NULL))
		return false;
	if (http_do(c->engine, renewal(token, w.url), &a) && a.status == 200)
		answer = json_loadb(a.body.data ? a.body.data : "", a.body.len, 0, NULL);
	ok = text(answer, "accessToken") != NULL;
	if (ok)
		take_renewed(token, answer);
	json_decref(answer);
	http_answer_free(&a);
	aws_where_free(&w);
	return ok;
}

char *sso_token(struct creds *c, const char *session, const char *start_url, const char *region,
		struct failure *f)
{
	char *path = cache_path(session ? session : start_url), *access = NULL;
	json_t *token = read_cache(path, f);

	if (token && session && left(token, "expiresAt") < RENEW_MS && renewable(token) &&
	    renew(c, token, region))
		write_cache(path, token);
	if (token && left(token, "expiresAt") <= 0)
		fail_set(f, ST_NOPERM, "ExpiredToken",
			 "the SSO token of '%s' ended at %s; run aws sso login",
			 session ? session : start_url, text(token, "expiresAt"));
	else if (token)
		access = mem_dup(text(token, "accessToken"));
	json_decref(token);
	free(path);
	return access;
}
