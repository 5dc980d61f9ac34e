/* SPDX-License-Identifier: ISC
 * What DigitalOcean's answers say when they say no. */
#ifndef SLUICE_DO_ERROR_H
#define SLUICE_DO_ERROR_H

#include "../failure.h"
#include "../http.h"

/* As http_judge(), but a 429 that only ends in the far future (the hour's limit) is final, and one
 * without Retry-After is waited for as `ratelimit-reset` says. */
enum http_verdict do_judge(const struct http_request *r, const struct http_answer *a);
/* An answer of status 300 and above (or one that is not what it should be) as a failure. */
void do_error_read(const struct http_answer *a, struct failure *f);

#endif
