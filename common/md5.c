/* SPDX-License-Identifier: ISC */
#include <openssl/evp.h>

#include "md5.h"
#include "mem.h"

void md5(const void *data, size_t len, unsigned char digest[16])
{
	unsigned char full[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;

	if (!EVP_Digest(data, len, full, &digest_len, EVP_md5(), NULL) || digest_len != 16)
		mem_out();
	for (unsigned i = 0; i < 16; i++)
		digest[i] = full[i];
}
