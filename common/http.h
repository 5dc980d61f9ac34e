/* SPDX-License-Identifier: ISC
 * HTTP over libcurl's multi interface: one engine for one or hundreds of requests at once, with
 * the retry rules of sluice(7), RELIABILITY, deadlines, trace and replay. */
#ifndef SLUICE_HTTP_H
#define SLUICE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "failure.h"

struct http_header {
	char *name, *value;
};

struct http_headers {
	struct http_header *list;
	size_t n;
};

void http_header_add(struct http_headers *h, const char *name, const char *value);
void http_header_set(struct http_headers *h, const char *name,
		     const char *value); /* replaces all */
void http_header_remove(struct http_headers *h, const char *name);
const char *http_header_get(const struct http_headers *h, const char *name); /* first, any case */
void http_headers_free(struct http_headers *h);
/* Whether a header of this name carries a credential or a cookie; false for NULL. */
bool http_header_secret(const char *name);

/* What a request does out there decides whether it may be sent again. */
enum http_effect {
	HTTP_READ,       /* changes nothing: retried */
	HTTP_IDEMPOTENT, /* changes, but twice is as once: retried */
	HTTP_CHANGE,     /* retried only when throttled for certain or when nothing was sent */
};

enum http_verdict {
	HTTP_DONE,      /* an answer, good or bad, that a retry would not change */
	HTTP_THROTTLED, /* refused before it was looked at: any request may be sent again */
	HTTP_FAULT,     /* the service's fault (5xx): retried unless HTTP_CHANGE */
};

struct http_answer {
	long retry_after_ms; /* what the service asks for; judge() may set it; -1: nothing */
	int status;          /* 0: there was none, see failure */
	struct http_headers headers; /* of the last answer; names as received */
	struct buf body;
	struct failure
	    failure; /* only when status is 0: 75 "network" (with curl's words), "deadline",
		      * "too-long", 79 "plain-http", 128+n "interrupted", 66 from a replay */
	bool sent;   /* the last attempt, or one before it, may have reached the server */
	int attempts;
	long long began_ms, took_ms; /* of the last attempt; wall clock, for HAR */
	long long timing_ms[6];      /* dns, connect, ssl, send, wait, receive; -1 unknown */
};

struct http_request {
	char *method, *url; /* owned */
	struct http_headers headers;
	struct buf body;
	enum http_effect effect;
	int attempts;        /* at most so many; 0: the engine's */
	long timeout_ms;     /* an attempt's; 0: the engine's */
	bool secret_answer;  /* the answer's body is a credential: masked whole in a trace */
	bool local_metadata; /* plain http without proxy is meant: a metadata service */
	/* Called before every attempt, to sign; NULL: nothing. false: not sent, answer->failure =
	 * f. */
	bool (*prepare)(struct http_request *r, struct failure *f);
	/* NULL: http_judge(). */
	enum http_verdict (*judge)(const struct http_request *r, const struct http_answer *a);
	/* Called once when it is settled; may http_add() more. The request and the answer are
	 * released when it returns. */
	void (*done)(struct http_request *r, struct http_answer *a);
	void *ctx; /* the caller's, for all three */
};

struct http *http_new(void);
void http_free(struct http *h);
void http_parallel(struct http *h, int most); /* in flight at once; 64 */
void http_attempts(struct http *h,
		   int most); /* 5; before the first answer a refused connection is 1 */
void http_timeout(struct http *h, long ms); /* of one attempt; 60000. Connecting: 10000 at most */
void http_ca_file(struct http *h, const char *path);
/* SIGINT or SIGTERM (stop.h) settles what was not sent yet with "interrupted", and what is under
 * way after 2 seconds. */

struct http_request *http_request_new(const char *method, const char *url);
void http_request_free(struct http_request *r);

/* Queues; the engine owns r from here on. */
void http_add(struct http *h, struct http_request *r);
/* Runs until all that was queued, and what the callbacks queue, is settled. In a callback it
 * returns at once: the run under way does it. */
void http_run(struct http *h);
/* One request and its answer (caller: http_answer_free()); r is released. r->done is not used.
 * False when there was no answer, answer->failure says why. Must not be called from a callback. */
bool http_do(struct http *h, struct http_request *r, struct http_answer *answer);
void http_answer_free(struct http_answer *a); /* back to {0} */
/* Milliseconds by which the services' clock is ahead of ours, as their last answer said; 0 when it
 * is minutes or less, or not known. */
int64_t http_skew(const struct http *h);

/* The common verdict: 429 and 503 throttled (503 to an HTTP_CHANGE only with Retry-After: a proxy
 * says it too when the service fell silent half-way), 500 502 504 a fault, else done. */
enum http_verdict http_judge(const struct http_request *r, const struct http_answer *a);

/* Whether plain http may be used to this URL's host: loopback and the metadata services. */
bool http_plain_allowed(const char *url);

#endif
