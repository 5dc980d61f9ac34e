/* SPDX-License-Identifier: ISC
 * Names of the DNS. "Plain" is the form in which we compare and write them: lower-case (ASCII
 * only), without a final dot. */
#ifndef SLUICE_DNS_NAME_H
#define SLUICE_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* A plain copy; caller frees. */
char *dns_name_plain(const char *name);
/* The plain full name of a record: "@" or "" is the zone itself, one with a final dot is full
 * already, everything else is relative to the zone, be it "*" or "a.b". Caller frees. */
char *dns_name_full(const char *record, const char *zone);
/* The reverse, of plain names: "@", or what stands before the zone; NULL when the name is not in
 * the zone. Caller frees. */
char *dns_name_relative(const char *name, const char *zone);
/* Which of these (plain) zones holds the plain name: the longest one; -1 when none does. */
long dns_name_zone(const char *name, const char *const *zones, size_t n);
/* NULL when a plain name can be asked for (a wildcard may be its first label), else what is wrong
 * with it: "is empty", "has a label of more than 63 bytes", … */
const char *dns_name_wrong(const char *name);

#endif
