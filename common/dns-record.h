/* SPDX-License-Identifier: ISC
 * What filters ask of a `dns-record`. */
#ifndef SLUICE_DNS_RECORD_H
#define SLUICE_DNS_RECORD_H

#include <jansson.h>
#include <stdbool.h>

#include "address.h"

/* NULL, or what is wrong with it: "it has no string 'type'". Only then the others may be called. */
const char *dns_record_wrong(const json_t *record);
/* Whether it is an A or AAAA record. */
bool dns_record_points(const json_t *record);
/* Of such a record: the address it points at; false when its data is none of its type. */
bool dns_record_address(const json_t *record, struct address *address);
/* Of such a record: its full name, plain (dns-name.h), from `fqdn`, else `name` and `domain`.
 * Caller frees. */
char *dns_record_name(const json_t *record);

#endif
