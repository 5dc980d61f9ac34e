/* SPDX-License-Identifier: ISC
 * Changing members of an object in a text that people wrote: every byte that need not change
 * stays, and what is new looks like its neighbours. */
#ifndef SLUICE_JSON_UPDATE_H
#define SLUICE_JSON_UPDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "json-text.h"

struct json_change {
	struct json_member set; /* key and value, compact */
	bool verbatim;          /* the value is to be written as it stands */
	bool done;              /* private */
};

/* Adds the object's text with these members set: those it has in their place (untouched if they
 * have that value already), the others last. Fast when the changes have the order of the text.
 * `unit`: one step of indentation; `base`: what the object's own line begins with. */
void json_update(struct buf *out, const char *text, size_t len, struct json_change *changes,
		 size_t n, const char *unit, const char *base);

#define JSON_BASE 64
/* What the line of text[at] begins with: blanks and tabs. */
void json_base(const char *text, size_t at, char base[JSON_BASE]);
/* One step of indentation, as the object's text has it; two blanks if it has none. */
void json_unit(const char *text, size_t len, char unit[JSON_BASE]);

#endif
