/* SPDX-License-Identifier: ISC
 * SHA-1, for names that others made of it. */
#ifndef SLUICE_SHA1_H
#define SLUICE_SHA1_H

/* Lower-case hex of the text's digest. */
void sha1_hex(const char *text, char hex[41]);

#endif
