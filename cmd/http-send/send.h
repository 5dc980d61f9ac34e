/* SPDX-License-Identifier: ISC
 * http-send's parts: the input's records, sending them, planning them. */
#ifndef SLUICE_HTTP_SEND_H
#define SLUICE_HTTP_SEND_H

#include "http.h"
#include "rec.h"

struct options {
	const char **files, *plan;
	size_t n_files, jobs;
	int attempts;
	long timeout_ms;
	bool dry, fail, idempotent;
};

struct sender;

/* One record of the input. */
struct item {
	struct rec *r;
	struct http_request *request; /* NULL: passed on, or handed to the engine */
	struct sender *sender;
	bool settled;
};

struct sender {
	const struct options *o;
	struct rec_io *io;
	struct http *engine;
	struct item *items;
	size_t n, next, written; /* items; the next to be sent; how many are written */
};

/* For http_request.done. */
void send_done(struct http_request *request, struct http_answer *a);
/* Sends what is to be sent and writes all in its order. */
void send_all(struct sender *s);
/* Writes the records whose turn it is. */
void send_write(struct sender *s);
/* "GET https://host/path": a query may carry a signature or a token. Caller frees. */
char *send_title(const struct rec *r);
/* The record gets the error "WHAT 'TITLE': …"; f is released. */
void send_fail(struct rec_io *io, struct rec *r, const char *what, struct failure *f);
/* The record becomes the answer, whose reference is taken over; members that are not the request's
 * stay. */
void send_put_answer(struct rec *r, json_t *answer);

/* -n: a plan record for each request, and the answer as it would be. */
void plan_all(struct sender *s);
/* --plan: whether the file names all that would be changed; else false with f (79, 66, 65). */
bool plan_agrees(const struct sender *s, struct failure *f);

#endif
