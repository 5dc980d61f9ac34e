/* SPDX-License-Identifier: ISC
 * XML -> JSON in the wire's own names, without a schema.
 *
 * An element is an object of its children, or its text as a string; names lose their prefix,
 * attributes are dropped. What tells a list from a structure:
 *   - an element whose children are all `item`, or all `member`: an array, also of one;
 *   - children of one name that repeat (flattened lists): an array under that name;
 *   - all `entry`, each of a key and a value, no key twice: a map, that is an object;
 *   - an empty element: xml_is_list_name() ? [] : "". White space alone counts as empty there. */
#ifndef SLUICE_AWS_XML_H
#define SLUICE_AWS_XML_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "../failure.h"

struct xml;

/* Fed in pieces as they arrive. Refused (70, code "bad-xml"): what is not well-formed, document
 * type declarations (so no entities but the five), nesting deeper than 128. */
struct xml *xml_new(void);
bool xml_feed(struct xml *x, const char *data, size_t len, struct failure *f);
/* The root's content (new reference), NULL with f; its name in *root (caller frees; may be NULL).
 * x is freed. An empty root is an empty object. */
json_t *xml_end(struct xml *x, char **root, struct failure *f);
void xml_free(struct xml *x); /* instead of xml_end(); NULL is fine */

/* All at once. */
json_t *xml_parse(const char *data, size_t len, char **root, struct failure *f);

/* Whether AWS names lists so: …Set, …List, a plural (not …ss, …us, …is, nor Options, Details,
 * Alias and other plurals that its services use for structures or text), blockDeviceMapping and
 * a few more. */
bool xml_is_list_name(const char *name);

#endif
