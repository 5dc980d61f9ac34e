/* SPDX-License-Identifier: ISC
 * The verbs of do-records, a file each, and what they share: the account's zones. */
#ifndef RECORDS_H
#define RECORDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "address.h"
#include "batch.h"
#include "do/client.h"
#include "do/list.h"
#include "http.h"
#include "rec.h"

struct options {
	const char *verb;
	char **operands; /* ends with NULL */
	char **zones;    /* -z, plain, may be made; n_zones of them */
	size_t n_zones;
	long long ttl;                 /* 0: not said */
	int64_t limit_ms, interval_ms; /* of looking for what may have been made */
	struct batch_options batch;
};

/* A domain of the account, or one that -z allows to be made. */
struct zone {
	char *name;      /* plain */
	bool there;      /* else it is to be made */
	bool wanted;     /* its records are */
	bool planned;    /* its making is */
	json_t *records; /* `dns-record` records, whole; NULL while not read */
	struct failure failure;
	struct do_list list; /* private, as path */
	char *path;
};

struct zones {
	struct do_client *client;
	struct zone *list;
	size_t n;
};

struct records {
	struct options *options;
	char *filter; /* "do-records rm" */
	struct batch batch;
	struct rec_io *io;
	struct http *engine;
	struct do_client *client;
	struct zones zones;
};

void records_list(struct records *r);
void records_ensure(struct records *r);
void records_rm(struct records *r);

/* zones.c */
bool zones_read(struct zones *z, struct do_client *client, struct failure *f);
struct zone *zones_add(struct zones *z, const char *name, bool there);
/* The one that holds this plain name: the longest; NULL when there is none. */
struct zone *zones_of(const struct zones *z, const char *name);
/* Reads the records of those that are wanted and were not read, all at once; each has its own
 * failure. done() (may be NULL) is called as each is settled. */
void zones_load(struct zones *z, void (*done)(struct zone *zone, void *ctx), void *ctx);
void zones_free(struct zones *z);
/* A record of the API, in this domain, as `dns-record`; new reference. NULL: it makes no sense. */
json_t *zone_record(const json_t *record, const char *domain);
/* "A record 'www.acme.com' (12345)", of a `dns-record`; caller frees. */
char *zone_record_text(const json_t *record);
/* Tells that this `dns-record` was created or deleted. */
void zone_event(struct rec_io *io, const char *event, const json_t *record);

/* A record that an instance wants to exist. */
struct point {
	const char *type; /* "A", "AAAA" */
	char *name;       /* plain, full */
	struct zone *zone;
	bool known; /* else the machine is only planned */
	struct address address;
	const json_t
	    *there;    /* of zone->records: the one that does it; valid until they are read anew */
	size_t copies; /* of that one */
	bool done;     /* it is there, or was made */
	bool failed;
	bool unclear; /* its making may have had its effect: see there, `why` tells */
	struct failure why;
	struct batch_work *work;
	struct records *records;
};

struct points {
	struct point *list;
	size_t n;
};

/* want.c: what the instance wants, into work->own (struct points *); false with the work's
 * failure. */
bool points_want(struct records *r, struct batch_work *work);
/* Holds it against the records that are there: plans, and fails with a conflict. */
void points_judge(struct records *r, struct batch_work *work);
/* The same without planning: whether the point is there by now. */
bool point_is_there(struct point *p);
void points_free(struct points *points);

/* make.c: makes what is to be made, for all works. */
void points_make(struct records *r);

#endif
