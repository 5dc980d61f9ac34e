/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "address.h"

bool address_parse(const char *text, struct address *address)
{
	*address = (struct address){0};
	address->family = strchr(text, ':') ? 6 : 4;
	return inet_pton(address->family == 6 ? AF_INET6 : AF_INET, text, address->bytes) == 1;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return !memcmp(a, b, sizeof(*a));
}

char *address_text(const struct address *address, char text[ADDRESS_SIZE])
{
	static const unsigned char zeros[12];
	const unsigned char *b = address->bytes;

	inet_ntop(address->family == 6 ? AF_INET6 : AF_INET, b, text, ADDRESS_SIZE);
	/* glibc writes ::2:0 as ::0.2.0.0; RFC 5952 has dots for well-known prefixes only */
	if (address->family == 6 && strchr(text, '.') && !memcmp(b, zeros, sizeof(zeros)))
		snprintf(text, ADDRESS_SIZE, "::%x:%x", b[12] << 8 | b[13], b[14] << 8 | b[15]);
	return text;
}
