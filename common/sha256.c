/* SPDX-License-Identifier: ISC
 * By libcrypto's plain functions: looking SHA-256 up in its providers takes longer than all else
 * that a filter does before it connects. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

#include "sha256.h"

enum { BLOCK = 64 };

void sha256(const void *data, size_t len, unsigned char out[SHA256_LEN])
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, data, len);
	SHA256_Final(out, &c);
}

/* RFC 2104: H(key ^ opad, H(key ^ ipad, data)) */
void sha256_hmac(const void *key, size_t key_len, const void *data, size_t len,
		 unsigned char out[SHA256_LEN])
{
	unsigned char pad[BLOCK] = {0}, inner[SHA256_LEN];
	SHA256_CTX c;

	if (key_len > BLOCK)
		sha256(key, key_len, pad);
	else
		memcpy(pad, key, key_len);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	SHA256_Init(&c);
	SHA256_Update(&c, pad, BLOCK);
	SHA256_Update(&c, data, len);
	SHA256_Final(inner, &c);
	for (int i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	SHA256_Init(&c);
	SHA256_Update(&c, pad, BLOCK);
	SHA256_Update(&c, inner, SHA256_LEN);
	SHA256_Final(out, &c);
	OPENSSL_cleanse(pad, sizeof(pad));
	OPENSSL_cleanse(&c, sizeof(c));
}
