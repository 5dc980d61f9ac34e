/* SPDX-License-Identifier: ISC
 * A YAML document (JSON is one, too) as Jansson values: objects, arrays, strings, null. Every
 * scalar is a string as it is written, but a plain ~, null or nothing, which is null: so `010`,
 * `1.10` and `on` stay what they are, and whoever reads a number or a truth asks for it.
 *
 * Aliases share the value of their anchor; `<<` is resolved: a mapping's own keys win, of several
 * `<<` the later one, in a list of merges the earlier one. Other keys that are there twice are
 * refused, as are tags but those of such values, more than YML_MOST values after all aliases are
 * followed, and more than YML_DEEP levels: whoever walks a value needs no bound of his own. */
#ifndef SLUICE_YAML_READ_H
#define SLUICE_YAML_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "failure.h"

enum { YML_MOST = 100000, YML_DEEP = 64 };

struct yml;

/* The one document of a text; `name` is the file's, for messages. NULL: f (65) says what is wrong,
 * as "NAME:LINE:COLUMN: …". To be released by yml_free(). */
struct yml *yml_parse(const char *name, const char *text, size_t len, struct failure *f);
void yml_free(struct yml *y);

/* The document's value; null when it is empty. Borrowed. */
const json_t *yml_root(const struct yml *y);
/* Adds "NAME:LINE:COLUMN" of a value of the document: of an alias, where its anchor is. Null has no
 * place of its own: then, and for what is not of this document, it is "NAME". */
void yml_place(const struct yml *y, const json_t *value, struct buf *out);
/* Whether a value means yes (true, yes, on) or no (false, no, off); false when neither. */
bool yml_truth(const json_t *value, bool *yes);

#endif
