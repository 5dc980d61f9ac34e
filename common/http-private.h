/* SPDX-License-Identifier: ISC
 * The inside of the engine: http.c queues, http-easy.c is one transfer, http-retry.c decides what
 * is sent again (all three: curl), http-trace.c records and replays (Jansson). */
#ifndef SLUICE_HTTP_PRIVATE_H
#define SLUICE_HTTP_PRIVATE_H

#include <stdint.h>

#include "http.h"

/* A request on its way. */
struct http_job {
	struct http_request *r;
	struct http_answer a;
	struct http_answer *wanted; /* http_do(): where the answer goes instead of done() */
	void *easy, *list;          /* CURL *, struct curl_slist *; while under way */
	long long retry_at;         /* monotonic ms; 0: now */
	bool waiting;               /* not under way */
	bool refused;               /* nobody listened at the port */
	bool again;                 /* replay: there was another attempt after this one */
	char *error;                /* curl's words */
};

/* One transfer; timeout of the attempt, CA bundle or NULL. */
void http_easy_start(struct http_job *job, long timeout_ms, const char *ca_file);
void http_easy_result(struct http_job *job, int curl_code); /* fills the answer */
void http_easy_sent(struct http_job *job);                  /* updates answer.sent */
void http_easy_free(struct http_job *job);
/* Of the URL only the host is said: what is around it may be a secret. */
bool http_fail_url(struct failure *f, int status, const char *code, const char *url,
		   const char *why);

/* Judges an answer: milliseconds until it is to be sent again, -1 when it is settled. Sets
 * answer.retry_after_ms. */
int64_t http_retry_delay(struct http_job *job);

/* Recording: one attempt that came to an end, of all that are outstanding; `again`: another will
 * follow. Requests that are alike (one endpoint for all regions) are told apart by their order. */
void http_trace_attempt(struct http_job *const *jobs, size_t n, const struct http_job *job,
			bool again);
/* Replay: the outstanding job whose answer was recorded next, its answer filled; NULL: none was. */
struct http_job *http_trace_next(struct http_job **jobs, size_t n);
/* Replay: says that r was not recorded (66), masked. */
void http_trace_missing(const struct http_request *r, struct failure *f);

#endif
