/* SPDX-License-Identifier: ISC
 * The parts of an absolute URL, as they stand: nothing is decoded, nothing is normalized. */
#ifndef SLUICE_URL_H
#define SLUICE_URL_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	const char *at; /* into the URL; never NULL after url_split() */
	size_t len;
};

struct url {
	struct span scheme, user, host, port, path, query, fragment;
	bool has_user, has_query, has_fragment; /* "x?" has a query, an empty one */
	struct span origin;                     /* scheme to port */
};

/* False when it is no absolute URL with a host. An IPv6 host keeps its brackets; the user part
 * ends at the last @ before the path. */
bool url_split(const char *text, struct url *u);

/* Case-insensitive. */
bool span_is(struct span s, const char *text);

#endif
