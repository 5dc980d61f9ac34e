/* SPDX-License-Identifier: ISC
 * Calls to DigitalOcean's API v2. */
#ifndef SLUICE_DO_CLIENT_H
#define SLUICE_DO_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

#include "../failure.h"
#include "../http.h"

struct do_client;

/* Token and endpoint, see token.h; asks nobody. NULL with f (78, 66, 65). If SLUICE_ACCOUNT is
 * set, the first call is preceded by GET /v2/account, and all calls fail with 79 when the token's
 * account, or team, is another one. */
struct do_client *do_open(struct http *engine, struct failure *f);
void do_close(struct do_client *c);
/* The uuid of the account, or of its team, when SLUICE_ACCOUNT was set and is right; else NULL: one
 * run's records have it, or none has. */
const char *do_account(const struct do_client *c);

struct do_call {
	const char *method;
	char *path;   /* "/v2/droplets/1", escaped; owned */
	json_t *body; /* owned; NULL: none */
	enum http_effect effect;
	/* Answer: */
	json_t *result;  /* the answer's body; {} when it is empty; NULL when it failed */
	int http_status; /* 0: there was none */
	/* 69 refused (also 404), 77 credentials, 75 network, throttled, service broken, 70 no
	 * sense, 79 SLUICE_ACCOUNT; code: the service's `id`; operation ("POST /v2/droplets"),
	 * request_id */
	struct failure failure;
	bool unclear; /* an HTTP_CHANGE that may or may not have happened: look before doing it
			 again */
	void (*done)(struct do_call *call); /* settled; may do_queue() others */
	void *ctx;
};

/* A call; the path is a format, whose arguments do_escape() has escaped where they are names. Takes
 * over body. GET is HTTP_READ, POST is HTTP_CHANGE, others are HTTP_IDEMPOTENT unless the caller
 * sets `effect`. */
struct do_call *do_call_new(const char *method, json_t *body, void (*done)(struct do_call *),
			    void *ctx, const char *path, ...) __attribute__((format(printf, 5, 6)));
/* Text as one segment of a path or a value of a query; caller frees. */
char *do_escape(const char *text);
/* Queues; the client owns the call and frees it after done(), which may keep a reference to its
 * result and move its failure. */
void do_queue(struct do_client *c, struct do_call *call);
/* Runs until all is settled. In a callback it returns at once: what was queued is done anyway. */
void do_run(struct do_client *c);
/* One call, now: its result (new reference), NULL with f. Not from a callback. *unclear may be
 * NULL. */
json_t *do_one(struct do_client *c, struct do_call *call, struct failure *f, bool *unclear);

#endif
