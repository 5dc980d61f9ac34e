/* SPDX-License-Identifier: ISC
 * A growing byte string, always terminated. `struct buf b = {0};` is empty. */
#ifndef SLUICE_BUF_H
#define SLUICE_BUF_H

#include <stddef.h>

struct buf {
	char *data; /* NULL while empty and never added to */
	size_t len, cap;
};

void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_fmt(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_reserve(struct buf *b, size_t more); /* room for `more` bytes after len */
void buf_clear(struct buf *b);                /* len = 0, memory kept */
void buf_free(struct buf *b);                 /* back to {0} */
char *buf_take(struct buf *b);                /* the text, caller frees; b is {0} again */

/* Percent-encodes all but RFC 3986 unreserved bytes, and those in `keep` (may be NULL). */
void buf_percent(struct buf *b, const char *data, size_t len, const char *keep);
/* Lower-case hex. */
void buf_hex(struct buf *b, const void *data, size_t len);
/* RFC 4648 base64 with padding. */
void buf_base64(struct buf *b, const void *data, size_t len);

/* Decodes RFC 4648 base64 into b, white space skipped. 0, or -1 when it is not base64. */
int buf_unbase64(struct buf *b, const char *text, size_t len);
/* Decodes %XX; `plus` turns + into a space as forms do. A lone % stays as it is. */
void buf_unpercent(struct buf *b, const char *text, size_t len, int plus);

#endif
