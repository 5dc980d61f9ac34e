/* SPDX-License-Identifier: ISC
 * IP addresses: one address has many spellings, so they are compared as bytes. */
#ifndef SLUICE_ADDRESS_H
#define SLUICE_ADDRESS_H

#include <stdbool.h>

struct address {                 /* no padding: may be hashed and compared as a whole */
	unsigned char family;    /* 4 or 6 */
	unsigned char bytes[16]; /* an IPv4 address has 4, then zeros */
};

#define ADDRESS_SIZE 46 /* the longest text, with its NUL */

/* What inet_pton() takes: no prefix length, no zone, no octal. A mapped IPv4 address
 * (::ffff:192.0.2.1) is an IPv6 address and differs from the IPv4 one. */
bool address_parse(const char *text, struct address *address);
bool address_equal(const struct address *a, const struct address *b);
/* The one form that we write: RFC 5952. Returns text. */
char *address_text(const struct address *address, char text[ADDRESS_SIZE]);

#endif
