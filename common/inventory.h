/* SPDX-License-Identifier: ISC
 * Entries about machines, from records and from documents: which of them are about one machine,
 * what they say together, under which key a document has it. Entries are held as text.
 * `struct inventory inv = {0};` is empty. */
#ifndef SLUICE_INVENTORY_H
#define SLUICE_INVENTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "intern.h"
#include "json-update.h"
#include "lists.h"

enum inventory_origin {
	INVENTORY_RECORD,
	INVENTORY_DOCUMENT,
	INVENTORY_FILE, /* the document that is to be updated: its keys stay */
};

struct inventory_entry {
	enum inventory_origin origin;
	char *text; /* compact */
	size_t len;
	uint32_t key;                        /* of `words`, INTERN_NONE on a record */
	uint32_t name, id, provider, region; /* of `words`, or INTERN_NONE */
	uint32_t machine;
};

struct inventory_machine {
	uint32_t name, id, provider, region; /* as the last of its entries that says it */
	uint32_t key;                        /* of `keys` */
	bool filed, shared;                  /* in the FILE; its name is another's too */
};

struct inventory {
	struct inventory_entry *entries;
	struct inventory_machine *machines; /* in the order of their first entries */
	uint32_t n_entries, n_machines;
	struct intern words, keys;
	struct lists parts;   /* of a machine: its entries */
	struct lists by_name; /* of a name: machines */
	uint32_t n_undecided; /* entries without id whose name several machines have */
};

/* NULL, or what is wrong with an entry of a document (or, with its name as key, a record). */
const char *inventory_wrong(const char *key, const json_t *entry);
/* Adds the entry `json`, whose compact text is taken over; key: NULL for a record. */
void inventory_add(struct inventory *inv, enum inventory_origin origin, const char *key,
		   const json_t *json, char *text, size_t len);
/* The name that an entry gives: its member `name`, else the key, unless that is its id. NULL:
 * none. Borrowed. */
const char *inventory_name(const json_t *entry, const char *key);
/* Finds the machines: entries are about one when provider and id agree, or when one has no id and
 * exactly one other has its name (and its region and provider, where both say one). To be called
 * once, after all were added. */
void inventory_group(struct inventory *inv);
/* Gives every machine its key. */
void inventory_keys(struct inventory *inv, bool by_id);

/* A string of `words` or `keys`; NULL for INTERN_NONE. */
const char *inventory_word(const struct inventory *inv, uint32_t word);
const char *inventory_key(const struct inventory *inv, uint32_t machine);

/* What the machine's entries say, the last one that is not null, in the order in which documents
 * have it; `updates`: only what does not come from the FILE, without nulls. Returns the number of
 * members, which *members (the caller frees it) shares with the entries. `kind`, `name`, and of
 * records `user_data`, are left out. */
size_t inventory_members(const struct inventory *inv, uint32_t machine, bool updates,
			 struct json_change **members);
/* Adds the whole entry for a document, compact. */
void inventory_text(const struct inventory *inv, uint32_t machine, struct buf *out);

/* Adds a document: indented, members in one order. */
void inventory_document(const struct inventory *inv, struct buf *out);

/* Adds the entries of the FILE; `path` is for messages. False: f says what is wrong with it. */
bool inventory_add_file(struct inventory *inv, const char *path, const char *text, size_t len,
			struct failure *f);
/* Adds the text of the FILE, brought up to date: entries that nothing new is said of keep every
 * byte, new ones go last. */
void inventory_update(const struct inventory *inv, const char *text, size_t len, struct buf *out);

void inventory_free(struct inventory *inv);

#endif
