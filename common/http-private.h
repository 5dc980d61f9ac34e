/* SPDX-License-Identifier: ISC
 * The inside of the engine, shared by http.c (curl) and http-trace.c (Jansson). */
#ifndef SLUICE_HTTP_PRIVATE_H
#define SLUICE_HTTP_PRIVATE_H

#include "http.h"

/* A request on its way. */
struct http_job {
	struct http_request *r;
	struct http_answer a;
	struct http_answer *wanted; /* http_do(): where the answer goes instead of done() */
	void *easy, *list;          /* CURL *, struct curl_slist *; while under way */
	long long retry_at;         /* monotonic ms; 0: now */
	bool waiting;               /* not under way */
	char *error;                /* curl's words */
};

/* Recording: one attempt that came to an end. */
void http_trace_attempt(const struct http_request *r, const struct http_answer *a);
/* Replay: the outstanding job whose answer was recorded next, its answer filled; NULL: none was. */
struct http_job *http_trace_next(struct http_job **jobs, size_t n);
/* Replay: says that r was not recorded (66), masked. */
void http_trace_missing(const struct http_request *r, struct failure *f);

#endif
