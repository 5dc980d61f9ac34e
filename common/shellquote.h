/* SPDX-License-Identifier: ISC
 * Text as one word of a POSIX shell. Every byte but NUL, which no shell can hold, comes out as it
 * went in: the caller refuses text with a NUL. */
#ifndef SLUICE_SHELLQUOTE_H
#define SLUICE_SHELLQUOTE_H

#include "buf.h"

/* 'single quoted': safe wherever a word may stand. */
void shell_quote(struct buf *b, const char *text);
/* "double quoted": read alike by `.` and by systemd's EnvironmentFile=. */
void shell_quote_double(struct buf *b, const char *text);

#endif
