/* SPDX-License-Identifier: ISC
 * The pieces of a Signature Version 4 canonical request. Text only: nothing is hashed here. */
#ifndef SLUICE_AWS_CANONICAL_H
#define SLUICE_AWS_CANONICAL_H

#include <stdbool.h>

#include "buf.h"
#include "http.h"
#include "url.h"

/* The path of every service but S3: percent-encoded once more than it was sent. `normalize`: empty
 * segments, `.` and `..` are removed first. */
void canonical_path(struct buf *b, struct span path, bool normalize);
/* The path as S3 sees it: each byte encoded once, whether it was sent so or not. */
void canonical_path_s3(struct buf *b, struct span path);

/* Pairs decoded (`+` is a space), encoded again, sorted by name, then by value. */
void canonical_query(struct buf *b, struct span query);

/* "name:value\n" lines, and the names joined with `;`. Headers that proxies and clients change are
 * left out, and the one called `except` (may be NULL); `host` is used when no header says it. */
void canonical_headers(struct buf *lines, struct buf *names, const struct http_headers *headers,
		       struct span host, const char *except);

/* The query without the members that a signature puts there, as it was otherwise; the number of
 * members that were left out. */
size_t canonical_query_unsigned(struct buf *b, struct span query);

#endif
