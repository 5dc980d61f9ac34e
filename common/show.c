/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stdint.h>

#include "show.h"

struct range {
	uint32_t first, last;
};

#define IN(table, c) in_ranges(table, sizeof(table) / sizeof(*(table)), c)

static bool in_ranges(const struct range *table, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= table[i].first && c <= table[i].last)
			return true;
	return false;
}

static bool is_hidden(uint32_t c)
{
	static const struct range hidden[] = {
	    {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},
	    {0x61c, 0x61c},   {0x200b, 0x200f}, {0x2028, 0x202e},
	    {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xe0000, 0xe0fff}};

	return IN(hidden, c);
}

/* East Asian wide and fullwidth characters, and emoji take two columns, combining ones none. */
static size_t columns(uint32_t c)
{
	static const struct range none[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
					    {0x610, 0x61a},   {0x64b, 0x65f},   {0x1ab0, 0x1aff},
					    {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
					    {0xfe20, 0xfe2f}};
	static const struct range two[] = {
	    {0x1100, 0x115f},  {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97c},
	    {0xac00, 0xd7a3},  {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
	    {0xffe0, 0xffe6},  {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
	    {0x20000, 0x3fffd}};

	if (c < 0x300)
		return 1;
	return IN(none, c) ? 0 : IN(two, c) ? 2 : 1;
}

/* One character; its length, 0 when it is no UTF-8. */
static size_t decode(const char *text, size_t len, uint32_t *c)
{
	unsigned char first = (unsigned char)text[0];
	size_t n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;

	if (!n || n > len || first > 0xf4)
		return 0;
	*c = n == 1 ? first : first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | ((unsigned char)text[i] & 0x3f);
	}
	return n;
}

static void spell(struct buf *b, uint32_t c)
{
	static const struct {
		char c, name;
	} short_names[] = {{'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}};

	for (size_t i = 0; i < sizeof(short_names) / sizeof(*short_names); i++)
		if (c == (uint32_t)short_names[i].c) {
			buf_fmt(b, "\\%c", short_names[i].name);
			return;
		}
	buf_fmt(b, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
}

size_t show_text(struct buf *b, const char *text, size_t len)
{
	size_t width = 0;

	for (size_t at = 0; at < len;) {
		size_t before = b->len, n;
		uint32_t c;

		n = decode(text + at, len - at, &c);
		if (!n || is_hidden(c)) {
			spell(b, n ? c : (unsigned char)text[at]);
			width += b->len - before;
			at += n ? n : 1;
			continue;
		}
		buf_add(b, text + at, n);
		width += columns(c);
		at += n;
	}
	return width;
}
