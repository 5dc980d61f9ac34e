/* SPDX-License-Identifier: ISC
 * OpenSSH public keys: "TYPE BLOB [COMMENT]". Two are one key when type and blob agree. */
#ifndef SLUICE_PUBLIC_KEY_H
#define SLUICE_PUBLIC_KEY_H

#include <stdbool.h>

#include "failure.h"

struct public_key {
	char *text;           /* "TYPE BLOB", without comment */
	char *comment;        /* NULL when there is none */
	char fingerprint[48]; /* MD5 of the blob: 16 pairs of lower-case hex, with colons */
};

/* False with f (65) when the text is no public key, or a private one; its message says nothing of
 * what the text is. `k` is to be released by public_key_free() then too. */
bool public_key_parse(const char *text, struct public_key *k, struct failure *f);
void public_key_free(struct public_key *k); /* back to {0} */

#endif
