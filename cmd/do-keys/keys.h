/* SPDX-License-Identifier: ISC
 * The verbs of do-keys, a file each. */
#ifndef KEYS_H
#define KEYS_H

#include <stdbool.h>
#include <stdlib.h>

#include "batch.h"
#include "do/client.h"
#include "http.h"
#include "rec.h"

struct options {
	const char *verb;
	char **operands; /* ends with NULL */
	const char *key, *name;
	struct batch_options batch;
};

struct keys {
	const struct options *options;
	char *filter; /* "do-keys rm" */
	struct batch batch;
	struct rec_io *io;
	struct http *engine;
	struct do_client *client;
};

void keys_list(struct keys *k);
void keys_ensure(struct keys *k);
void keys_rm(struct keys *k);

/* file.c: the public key in FILE, which holds it alone or is a JSON object with public_ssh_key;
 * caller frees. NULL with f (66, 65). */
char *keys_from_file(const char *path, struct failure *f);
/* Puts what the account knows of a key into its record. */
void keys_take(struct keys *k, struct rec *rec, const json_t *key);
/* One key of the account by id or fingerprint; new reference. NULL: there is none, or f. */
json_t *keys_find(struct keys *k, const char *id, struct failure *f);

#endif
