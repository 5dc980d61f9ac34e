/* SPDX-License-Identifier: ISC
 * The inside of aws.h's client, shared by client.c (who and where), call.c (one call) and list.c
 * (pages). */
#ifndef SLUICE_AWS_CLIENT_H
#define SLUICE_AWS_CLIENT_H

#include "aws.h"
#include "creds.h"
#include "endpoint.h"
#include "sigv4.h"

struct aws {
	struct http *engine;
	struct http *side; /* for credentials */
	struct profiles own;
	const struct profiles *p; /* &own, or a parent's */
	char *option_region, *endpoint, *region, *account;
	bool nested; /* a call of the credential chain: keys are given, nothing is noted in a trace
		      */
	bool unsigned_calls;
	struct aws_keys keys;
	struct sigv4 *signer;
	int64_t keys_at;      /* monotonic ms of the last look for keys */
	int64_t skew_ms;      /* the services' clock is ahead by so much */
	int attempts;         /* 0: the engine's */
	json_t *endpoints;    /* "service region" -> {"url","region"} */
	bool checked;         /* keys and SLUICE_ACCOUNT were looked at */
	struct failure unfit; /* … and this came of it */
	struct failure no_region;
	struct aws_call **queue; /* not started yet */
	size_t queued;
	bool running;
};

/* A client with these keys (NULL: unsigned) and another one's profiles. */
struct aws *aws_nested(struct http *engine, const struct profiles *p, const char *region,
		       const struct aws_keys *keys);
/* Keys and the SLUICE_ACCOUNT guard, once; false with f. */
bool aws_fit(struct aws *a, struct failure *f);
/* Fresh keys if those at hand end soon (`force`: in any case); false with f when they cannot be
 * had and the old ones have ended. */
bool aws_refresh(struct aws *a, bool force, struct failure *f);
/* Whether asking again could bring other keys. */
bool aws_refreshable(const struct aws *a);
/* Where a service answers; the URL and the region to sign for are borrowed. */
bool aws_resolve(struct aws *a, const struct aws_service *s, const char *region, const char **url,
		 const char **signing_region, struct failure *f);

#endif
