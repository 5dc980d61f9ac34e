/* SPDX-License-Identifier: ISC
 * The environment as configuration: all that is missing or wrong is told in one run, then the
 * filter exits 78. `struct conf c = {0};` is the beginning. */
#ifndef SLUICE_CONF_H
#define SLUICE_CONF_H

#include <jansson.h>
#include <stdbool.h>

#include "buf.h"

struct conf {
	struct buf missing; /* names */
	bool wrong;         /* something was refused, and said */
};

struct conf_value {
	const char *name, *value; /* value NULL: not set */
};

#define CONF_ANY(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The first of these variables that is set; else they are noted as missing. */
struct conf_value conf_need(struct conf *c, const char *const names[]);
/* Notes a secret as missing when it is not set; its value, or NULL. */
const char *conf_need_secret(struct conf *c, const char *name);
struct conf_value conf_get(const char *name);

/* "cannot use NAME 'VALUE': BECAUSE" */
void conf_refuse(struct conf *c, struct conf_value v, const char *because);

/* A comma list as an array (new reference), spaces around its elements removed; "-" is the empty
 * one, as is a value that is not set. */
json_t *conf_list(struct conf *c, struct conf_value v);
/* A whole number from 0 to `most`. */
long long conf_number(struct conf *c, const char *name, long long most, long long otherwise);

/* Names what is missing: "cannot VERB: not set: …". False when anything was missing or wrong; to be
 * called once, last. */
bool conf_end(struct conf *c, const char *verb);

#endif
