/* SPDX-License-Identifier: ISC
 * Memory that is there or ends the process: out of memory is the one thing
 * besides cli_die() that may (status 70, one line on stderr). */
#ifndef SLUICE_MEM_H
#define SLUICE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);                           /* zeroed; free() releases */
void *mem_grow(void *block, size_t count, size_t size); /* realloc(block, count * size), checked */
char *mem_dup(const char *text);                        /* NULL stays NULL */
char *mem_dup_n(const char *text, size_t len);          /* always terminated */
char *mem_fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void mem_out(void); /* also for Jansson calls that return NULL or -1 */

#endif
