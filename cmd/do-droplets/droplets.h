/* SPDX-License-Identifier: ISC
 * The verbs of do-droplets, and the steps of `ensure`, a file each. */
#ifndef DROPLETS_H
#define DROPLETS_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "cloud.h"
#include "http.h"
#include "rec.h"

struct options {
	const char *verb, *filter;
	char **operands; /* ends with NULL */
	struct batch_options batch;
	const char *region;
	json_t *keys; /* of -k: ids and fingerprints */
	bool no_key;
	int64_t limit_ms, interval_ms, lag_ms;
};

void droplets_list(struct rec_io *io, struct http *engine, const struct options *o);
void droplets_ensure(struct rec_io *io, struct http *engine, const struct options *o);
void droplets_remove(struct rec_io *io, struct http *engine, const struct options *o);

struct ensure;

/* One machine that is asked for. */
struct want {
	struct ensure *all;
	struct batch_work *work;
	json_t *json;        /* as the cloud takes it: region, keys and ipv6 filled in */
	const json_t *found; /* the machine that is there; NULL: it is to be made */
	struct cloud_item item;
	bool waits;             /* until it is ready */
	bool seen;              /* by a look since it was made */
	bool sent;              /* this run asked for it */
	unsigned tries;         /* how often */
	int64_t unclear_since;  /* 0: it is clear whether it was made */
	struct failure unclear; /* what made it so */
};

struct ensure {
	struct rec_io *io;
	const struct options *o;
	struct batch batch;
	struct cloud *cloud;
	struct want *wants;
	size_t n;
	json_t *there;  /* all droplets, as instance records */
	json_t *keys;   /* that every new one gets */
	json_t *unmade; /* those of them that a plan will make */
};

/* want.c: what a record asks for; false with f (65). */
bool want_read(struct want *w, struct failure *f);
/* match.c: which machines are there already, which differ; sets found, or the work's failure, and
 * plans what is kept or in conflict. */
void match_all(struct ensure *e);
/* check.c: what is to be made, against the cloud's lists; plans it. */
void check_all(struct ensure *e);
/* make.c: makes and waits. */
void make_all(struct ensure *e);
/* result.c: the record with what is known of the machine; `machine` NULL: it is only planned. */
void result_put(struct want *w, const json_t *machine);
/* The record's user data becomes its digest: what the pipe may go on with. */
void result_hide(struct rec *r);
json_t *result_after(const struct want *w); /* of a plan to make it */

#endif
