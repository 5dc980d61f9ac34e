/* SPDX-License-Identifier: ISC
 * The verbs of run-reap, a file each, and what may be reaped at all. */
#ifndef REAP_H
#define REAP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "cloud-places.h"
#include "http.h"
#include "rec.h"

struct options {
	char **operands; /* ends with NULL */
	char *run;       /* in its form; NULL: what has expired */
	struct cloud_places places;
	struct batch_options batch;
	int64_t limit_ms, interval_ms;
};

struct reap {
	struct options *options;
	char *filter; /* "run-reap rm" */
	struct rec_io *io;
	struct cloud_accounts accounts;
};

void reap_list(struct reap *r);
void reap_rm(struct reap *r);

/* what.c: the kinds in the order in which they go. */
enum { REAP_MACHINES = 0, REAP_KINDS = 5 };
extern const enum cloud_kind reap_kinds[REAP_KINDS];
/* The place of a record's kind in that order; -1: not ours. */
int reap_rank(const char *kind);
/* Whether a thing, as its cloud or a record shows it, may go: it carries an expiry, which has
 * passed or is of this run (may be NULL). By the clouds' clock, which is ahead of ours by skew_ms:
 * with a wrong one here machines would go that are in use. Else false, f: 79. */
bool reap_may_go(const json_t *thing, const char *run, int64_t skew_ms, struct failure *f);
/* Whether it is no more, and only shown for a while. */
bool reap_is_gone(const json_t *thing);

#endif
