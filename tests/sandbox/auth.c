/* SPDX-License-Identifier: ISC
 * Signature Version 4 as the service checks it, header and presigned query: written from AWS's
 * description and not from common/aws, so that one holds the other. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws.h"
#include "mem.h"

enum { SKEW_MS = 5 * 60 * 1000 };

/* What the request says about its signature. */
struct claim {
	char *scope;          /* DATE/REGION/SERVICE/aws4_request */
	char *signed_headers; /* a;b;c */
	const char *signature, *date, *token;
	json_t *query;
	char *header;      /* owns signature, when that is from the header */
	long long expires; /* of a presigned one, seconds; -1: header */
};

static void claim_free(struct claim *c)
{
	free(c->scope);
	free(c->signed_headers);
	free(c->header);
	json_decref(c->query);
}

static char *part(const char *authorization, const char *name)
{
	const char *start = strstr(authorization, name);

	return start ? mem_dup_n(start + strlen(name), strcspn(start + strlen(name), ", ")) : NULL;
}

static char *after_slash(const char *credential)
{
	const char *slash = credential ? strchr(credential, '/') : NULL;

	return slash ? mem_dup(slash + 1) : NULL;
}

static bool claim_read(const struct request *r, struct claim *c)
{
	const char *authorization = header(r, "authorization");
	char *credential;

	c->query = form_flat(r->query, strlen(r->query));
	if (authorization && !strncmp(authorization, "AWS4-HMAC-SHA256 ", 17)) {
		credential = part(authorization, "Credential=");
		c->scope = after_slash(credential);
		free(credential);
		c->signed_headers = part(authorization, "SignedHeaders=");
		c->signature = c->header = part(authorization, "Signature=");
		c->date = header(r, "x-amz-date");
		c->token = header(r, "x-amz-security-token");
		c->expires = -1;
	} else if (!strcmp(str(c->query, "X-Amz-Algorithm"), "AWS4-HMAC-SHA256")) {
		c->scope = after_slash(str(c->query, "X-Amz-Credential"));
		c->signed_headers = mem_dup(str(c->query, "X-Amz-SignedHeaders"));
		c->signature = str(c->query, "X-Amz-Signature");
		c->date = str(c->query, "X-Amz-Date");
		c->token = json_string_value(json_object_get(c->query, "X-Amz-Security-Token"));
		c->expires = num(c->query, "X-Amz-Expires", 0);
	}
	return c->scope && c->signed_headers && c->signature && c->date;
}

static void sha256_hex(struct buf *out, const char *data, size_t len)
{
	unsigned char hash[32];

	EVP_Digest(data ? data : "", len, hash, NULL, EVP_sha256(), NULL);
	buf_hex(out, hash, sizeof hash);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "name\1value" so that a name sorts before a longer one; \1 becomes = at last. */
static char *canonical_pair(const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals ? (size_t)(equals - pair) : len;
	struct buf raw = {0}, out = {0};

	buf_unpercent(&raw, pair, name_len, 0);
	buf_percent(&out, raw.data, raw.len, NULL);
	buf_char(&out, '\1');
	buf_clear(&raw);
	if (equals)
		buf_unpercent(&raw, equals + 1, len - name_len - 1, 0);
	buf_percent(&out, raw.data, raw.len, NULL);
	buf_free(&raw);
	return buf_take(&out);
}

static void canonical_query(struct buf *out, const char *query)
{
	char **pairs = NULL;
	size_t n = 0;

	while (*query) {
		size_t len = strcspn(query, "&");

		if (len && strncmp(query, "X-Amz-Signature=", 16) != 0) {
			pairs = mem_grow(pairs, n + 1, sizeof *pairs);
			pairs[n++] = canonical_pair(query, len);
		}
		query += len + (query[len] == '&');
	}
	if (n)
		qsort(pairs, n, sizeof *pairs, by_bytes);
	for (size_t i = 0; i < n; i++) {
		*strchr(pairs[i], '\1') = '=';
		buf_fmt(out, "%s%s", i ? "&" : "", pairs[i]);
		free(pairs[i]);
	}
	free(pairs);
}

static void canonical_header(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, "%s:", name);
	value += strspn(value, " \t");
	for (; *value; value++)
		if (*value != ' ' || (value[1] != ' ' && value[1]))
			buf_char(out, *value);
	buf_char(out, '\n');
}

static bool is_signed(const struct claim *c, const char *name)
{
	const char *at = strstr(c->signed_headers, name);
	size_t len = strlen(name);

	return at && (at == c->signed_headers || at[-1] == ';') && (!at[len] || at[len] == ';');
}

