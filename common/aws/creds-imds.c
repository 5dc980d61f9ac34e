/* SPDX-License-Identifier: ISC
 * The instance metadata service: version 2, and 1 where that is all there is. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../cli.h"
#include "../clock.h"
#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "creds.h"

/* Once it answered, a fault of its own is not the end. */
#define TRIES_AFTER_A_FAULT 3

static const char *setting(struct creds *c, const char *variable, const char *key)
{
	const char *value = env_get(variable);

	return value ? value : profiles_get(c->p, key);
}

static bool truth(const char *value)
{
	return value && !strcasecmp(value, "true");
}

static long long number(const char *text, long long otherwise, long long most)
{
	long long n;

	return text && cli_number(text, 1, most, &n) ? n : otherwise;
}

static char *base_url(struct creds *c)
{
	const char *url =
	    setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	const char *mode = setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
				   "ec2_metadata_service_endpoint_mode");
	size_t len;

	if (!url)
		url = mode && !strcasecmp(mode, "ipv6") ? "http://[fd00:ec2::254]"
							: "http://169.254.169.254";
	len = strlen(url);
	while (len && url[len - 1] == '/')
		len--;
	return mem_dup_n(url, len);
}

/* One request, repeated as configured; 0: no answer. */
static int ask(struct creds *c, const char *method, const char *path, const char *header,
	       const char *value, struct http_answer *a)
{
	long long seconds =
	    number(setting(c, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout"), 1, 3600);
	long long tries =
	    number(setting(c, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts"),
		   1, 100);
	char *base = base_url(c), *url = mem_fmt("%s%s", base, path);

	for (long long i = 1;; i++) {
		struct http_request *r = http_request_new(method, url);

		r->attempts = 1;
		r->timeout_ms = (long)seconds * 1000;
		r->secret_answer = strcmp(path, "/latest/meta-data/placement/region") != 0;
		r->local_metadata = true;
		if (header)
			http_header_set(&r->headers, header, value);
		http_answer_free(a);
		http_do(c->engine, r, a);
		if (a->status && a->status < 500)
			break;
		if (i >= (a->status && tries < TRIES_AFTER_A_FAULT ? TRIES_AFTER_A_FAULT : tries))
			break;
		if (!clk_sleep(100 * i))
			break;
	}
	free(base);
	free(url);
	return a->status;
}

/* Whether the service may be asked; *token is the session's, NULL for version 1. */
static enum keys_found session(struct creds *c, char **token, struct failure *f)
{
	struct http_answer a = {0};
	int status =
	    ask(c, "PUT", "/latest/api/token", "x-aws-ec2-metadata-token-ttl-seconds", "21600", &a);
	enum keys_found found = KEYS_FOUND;

	*token = NULL;
	if (status == 200 && a.body.len) {
		*token = mem_dup_n(a.body.data, a.body.len);
		trace_secret(*token);
	} else if (status == 400) {
		fail_set(f, ST_BUG, "bad-imds", "the metadata service refused the token request");
		found = KEYS_FAILED;
	} else if (!status && a.failure.status != ST_TEMP) {
		fail_move(f, &a.failure);
		found = KEYS_FAILED;
	} else if (!status && a.failure.message && !strstr(a.failure.message, "imed out") &&
		   !strstr(a.failure.message, "imeout")) {
		creds_tried(c, "no metadata service");
		found = KEYS_NONE;
	} else if (truth(setting(c, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled"))) {
		creds_tried(c,
			    "the metadata service gave no token and AWS_EC2_METADATA_V1_DISABLED "
			    "is set");
		found = KEYS_NONE;
	}
	http_answer_free(&a);
	return found;
}

static enum keys_found get(struct creds *c, const char *token, const char *path, struct buf *text)
{
	struct http_answer a = {0};
	int status = ask(c, "GET", path, token ? "x-aws-ec2-metadata-token" : NULL, token, &a);
	bool ok = status == 200 && a.body.len;

	if (ok)
		buf_add(text, a.body.data, a.body.len);
	else if (status)
		creds_tried(c, "the metadata service answers %d to %s", status, path);
	else
		creds_tried(c, "no metadata service");
	http_answer_free(&a);
	return ok ? KEYS_FOUND : KEYS_NONE;
}

static bool disabled(struct creds *c)
{
	if (!truth(env_get("AWS_EC2_METADATA_DISABLED")))
		return false;
	creds_tried(c, "the metadata service is disabled");
	return true;
}

enum keys_found imds_get(struct creds *c, const char *path, struct buf *text, struct failure *f)
{
	enum keys_found found;
	char *token;

	if (disabled(c))
		return KEYS_NONE;
	found = session(c, &token, f);
	if (found == KEYS_FOUND)
		found = get(c, token, path, text);
	free(token);
	return found;
}

static enum keys_found role_keys(struct creds *c, const char *token, struct aws_keys *k,
				 struct failure *f)
{
	struct buf role = {0}, text = {0};
	enum keys_found found = get(c, token, "/latest/meta-data/iam/security-credentials/", &role);
	json_t *json;
	char *path;

	if (found != KEYS_FOUND)
		return found;
	role.data[strcspn(role.data, "\r\n")] = '\0';
	if (!*role.data) {
		creds_tried(c, "the metadata service knows of no role");
		buf_free(&role);
		return KEYS_NONE;
	}
	path = mem_fmt("/latest/meta-data/iam/security-credentials/%s", role.data);
	found = get(c, token, path, &text);
	json = found == KEYS_FOUND ? json_loadb(text.data, text.len, 0, NULL) : NULL;
	if (found == KEYS_FOUND && !json_object_get(json, "AccessKeyId")) {
		const char *code = json_string_value(json_object_get(json, "Code"));

		creds_tried(c, "the metadata service has no keys for role '%s'%s%s", role.data,
			    code ? ": " : "", code ? code : "");
		found = KEYS_NONE;
	} else if (found == KEYS_FOUND && !creds_from_json(json, "instance metadata", k, f)) {
		found = KEYS_FAILED;
	}
	json_decref(json);
	free(path);
	buf_free(&role);
	buf_free(&text);
	return found;
}

enum keys_found creds_imds(struct creds *c, struct aws_keys *k, struct failure *f)
{
	enum keys_found found;
	char *token;

	if (disabled(c))
		return KEYS_NONE;
	found = session(c, &token, f);
	if (found == KEYS_FOUND)
		found = role_keys(c, token, k, f);
	free(token);
	return found;
}
