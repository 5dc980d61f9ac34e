/* SPDX-License-Identifier: ISC
 * MD5, for fingerprints that others made of it. */
#ifndef SLUICE_MD5_H
#define SLUICE_MD5_H

#include <stddef.h>

void md5(const void *data, size_t len, unsigned char digest[16]);

#endif
