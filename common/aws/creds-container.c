/* SPDX-License-Identifier: ISC
 * The credential services of ECS tasks and EKS pods. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "creds.h"

/* The URL, NULL when it may not be used (f set) or none is configured. */
static char *service_url(struct failure *f)
{
	const char *relative = env_get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = relative ? NULL : env_get("AWS_CONTAINER_CREDENTIALS_FULL_URI");

	if (relative)
		return mem_fmt("http://169.254.170.2%s%s", relative[0] == '/' ? "" : "/", relative);
	if (!full)
		return NULL;
	if (!strstr(full, "://"))
		fail_set(f, ST_CONFIG, "bad-uri",
			 "AWS_CONTAINER_CREDENTIALS_FULL_URI: URI did not specify a host: '%s'",
			 full);
	else if (strncasecmp(full, "https://", 8) && !http_plain_allowed(full))
		fail_set(f, ST_CONFIG, "bad-uri",
			 "AWS_CONTAINER_CREDENTIALS_FULL_URI '%s' is neither https nor one of the "
			 "container services nor loopback",
			 full);
	else
		return mem_dup(full);
	return NULL;
}

/* What to send as Authorization: false with f; NULL when nothing. */
static bool service_token(char **token, struct failure *f)
{
	const char *file = env_get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");

	*token = file ? creds_file(file) : mem_dup(env_secret("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
	if (file && !*token)
		return fail_set(f, ST_CONFIG, "no-token",
				"cannot read AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE '%s': %s", file,
				strerror(errno));
	if (!*token)
		return true;
	trace_secret(*token);
	if (strpbrk(*token, "\r\n")) {
		free(*token);
		*token = NULL;
		return fail_set(f, ST_CONFIG, "bad-token",
				"the container authorization token has a line break");
	}
	return true;
}

static bool fetch(struct creds *c, const char *url, const char *token, struct aws_keys *k,
		  struct failure *f)
{
	struct http_request *r = http_request_new("GET", url);
	struct http_answer a = {0};
	bool ok = false;

	r->attempts = 3;
	r->timeout_ms = 2000;
	r->secret_answer = true;
	r->local_metadata = true;
	http_header_set(&r->headers, "Accept", "application/json");
	if (token)
		http_header_set(&r->headers, "Authorization", token);
	if (!http_do(c->engine, r, &a)) {
		fail_move(f, &a.failure);
	} else if (a.status != 200) {
		fail_set(f, a.status >= 500 || a.status == 429 ? ST_TEMP : ST_NOPERM,
			 "container-credentials", "it answered %d", a.status);
	} else {
		json_auto_t *json = json_loadb(a.body.data ? a.body.data : "", a.body.len, 0, NULL);

		ok = creds_from_json(json, "container", k, f);
	}
	http_answer_free(&a);
	if (!ok)
		fail_prefix(f, "cannot get container credentials from '%s'", url);
	return ok;
}

enum keys_found creds_container(struct creds *c, struct aws_keys *k, struct failure *f)
{
	struct failure why = {0};
	char *url = service_url(&why), *token = NULL;
	bool ok;

	if (!url && !why.status)
		return KEYS_NONE;
	ok = url && service_token(&token, &why) && fetch(c, url, token, k, &why);
	free(url);
	free(token);
	if (!ok && f)
		fail_move(f, &why);
	fail_free(&why);
	return ok ? KEYS_FOUND : KEYS_FAILED;
}
