/* SPDX-License-Identifier: ISC
 * The sandbox: clouds on loopback. One thread: a request is read, routed to a service, maybe met
 * by a fault, served on the state of the world as it is at its moment, journalled, answered. */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

struct service;

/* How an answer leaves, or does not. */
enum outcome {
	OUT_ANSWER,
	OUT_RESET,    /* the connection is reset, nothing is sent */
	OUT_TRUNCATE, /* half of the body, then the connection is closed */
	OUT_STALL,    /* nothing is sent until the client gives up */
};

struct request {
	/* As it came. */
	char *method;
	char *path, *query; /* raw, still percent-encoded; query without `?`, "" when absent */
	json_t *headers;    /* names in lower case */
	struct buf body;
	int peer_port, own_port;

	/* What the service made of it. */
	const struct service *service;
	char *service_name, *action, *region, *account, *access_key;
	json_t *params;
	const void *target; /* the service's own */
	bool changing;      /* it is one that changes something */
	bool changed;       /* and it did */
	long long n;        /* its number in the journal */
	json_t *entry;      /* there */

	/* The answer. */
	int status;
	struct buf answer;
	json_t *answer_headers;
	enum outcome outcome;
	long delay_ms;
};

/* One cloud. A new one is one file and a line in services.c. */
struct service {
	const char *name;
	/* Whether the request is for this service; if so it names service_name, action, region and
	 * params, and sets `changing`. Nothing else happens yet. */
	bool (*claims)(struct request *r);
	void (*serve)(struct request *r);
	/* An error as this service words it. */
	void (*refuse)(struct request *r, int status, const char *code, const char *message);
	/* Moves what is due at world_now(); the time when something is due next. May be NULL. */
	int64_t (*settle)(void);
	/* Puts what is in the seed document (NULL: the default one) into the state. May be NULL. */
	void (*seed)(json_t *seed);
	/* Its reading requests see the world as it was by the `lag` of `behave`. False where the
	 * service itself knows better which of them do (AWS: world_look_back()). */
	bool lags;
	/* Says which machines it has (machine.h). May be NULL. */
	void (*machines)(void);
};

extern const struct service *const services[]; /* ends with NULL */

/* http.c: the server. */
struct server;
struct server *server_start(void);
int server_port(const struct server *s);
int server_fd(const struct server *s);      /* readable when there is work */
int server_timeout(const struct server *s); /* for poll(2) */
void server_run(struct server *s);
void server_stop(struct server *s);

/* serve.c: from request to answer. */
void serve(struct request *r);
const char *header(const struct request *r, const char *lower_case_name); /* NULL when absent */
void answer(struct request *r, int status, const char *type, const char *text);
void answer_header(struct request *r, const char *name, const char *value);
void answer_json(struct request *r, int status, json_t *value); /* takes the reference */
void request_id(const struct request *r, char text[37]);

/* control.c: what is below /_sandbox/. */
void control_serve(struct request *r);

/* fault.c: one rule is picked for each request. */
json_t *fault_pick(struct request *r);    /* borrowed, NULL: none */
bool fault_is_before(const json_t *rule); /* instead of the effect, or after it */
void fault_apply(struct request *r, const json_t *rule);
const char *fault_add(json_t *rule); /* NULL, or what is wrong with the rule */
json_t *fault_list(void);            /* borrowed */
void fault_clear(void);
bool fault_throttled(struct request *r); /* by the token bucket of `behave`; answered then */

/* peer.c */
void peer_kill(int peer_port, int own_port); /* SIGKILL to who holds that end on this machine */

/* journal.c */
void journal_begin(struct request *r);
void journal_end(struct request *r, const json_t *fault);
void journal_clear(void);
void journal_write(struct buf *out, long long after);

/* form.c: `a.1.b=c&…` as nested JSON: {"a":[{"b":"c"}]}; a `member` before a number is dropped. */
json_t *form_read(const char *text, size_t len);
json_t *form_flat(const char *text, size_t len); /* one level, names as they are */

/* xml.c: an object as elements, `item` names the elements of an array; members that begin with _
 * are left out, null too. */
void xml_write(struct buf *out, const json_t *object, const char *item);
void xml_text(struct buf *out, const char *text);

#endif
