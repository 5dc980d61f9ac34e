/* SPDX-License-Identifier: ISC
 * AWS Signature Version 4. */
#ifndef SLUICE_AWS_SIGV4_H
#define SLUICE_AWS_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"

/* A signer for one set of credentials. It keeps the key that it derived last, so that many requests
 * of one day, region and service cost three hashes each. Not for two threads at once. */
struct sigv4;

/* The credentials are copied; session_token may be NULL. */
struct sigv4 *sigv4_new(const char *access_key_id, const char *secret_access_key,
			const char *session_token);
void sigv4_free(struct sigv4 *s); /* wipes the keys */

struct sigv4_how {
	const char *service, *region;
	char date[17];       /* YYYYMMDDTHHMMSSZ, see sigv4_date() */
	long expires;        /* seconds: presign the query; 0: sign in the headers */
	bool keep_path;      /* leave `.`, `..` and empty segments in the path (S3: always so) */
	bool unsigned_token; /* send the session token, but do not sign it */
	bool hash_header;    /* set x-amz-content-sha256 also where the service is not S3 */
};

/* Signs r: sets the headers X-Amz-Date, X-Amz-Security-Token, x-amz-content-sha256 and
 * Authorization, or the query members X-Amz-…; whatever an earlier signature left, in either form,
 * and a Date header, is removed first. A x-amz-content-sha256 that is there is set anew, but
 * UNSIGNED-PAYLOAD and STREAMING-… are obeyed. S3's rules are followed when the service is s3 (or
 * one of its kin). False and f (65 "bad-url", 70 "crypto") when it cannot be signed; r is then half
 * changed. */
bool sigv4_sign(struct sigv4 *s, struct http_request *r, const struct sigv4_how *how,
		struct failure *f);

/* Of the last signature, until the next one: what to hold against the service's answer when it says
 * SignatureDoesNotMatch. */
const char *sigv4_canonical_request(const struct sigv4 *s);
const char *sigv4_string_to_sign(const struct sigv4 *s);

/* The form of date that is signed, from milliseconds since 1970 (years 1970 to 9999). */
void sigv4_date(char date[17], int64_t ms);
/* Whether text is such a date, and one that exists. */
bool sigv4_date_ok(const char *text);

#endif
