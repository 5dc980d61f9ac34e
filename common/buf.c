/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need <= b->cap)
		return;
	b->cap = need < 64 ? 64 : need + need / 2;
	b->data = mem_grow(b->data, b->cap, 1);
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	buf_reserve(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_str(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		mem_out();
	buf_reserve(b, (size_t)len);
	va_start(args, format);
	vsnprintf(b->data + b->len, (size_t)len + 1, format, args);
	va_end(args);
	b->len += (size_t)len;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}

char *buf_take(struct buf *b)
{
	char *text;

	buf_reserve(b, 0);
	b->data[b->len] = '\0';
	text = b->data;
	*b = (struct buf){0};
	return text;
}

void buf_percent(struct buf *b, const char *data, size_t len, const char *keep)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		if (isalnum(c) || (c && strchr("-._~", c)) || (c && keep && strchr(keep, c))) {
			buf_char(b, (char)c);
		} else {
			char code[3] = {'%', hex[c >> 4], hex[c & 15]};
			buf_add(b, code, 3);
		}
	}
}

void buf_hex(struct buf *b, const void *data, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	buf_reserve(b, 2 * len);
	for (size_t i = 0; i < len; i++) {
		buf_char(b, hex[bytes[i] >> 4]);
		buf_char(b, hex[bytes[i] & 15]);
	}
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void buf_base64(struct buf *b, const void *data, size_t len)
{
	const unsigned char *in = data;

	buf_reserve(b, (len + 2) / 3 * 4);
	for (size_t i = 0; i < len; i += 3) {
		unsigned group = (unsigned)in[i] << 16;
		char out[4] = {0, 0, '=', '='};

		if (i + 1 < len)
			group |= (unsigned)in[i + 1] << 8;
		if (i + 2 < len)
			group |= in[i + 2];
		out[0] = base64[group >> 18];
		out[1] = base64[group >> 12 & 63];
		if (i + 1 < len)
			out[2] = base64[group >> 6 & 63];
		if (i + 2 < len)
			out[3] = base64[group & 63];
		buf_add(b, out, 4);
	}
}

int buf_unbase64(struct buf *b, const char *text, size_t len)
{
	unsigned group = 0, bits = 0;
	size_t pads = 0, digits = 0;

	buf_reserve(b, len / 4 * 3 + 3);
	for (size_t i = 0; i < len; i++) {
		const char *digit;

		if (isspace((unsigned char)text[i]))
			continue;
		if (text[i] == '=') {
			pads++;
			continue;
		}
		if (pads || !text[i] || !(digit = strchr(base64, text[i])))
			return -1;
		digits++;
		group = group << 6 | (unsigned)(digit - base64);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_char(b, (char)(group >> bits & 255));
		}
	}
	if (digits % 4 == 1 || (pads && (digits + pads) % 4))
		return -1;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void buf_unpercent(struct buf *b, const char *text, size_t len, int plus)
{
	buf_reserve(b, len);
	b->data[b->len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
		    hex_digit(text[i + 2]) >= 0) {
			buf_char(b, (char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])));
			i += 2;
		} else {
			buf_char(b, plus && text[i] == '+' ? ' ' : text[i]);
		}
	}
}
