/* SPDX-License-Identifier: ISC
 * SHA-256 and HMAC-SHA-256. */
#ifndef SLUICE_SHA256_H
#define SLUICE_SHA256_H

#include <stddef.h>

enum { SHA256_LEN = 32 };

void sha256(const void *data, size_t len, unsigned char out[SHA256_LEN]);
/* out may be key. */
void sha256_hmac(const void *key, size_t key_len, const void *data, size_t len,
		 unsigned char out[SHA256_LEN]);

#endif
