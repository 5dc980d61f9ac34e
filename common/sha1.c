/* SPDX-License-Identifier: ISC */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "sha1.h"

void sha1_hex(const char *text, char hex[41])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL) || len != 20)
		mem_out();
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}
