/* SPDX-License-Identifier: ISC */
#ifndef SLUICE_SHA256_HEX_H
#define SLUICE_SHA256_HEX_H

#include <stddef.h>

/* The SHA-256 of some bytes as 64 lower-case hexadecimal digits. */
void sha256_hex(const void *data, size_t len, char hex[65]);

#endif
