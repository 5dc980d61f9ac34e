/* SPDX-License-Identifier: ISC
 * The verbs of do-droplets, a file each. */
#ifndef DROPLETS_H
#define DROPLETS_H

#include <stdbool.h>

#include "guard.h"
#include "http.h"
#include "rec.h"

struct options {
	const char *verb;
	char **operands; /* ends with NULL */
	bool dry;
	const char *file;
};

void droplets_list(struct rec_io *io, struct http *engine, const struct options *o);

#endif
