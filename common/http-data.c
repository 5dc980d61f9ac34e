/* SPDX-License-Identifier: ISC
 * The part of http.h that is plain data: no library is touched, so that aws-sign links no curl. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http.h"
#include "mem.h"
#include "url.h"

void http_header_add(struct http_headers *h, const char *name, const char *value)
{
	h->list = mem_grow(h->list, h->n + 1, sizeof(*h->list));
	h->list[h->n++] = (struct http_header){mem_dup(name), mem_dup(value)};
}

void http_header_remove(struct http_headers *h, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < h->n; i++) {
		if (strcasecmp(h->list[i].name, name)) {
			h->list[kept++] = h->list[i];
		} else {
			free(h->list[i].name);
			free(h->list[i].value);
		}
	}
	h->n = kept;
}

void http_header_set(struct http_headers *h, const char *name, const char *value)
{
	char *copy = mem_dup(value); /* it may be the old one */

	http_header_remove(h, name);
	http_header_add(h, name, copy);
	free(copy);
}

const char *http_header_get(const struct http_headers *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (!strcasecmp(h->list[i].name, name))
			return h->list[i].value;
	return NULL;
}

void http_headers_free(struct http_headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->list[i].name);
		free(h->list[i].value);
	}
	free(h->list);
	*h = (struct http_headers){0};
}

bool http_header_secret(const char *name)
{
	static const char *const names[] = {
	    "authorization",
	    "proxy-authorization",
	    "cookie",
	    "set-cookie",
	    "x-auth-token",
	    "x-subject-token",
	    "x-aws-ec2-metadata-token",
	    "x-amz-security-token",
	    "x-amz-sso_bearer_token",
	};

	for (size_t i = 0; name && i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

struct http_request *http_request_new(const char *method, const char *url)
{
	struct http_request *r = mem_alloc(sizeof(*r));

	r->method = mem_dup(method);
	r->url = mem_dup(url);
	return r;
}

void http_request_free(struct http_request *r)
{
	if (!r)
		return;
	free(r->method);
	free(r->url);
	http_headers_free(&r->headers);
	buf_free(&r->body);
	free(r);
}

void http_answer_free(struct http_answer *a)
{
	http_headers_free(&a->headers);
	buf_free(&a->body);
	fail_free(&a->failure);
	*a = (struct http_answer){0};
}

enum http_verdict http_judge(const struct http_request *r, const struct http_answer *a)
{
	switch (a->status) {
	case 429:
		return HTTP_THROTTLED;
	case 503: /* a proxy says it also when the service fell silent half-way */
		return r->effect != HTTP_CHANGE || a->retry_after_ms >= 0 ? HTTP_THROTTLED
									  : HTTP_FAULT;
	case 500:
	case 502:
	case 504:
		return HTTP_FAULT;
	default:
		return HTTP_DONE;
	}
}

static bool is_local_v4(const char *host)
{
	static const char *const metadata[] = {"169.254.169.254", "169.254.170.2",
					       "169.254.170.23"};
	unsigned char address[4];

	for (size_t i = 0; i < sizeof(metadata) / sizeof(*metadata); i++)
		if (!strcmp(host, metadata[i]))
			return true;
	return inet_pton(AF_INET, host, address) == 1 && address[0] == 127;
}

static bool is_local_v6(const char *host)
{
	static const char *const local[] = {"::1", "fd00:ec2::254", "fd00:ec2::23"};
	unsigned char address[16], known[16];

	if (inet_pton(AF_INET6, host, address) != 1)
		return false;
	for (size_t i = 0; i < sizeof(local) / sizeof(*local); i++)
		if (inet_pton(AF_INET6, local[i], known) == 1 && !memcmp(address, known, 16))
			return true;
	return false;
}

bool http_plain_allowed(const char *url)
{
	struct url u;
	struct span bare;
	char host[64];

	/* Where parsers of URLs disagree on what the host is, it is not taken for a local one. */
	if (!url_split(url, &u) || u.host.len >= sizeof(host))
		return false;
	if (strcspn(url, "\\") < (size_t)(u.origin.at + u.origin.len - url) ||
	    memchr(u.user.at, '@', u.user.len))
		return false;
	if (span_is(u.host, "localhost") || span_is(u.host, "metadata.google.internal"))
		return true;
	bare = u.host;
	if (bare.at[0] == '[')
		bare = (struct span){u.host.at + 1, u.host.len - 2};
	memcpy(host, bare.at, bare.len);
	host[bare.len] = '\0';
	return bare.len < u.host.len ? is_local_v6(host) : is_local_v4(host);
}
