/* SPDX-License-Identifier: ISC
 * The tags of ERB and Jinja in a file that is YAML only when they are gone. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "yaml/tree.h"

static const struct {
	const char *open, *close;
} tags[] = {{"<%", "%>"}, {"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}};

#define N_TAGS (sizeof(tags) / sizeof(*tags))

#define LONGEST_TAG 4096

/* The end of the tag at `at`, no later than `limit`; 0 if there is none. A tag that opens before
 * this one is closed shows that this is none. */
static size_t tag_end(const char *text, size_t at, size_t limit)
{
	const char *inside = text + at + 2, *close;
	size_t len;

	if ((text[at] != '<' && text[at] != '{') || at + 4 > limit)
		return 0;
	len = limit - at - 2 > LONGEST_TAG ? LONGEST_TAG : limit - at - 2;
	for (size_t i = 0; i < N_TAGS; i++) {
		if (memcmp(text + at, tags[i].open, 2) != 0)
			continue;
		close = memmem(inside, len, tags[i].close, 2);
		if (close && !memmem(inside, (size_t)(close - inside), tags[i].open, 2))
			return (size_t)(close - text) + 2;
	}
	return 0;
}

static size_t line_end(const char *text, size_t at, size_t len)
{
	const char *newline = memchr(text + at, '\n', len - at);

	return newline ? (size_t)(newline - text) : len;
}

static size_t skip_blank(const char *text, size_t at)
{
	return at + strspn(text + at, " \t\r");
}

/* ERB's own lines. */
static bool is_percent_line(const char *text, size_t at)
{
	return text[at] == '%' && strncmp(text + at, "%YAML", 5) != 0 &&
	       strncmp(text + at, "%TAG", 4) != 0;
}

static bool ends_here(const char *text, size_t at, size_t len)
{
	at = skip_blank(text, at);
	return at >= len || text[at] == '\n';
}

/* Where the lines end that hold nothing but tags and begin at `at`; 0 if there are none. {{ x }} on
 * a line of its own is a value, as likely; {{- is not. */
static size_t tag_lines(const char *text, size_t at, size_t len)
{
	size_t end;

	if (is_percent_line(text, at))
		return line_end(text, at, len);
	at = skip_blank(text, at);
	if (!strncmp(text + at, "{{", 2) && text[at + 2] != '-')
		return 0;
	end = tag_end(text, at, len);
	while (end && !ends_here(text, end, len))
		end = tag_end(text, skip_blank(text, end), len);
	return end;
}

static bool blank_line(char *text, size_t at, size_t len)
{
	size_t end = line_end(text, at, len), tag;
	bool found = false;

	while (at < end)
		if ((tag = tag_end(text, at, end))) {
			memset(text + at, 'x', tag - at);
			at = tag;
			found = true;
		} else {
			at++;
		}
	return found;
}

char *template_blank(const char *text, size_t len)
{
	size_t bom = strncmp(text, "\xef\xbb\xbf", 3) ? 0 : 3;
	char *blank = mem_dup_n(text, len);
	bool found = false;

	for (size_t at = bom; at < len; at = line_end(text, at, len) + 1) {
		size_t end = tag_lines(text, at, len);

		if (end) {
			memset(blank + at, '\n', end - at);
			at = end;
			found = true;
		} else {
			found |= blank_line(blank, at, len);
		}
	}
	if (found)
		return blank;
	free(blank);
	return NULL;
}

bool template_within(const char *text, size_t len)
{
	for (size_t i = 0; i < N_TAGS; i++)
		if (memmem(text, len, tags[i].open, 2))
			return true;
	return false;
}

bool template_follows(const struct tree *t, size_t at)
{
	size_t line = tree_line_end(t, at);

	line += strspn(t->text + line, " \t\r\n");
	return is_percent_line(t->text, line) ||
	       template_within(t->text + line, strnlen(t->text + line, 2));
}