static void canonical_request(struct buf *out, const struct request *r, const struct claim *c)
{
	char *names = mem_dup(c->signed_headers), *rest = names, *name;

	buf_fmt(out, "%s\n", r->method);
	buf_percent(out, r->path, strlen(r->path), "/");
	buf_char(out, '\n');
	canonical_query(out, r->query);
	buf_char(out, '\n');
	while ((name = strsep(&rest, ";"))) {
		const char *value = header(r, name);

		canonical_header(out, name, value ? value : "");
	}
	free(names);
	buf_fmt(out, "\n%s\n", c->signed_headers);
	sha256_hex(out, r->body.data, r->body.len);
}

static void mac(unsigned char out[32], const unsigned char *key, size_t key_len, const char *text)
{
	HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), out, NULL);
}

static char *expected(const struct request *r, const struct claim *c, const char *secret)
{
	struct buf canonical = {0}, to_sign = {0}, hex = {0};
	char *first = mem_fmt("AWS4%s", secret), *scope = mem_dup(c->scope), *rest = scope, *step;
	unsigned char key[64];
	size_t len = strlen(first) < sizeof key ? strlen(first) : sizeof key;

	canonical_request(&canonical, r, c);
	buf_fmt(&to_sign, "AWS4-HMAC-SHA256\n%s\n%s\n", c->date, c->scope);
	sha256_hex(&to_sign, canonical.data, canonical.len);
	memcpy(key, first, len);
	while ((step = strsep(&rest, "/"))) {
		mac(key, key, len, step);
		len = 32;
	}
	mac(key, key, len, to_sign.data);
	buf_hex(&hex, key, 32);
	free(first);
	free(scope);
	buf_free(&canonical);
	buf_free(&to_sign);
	return buf_take(&hex);
}

/* Each protocol has its own words for the same refusal. */
static bool deny(struct request *r, const char *query, const char *ec2, const char *json,
		 const char *message)
{
	const struct aws_service *s = r->target;

	if (s->protocol == AWS_EC2 && !strcmp(ec2, "AuthFailure"))
		refuse(r, 401, ec2, "AWS was not able to validate the provided access credentials");
	else if (s->protocol == AWS_EC2)
		refuse(r, !strcmp(ec2, "RequestExpired") ? 400 : 403, ec2, "%s", message);
	else if (s->protocol == AWS_JSON)
		refuse(r, 400, json, "%s", message);
	else
		refuse(r, 403, query, "%s", message);
	return false;
}

static int64_t date_ms(const char *date)
{
	struct tm tm = {0};

	return strptime(date, "%Y%m%dT%H%M%SZ", &tm) ? (int64_t)timegm(&tm) * 1000 : -1;
}

static bool in_time(struct request *r, const struct claim *c)
{
	int64_t now = world_wall(), signed_at = date_ms(c->date);
	int64_t late = c->expires >= 0 ? c->expires * 1000 : SKEW_MS;
	char at[32], limit[32], *message;

	if (signed_at >= now - late && signed_at <= now + SKEW_MS)
		return true;
	if (c->expires >= 0)
		return deny(r, "RequestExpired", "RequestExpired", "InvalidSignatureException",
			    "Request has expired.");
	message = mem_fmt("Signature %s: %s is now %s than %s",
			  signed_at < now ? "expired" : "not yet current", c->date,
			  signed_at < now ? "earlier" : "later",
			  world_iso(signed_at < now ? now - SKEW_MS : now + SKEW_MS, limit));
	world_iso(now, at);
	deny(r, "SignatureDoesNotMatch", "RequestExpired", "InvalidSignatureException", message);
	free(message);
	return false;
}

static bool key_good(struct request *r, const struct claim *c, const json_t *key)
{
	if (!key || (has(key, "token") && !c->token))
		return deny(r, "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException",
			    "The security token included in the request is invalid.");
	if (c->token && strcmp(str(key, "token"), c->token) != 0)
		return deny(r, "InvalidClientTokenId", "AuthFailure", "UnrecognizedClientException",
			    "The security token included in the request is invalid.");
	if (has(key, "expires") && num(key, "expires", 0) <= world_wall())
		return deny(r, "ExpiredToken", "RequestExpired", "ExpiredTokenException",
			    "The security token included in the request is expired");
	return true;
}

