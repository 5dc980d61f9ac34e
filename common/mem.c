/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "status.h"

_Noreturn void mem_out(void)
{
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	exit(ST_BUG);
}

void *mem_alloc(size_t size)
{
	void *block = calloc(1, size ? size : 1);

	if (!block)
		mem_out();
	return block;
}

void *mem_grow(void *block, size_t count, size_t size)
{
	void *grown;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		mem_out();
	grown = realloc(block, bytes > 0 ? bytes : 1);
	if (!grown)
		mem_out();
	return grown;
}

char *mem_dup_n(const char *text, size_t len)
{
	char *copy = mem_alloc(len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *mem_dup(const char *text)
{
	return text ? mem_dup_n(text, strlen(text)) : NULL;
}

char *mem_fmt(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		mem_out();
	return text;
}
