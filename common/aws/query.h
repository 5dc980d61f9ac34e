/* SPDX-License-Identifier: ISC
 * Parameters as JSON in the wire's own names -> the form body of the query and EC2 protocols. */
#ifndef SLUICE_AWS_QUERY_H
#define SLUICE_AWS_QUERY_H

#include <jansson.h>
#include <stdbool.h>

#include "../buf.h"
#include "../failure.h"

enum query_flavour {
	QUERY_MEMBER, /* query services: {"Names":["a"]} is Names.member.1=a, [] is Names= */
	QUERY_FLAT,   /* EC2: {"Owner":["a"]} is Owner.1=a, [] is left out; names' first letters are
		       * made upper-case */
};

/* Appends Action=…&Version=…&… to body. Objects join names by dots, so {"Tags.member.1.Key":"k"},
 * {"Tags":{"member":[{"Key":"k"}]}} and {"Tags":[{"Key":"k"}]} are one; lists named member, entry
 * or item get no further .member, a list whose wire form has another element name is written as an
 * object with the numbers as names ({"X":{"1":"a"}}). null is left out, booleans are true and
 * false. False and f (65) when params is neither an object nor NULL. */
bool query_form(struct buf *body, enum query_flavour flavour, const char *action,
		const char *version, const json_t *params, struct failure *f);

#endif