static bool signature_good(struct request *r, const struct claim *c, const json_t *key)
{
	char *date = mem_dup_n(c->date, strnlen(c->date, 8));
	char *want = expected(r, c, str(key, "secret"));
	const char *hash = header(r, "x-amz-content-sha256");
	struct buf body = {0};
	bool good = is_signed(c, "host") && !strncmp(c->scope, date, strlen(date)) &&
		    strlen(want) == strlen(c->signature) &&
		    !CRYPTO_memcmp(want, c->signature, strlen(want));

	if (c->expires < 0)
		good = good && is_signed(c, "x-amz-date") &&
		       (!c->token || is_signed(c, "x-amz-security-token"));
	sha256_hex(&body, r->body.data, r->body.len);
	good = good && (!hash || !strcmp(hash, body.data));
	buf_free(&body);
	free(date);
	free(want);
	return good ||
	       deny(r, "SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException",
		    "The request signature we calculated does not match the signature you "
		    "provided. Check your AWS Secret Access Key and signing method. Consult "
		    "the service documentation for details.");
}

static bool allowed(struct request *r, const json_t *key)
{
	char *what = mem_fmt("%s:%s", r->service_name, r->action), *message;
	regex_t re;
	bool may = true;

	if (has(key, "may") && !regcomp(&re, str(key, "may"), REG_EXTENDED | REG_NOSUB)) {
		may = !regexec(&re, what, 0, NULL, 0);
		regfree(&re);
	}
	if (!may) {
		message =
		    mem_fmt("User: %s is not authorized to perform: %s because no identity-based "
			    "policy allows the %s action",
			    str(key, "arn"), what, what);
		deny(r, "AccessDenied", "UnauthorizedOperation", "AccessDeniedException", message);
		free(message);
	}
	free(what);
	return may;
}

bool aws_authenticate(struct request *r)
{
	struct claim c = {0};
	json_t *key = json_object_get(sub(state(), "keys"), r->access_key ? r->access_key : "");
	bool good;

	if (!claim_read(r, &c))
		good = deny(r, "MissingAuthenticationToken", "MissingAuthenticationToken",
			    "MissingAuthenticationTokenException",
			    "Request is missing Authentication Token");
	else if (!ec2_region_is(r->region))
		good = deny(r, "SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException",
			    "Credential should be scoped to a valid region.");
	else
		good = key_good(r, &c, key) && in_time(r, &c) && signature_good(r, &c, key) &&
		       allowed(r, key);
	claim_free(&c);
	if (good)
		r->account = mem_dup(str(key, "account"));
	return good;
}

void auth_seed(void)
{
	static const struct {
		const char *id, *secret, *account, *arn, *may;
	} keys[] = {
	    {"AKIDSANDBOX", "sandbox-secret-key", "123456789012",
	     "arn:aws:iam::123456789012:user/sandbox", NULL},
	    {"AKIDOTHER", "other-secret-key", "210987654321",
	     "arn:aws:iam::210987654321:user/other", NULL},
	    {"AKIDREADONLY", "readonly-secret-key", "123456789012",
	     "arn:aws:iam::123456789012:user/reader", ":(Describe|Get|List)"},
	    {"AKIDNORIGHTS", "norights-secret-key", "123456789012",
	     "arn:aws:iam::123456789012:user/nobody", "^sts:GetCallerIdentity$"},
	};
	json_t *all = sub(state(), "keys");

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		put(all, keys[i].id,
		    json_pack("{s:s, s:s, s:s, s:s*}", "secret", keys[i].secret, "account",
			      keys[i].account, "arn", keys[i].arn, "may", keys[i].may));
	put(all, "ASIAEXPIRED",
	    json_pack("{s:s, s:s, s:s, s:s, s:i}", "secret", "expired-secret-key", "account",
		      "123456789012", "arn", "arn:aws:sts::123456789012:assumed-role/old/session",
		      "token", "expired-token", "expires", 1));
}

json_t *auth_hand_out(const char *account, const char *arn, long long seconds)
{
	long long expires = world_wall() + seconds * 1000;
	char *uuid = new_uuid(), id[32], iso[32];
	json_t *key;

	snprintf(id, sizeof id, "ASIA%016llX", (unsigned long long)fnv(uuid));
	key = json_pack("{s:s+, s:s, s:s, s:s+, s:I}", "secret", "temporary-", uuid, "account",
			account, "arn", arn, "token", "session-token+/=", uuid, "expires",
			(json_int_t)expires);
	put(sub(state(), "keys"), id, key);
	free(uuid);
	world_iso(expires, iso);
	iso[19] = 'Z', iso[20] = '\0';
	return json_pack("{s:s, s:s, s:s, s:s}", "AccessKeyId", id, "SecretAccessKey",
			 str(key, "secret"), "SessionToken", str(key, "token"), "Expiration", iso);
}
