/* SPDX-License-Identifier: ISC
 * XML -> JSON in the wire's own names, without a schema.
 *
 * An element is an object of its children, or its text as a string; names lose their prefix,
 * attributes are dropped. What tells a list from a structure:
 *   - an element whose children are all `item`, or all `member`: an array, also of one;
 *   - children of one name that repeat (flattened lists): an array under that name;
 *   - all `entry`, each of a key and a value, no key twice: a map, that is an object;
 *   - an empty element: what xml_empty() says. White space alone counts as empty there, but is kept
 *     where it is text. */
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

enum xml_empty { XML_TEXT, XML_LIST, XML_STRUCTURE };

/* What an empty element is by the way AWS names things. A list: ...Set, ...List, a plural (not
 * ...ss, ...us, ...is, nor Details, Alias and other plurals that its services use otherwise),
 * blockDeviceMapping and a few more. A structure: ...Options. Else text. */
enum xml_empty xml_empty(const char *name);

#endif
