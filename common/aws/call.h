/* SPDX-License-Identifier: ISC
 * One call under way: shared by call.c (its course) and compose.c (its request). */
#ifndef SLUICE_AWS_CALL_H
#define SLUICE_AWS_CALL_H

#include "client.h"

/* The context of its request. */
struct under_way {
	struct aws *a;
	struct aws_call *call;
	const struct aws_service *service;
	char *region;    /* that it is sent to */
	char *signing;   /* that it is signed for */
	int64_t skew_ms; /* by which it was signed */
	bool again;      /* it was sent again with another date or other keys */
};

/* Whether it is signed: what asks for the first keys is not. */
bool call_needs_keys(const struct aws_call *call);
/* aws_fit(), for calls that need it. */
bool call_fit(struct aws *a, const struct aws_call *call, struct failure *f);
/* The unsigned request; fills u's service, region and signing. NULL with f. */
struct http_request *call_compose(struct aws *a, const struct aws_call *call, struct under_way *u,
				  struct failure *f);
/* Signs it as at `now`, by the services' clock. */
bool call_sign(const struct under_way *u, struct http_request *r, int64_t now, struct failure *f);

#endif
