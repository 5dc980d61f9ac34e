/* SPDX-License-Identifier: ISC */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "aws/canonical.h"
#include "aws/sigv4.h"
#include "mem.h"
#include "sha256.h"
#include "status.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

struct sigv4 {
	char *access_key_id, *secret_access_key, *session_token;
	unsigned char key[SHA256_LEN]; /* derived for key_scope */
	char *key_scope;               /* "20150830/us-east-1/ec2/aws4_request" */
	struct buf canonical, to_sign;
};

struct sigv4 *sigv4_new(const char *access_key_id, const char *secret_access_key,
			const char *session_token)
{
	struct sigv4 *s = mem_alloc(sizeof(*s));

	/* Taking libcrypto down at exit is half the work of setting it up, and for nothing. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	s->access_key_id = mem_dup(access_key_id);
	s->secret_access_key = mem_dup(secret_access_key);
	s->session_token = mem_dup(session_token);
	return s;
}

static void wipe(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

void sigv4_free(struct sigv4 *s)
{
	if (!s)
		return;
	free(s->access_key_id);
	wipe(s->secret_access_key);
	wipe(s->session_token);
	OPENSSL_cleanse(s->key, sizeof(s->key));
	free(s->key_scope);
	buf_free(&s->canonical);
	buf_free(&s->to_sign);
	free(s);
}

const char *sigv4_canonical_request(const struct sigv4 *s)
{
	return s->canonical.data ? s->canonical.data : "";
}

const char *sigv4_string_to_sign(const struct sigv4 *s)
{
	return s->to_sign.data ? s->to_sign.data : "";
}

void sigv4_date(char date[17], int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	if (!strftime(date, 17, "%Y%m%dT%H%M%SZ", &tm))
		date[0] = '\0';
}

bool sigv4_date_ok(const char *text)
{
	struct tm tm = {0};
	char again[17];
	const char *end = strptime(text, "%Y%m%dT%H%M%SZ", &tm);

	if (!end || *end)
		return false;
	sigv4_date(again, (int64_t)timegm(&tm) * 1000);
	return !strcmp(text, again);
}

static void mac(const void *key, size_t key_len, const char *data, unsigned char out[SHA256_LEN])
{
	sha256_hmac(key, key_len, data, strlen(data), out);
}

static void derive_key(struct sigv4 *s, const struct sigv4_how *how, const char *scope)
{
	char date[9] = {0};
	char *secret;

	if (s->key_scope && !strcmp(s->key_scope, scope))
		return;
	memcpy(date, how->date, 8);
	secret = mem_fmt("AWS4%s", s->secret_access_key);
	mac(secret, strlen(secret), date, s->key);
	mac(s->key, SHA256_LEN, how->region, s->key);
	mac(s->key, SHA256_LEN, how->service, s->key);
	mac(s->key, SHA256_LEN, "aws4_request", s->key);
	wipe(secret);
	free(s->key_scope);
	s->key_scope = mem_dup(scope);
}

static bool is_s3(const char *service)
{
	static const char *const kin[] = {"s3", "s3express", "s3-object-lambda", "s3-outposts"};

	for (size_t i = 0; i < sizeof(kin) / sizeof(*kin); i++)
		if (!strcmp(service, kin[i]))
			return true;
	return false;
}

/* One signature in the making. */
struct draft {
	const struct sigv4_how *how;
	struct url url; /* of the request, without what an older signature put there */
	char *scope;
	struct buf payload;        /* the hash of the body in hex, or the word that stands for it */
	struct buf headers, names; /* canonical lines, and the names that are signed */
	struct buf query;          /* as it is sent, but for the signature */
	struct buf signature;
};

static void free_draft(struct draft *d)
{
	free(d->scope);
	buf_free(&d->payload);
	buf_free(&d->headers);
	buf_free(&d->names);
	buf_free(&d->query);
	buf_free(&d->signature);
}

static void remove_old_signature(struct http_request *r, const struct url *u)
{
	struct buf query = {0}, url = {0};

	http_header_remove(&r->headers, "Authorization");
	http_header_remove(&r->headers, "X-Amz-Date");
	http_header_remove(&r->headers, "Date");
	http_header_remove(&r->headers, "X-Amz-Security-Token");
	if (canonical_query_unsigned(&query, u->query)) {
		buf_add(&url, r->url, (size_t)(u->path.at + u->path.len - r->url));
		if (query.len) {
			buf_char(&url, '?');
			buf_add(&url, query.data, query.len);
		}
		buf_str(&url, u->query.at + u->query.len);
		free(r->url);
		r->url = buf_take(&url);
	}
	buf_free(&query);
}

static void hash_payload(struct draft *d, const struct http_request *r)
{
	const char *given = http_header_get(&r->headers, "x-amz-content-sha256");
	unsigned char digest[SHA256_LEN];

	if (d->how->expires && is_s3(d->how->service)) {
		buf_str(&d->payload, "UNSIGNED-PAYLOAD");
	} else if (!d->how->expires && given &&
		   (!strncmp(given, "UNSIGNED-PAYLOAD", 16) || !strncmp(given, "STREAMING-", 10))) {
		buf_str(&d->payload, given);
	} else {
		sha256(r->body.data, r->body.len, digest);
		buf_hex(&d->payload, digest, SHA256_LEN);
	}
}

static void set_headers(const struct sigv4 *s, const struct draft *d, struct http_request *r)
{
	const char *hash_header = "x-amz-content-sha256";

	if (d->how->expires) {
		http_header_remove(&r->headers, hash_header);
		return;
	}
	if (s->session_token)
		http_header_set(&r->headers, "X-Amz-Security-Token", s->session_token);
	http_header_set(&r->headers, "X-Amz-Date", d->how->date);
	if (is_s3(d->how->service) || d->how->hash_header ||
	    http_header_get(&r->headers, hash_header))
		http_header_set(&r->headers, hash_header, d->payload.data);
}

static void add_pair(struct buf *query, const char *name, const char *value)
{
	if (query->len)
		buf_char(query, '&');
	buf_str(query, name);
	buf_char(query, '=');
	buf_percent(query, value, strlen(value), NULL);
}

static void set_query(const struct sigv4 *s, struct draft *d)
{
	char *credential, *expires;

	buf_add(&d->query, d->url.query.at, d->url.query.len);
	if (!d->how->expires)
		return;
	credential = mem_fmt("%s/%s", s->access_key_id, d->scope);
	expires = mem_fmt("%ld", d->how->expires);
	add_pair(&d->query, "X-Amz-Algorithm", ALGORITHM);
	add_pair(&d->query, "X-Amz-Credential", credential);
	add_pair(&d->query, "X-Amz-Date", d->how->date);
	add_pair(&d->query, "X-Amz-SignedHeaders", d->names.data);
	add_pair(&d->query, "X-Amz-Expires", expires);
	if (s->session_token && !d->how->unsigned_token)
		add_pair(&d->query, "X-Amz-Security-Token", s->session_token);
	free(credential);
	free(expires);
}

static struct span sent_host(const struct url *u)
{
	const char *usual = span_is(u->scheme, "https") ? "443" : "80";

	if (!u->port.len || span_is(u->port, usual))
		return u->host;
	return (struct span){u->host.at, (size_t)(u->port.at + u->port.len - u->host.at)};
}

static void write_canonical(struct sigv4 *s, const struct draft *d, const struct http_request *r)
{
	struct buf *b = &s->canonical;

	buf_clear(b);
	buf_str(b, r->method);
	buf_char(b, '\n');
	if (is_s3(d->how->service))
		canonical_path_s3(b, d->url.path);
	else
		canonical_path(b, d->url.path, !d->how->keep_path);
	buf_char(b, '\n');
	canonical_query(b, (struct span){d->query.data, d->query.len});
	buf_char(b, '\n');
	buf_add(b, d->headers.data, d->headers.len);
	buf_char(b, '\n');
	buf_add(b, d->names.data, d->names.len);
	buf_char(b, '\n');
	buf_add(b, d->payload.data, d->payload.len);
}

static void sign_canonical(struct sigv4 *s, struct draft *d)
{
	unsigned char digest[SHA256_LEN];

	sha256(s->canonical.data, s->canonical.len, digest);
	buf_clear(&s->to_sign);
	buf_fmt(&s->to_sign, ALGORITHM "\n%s\n%s\n", d->how->date, d->scope);
	buf_hex(&s->to_sign, digest, SHA256_LEN);
	derive_key(s, d->how, d->scope);
	mac(s->key, SHA256_LEN, s->to_sign.data, digest);
	buf_hex(&d->signature, digest, SHA256_LEN);
}

static void put_in_header(const struct sigv4 *s, const struct draft *d, struct http_request *r)
{
	char *value = mem_fmt(ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
			      s->access_key_id, d->scope, d->names.data, d->signature.data);

	http_header_set(&r->headers, "Authorization", value);
	free(value);
}

static void put_in_query(const struct sigv4 *s, struct draft *d, struct http_request *r)
{
	const struct url *u = &d->url;
	struct buf url = {0};

	if (s->session_token && d->how->unsigned_token)
		add_pair(&d->query, "X-Amz-Security-Token", s->session_token);
	add_pair(&d->query, "X-Amz-Signature", d->signature.data);
	buf_add(&url, r->url, (size_t)(u->path.at + u->path.len - r->url));
	buf_char(&url, '?');
	buf_add(&url, d->query.data, d->query.len);
	buf_str(&url, u->query.at + u->query.len);
	free(r->url);
	r->url = buf_take(&url);
}

bool sigv4_sign(struct sigv4 *s, struct http_request *r, const struct sigv4_how *how,
		struct failure *f)
{
	struct draft d = {.how = how};

	if (!url_split(r->url, &d.url))
		return fail_set(f, ST_DATA, "bad-url", "cannot sign '%s': no absolute URL", r->url);
	remove_old_signature(r, &d.url);
	url_split(r->url, &d.url);
	d.scope = mem_fmt("%.8s/%s/%s/aws4_request", how->date, how->region, how->service);

	hash_payload(&d, r);
	set_headers(s, &d, r);
	canonical_headers(&d.headers, &d.names, &r->headers, sent_host(&d.url),
			  how->unsigned_token ? "X-Amz-Security-Token" : NULL);
	set_query(s, &d);
	write_canonical(s, &d, r);
	sign_canonical(s, &d);
	if (how->expires)
		put_in_query(s, &d, r);
	else
		put_in_header(s, &d, r);
	free_draft(&d);
	return true;
}
