/* SPDX-License-Identifier: ISC
 * The steps of yaml-put. */
#ifndef SLUICE_YAML_PUT_H
#define SLUICE_YAML_PUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "rec.h"
#include "yaml/edit.h"
#include "yaml/path.h"

struct put_map {
	char *member, *from;
	const char *to;
};

struct put_options {
	const char *records, *member, *template, *yaml;
	bool create, dry, in_place, partial, shared;
	struct put_map *maps;
	size_t n_maps;
};

/* What becomes of one record. */
struct put {
	struct rec *r;
	struct path path;
	struct edit_value value; /* text: owned; NULL: only a real run knows it */
	struct path_found found;
	char *old;
	unsigned long line, column;
	bool made; /* what is to be created is there */
	enum { PUT_CHANGE, PUT_KEEP, PUT_CREATE, PUT_REFUSED } what;
};

struct put_job {
	const struct put_options *o;
	struct rec_io *io;
	struct path_template *template;
	struct put *puts;
	size_t n;
	bool dry, failed; /* failed: some record, so that without --partial nothing is written */
};

/* "MEMBER:FROM=TO"; a wrong one is 64. */
void put_add_map(struct put_options *o, const char *text);
/* Takes a record of the input over. */
void put_take(struct put_job *job, struct rec *r);
/* Reports f and counts it; f is {0} then. */
void put_refuse(struct put_job *job, struct put *put, struct failure *f);
/* Finds the places, then makes the file's new text; false: there is none (reported). */
bool put_edit(struct put_job *job, const struct buf *old, struct buf *now);
/* Adds to the file's text what is to be created. */
void put_create(struct put_job *job, struct buf *text);
void put_free(struct put_job *job);

#endif
