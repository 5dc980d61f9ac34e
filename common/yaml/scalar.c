/* SPDX-License-Identifier: ISC
 * How a value is spelled: plain if it can be, as what it is said instead of if possible. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "yaml/edit.h"

/* What a plain scalar is to a parser of YAML 1.1 or 1.2. */
enum type { TEXT, NUMBER, OTHER };

static bool is(const char *text, const char *pattern)
{
	regex_t regex;
	bool found;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		mem_out();
	found = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return found;
}

static enum type type_of(const char *text)
{
	static const char number[] =
	    "^[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?"
	    "|([0-9][0-9_]*\\.?[0-9_]*|\\.[0-9_]+)([eE][-+]?[0-9]+)?|\\.(inf|Inf|INF))$"
	    "|^\\.(nan|NaN|NAN)$";
	static const char other[] =
	    "^(~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON"
	    "|off|Off|OFF|y|Y|n|N|=|<<|)$|^[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?([Tt \t].*)?$";

	if (is(text, number))
		return NUMBER;
	return is(text, other) ? OTHER : TEXT;
}

static bool is_json_number(const char *text)
{
	return is(text, "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$");
}

/* A number to all parsers, and the same: 010, 1e3 and 1:30 are not. */
static bool is_usual_number(const char *text)
{
	return is(text, "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$");
}

/* The length of a control character or one that breaks lines, as UTF-8; 0: it is none. */
static size_t special(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	if ((*c && *c < 0x20) || *c == 0x7f)
		return 1;
	if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
		return 2;
	if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9))
		return 3;
	return c[0] == 0xef && c[1] == 0xbb && c[2] == 0xbf ? 3 : 0;
}

static bool has_special(const char *text)
{
	while (*text && !special(text))
		text++;
	return *text;
}

static bool can_be_plain(const char *text, bool flow)
{
	size_t len = strlen(text);
	const char *hard = flow ? ",[]{}" : "";

	if (!len || strchr(",[]{}#&*!|>'\"%@`", *text) || strpbrk(text, hard) || has_special(text))
		return false;
	if (strchr("-?:", *text) && (!text[1] || text[1] == ' ' || flow))
		return false;
	if (strstr(text, ": ") || strstr(text, " #") || text[len - 1] == ':' || *text == ' ' ||
	    text[len - 1] == ' ')
		return false;
	return strncmp(text, "---", 3) != 0 && strncmp(text, "...", 3) != 0;
}

static void add_single(struct buf *out, const char *text)
{
	buf_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			buf_char(out, '\'');
		buf_char(out, *text);
	}
	buf_char(out, '\'');
}

/* \uXXXX is what YAML and JSON have in common. */
static void add_double(struct buf *out, const char *text)
{
	buf_char(out, '"');
	for (size_t len; *text; text += len) {
		const unsigned char *c = (const unsigned char *)text;

		len = special(text);
		if (len == 1)
			buf_fmt(out, "\\u%04x", c[0]);
		else if (len == 2)
			buf_fmt(out, "\\u%04x", (c[0] & 0x1f) << 6 | (c[1] & 0x3f));
		else if (len == 3)
			buf_fmt(out, "\\u%04x",
				(c[0] & 0xf) << 12 | (c[1] & 0x3f) << 6 | (c[2] & 0x3f));
		if (len)
			continue;
		if (*c == '"' || *c == '\\')
			buf_char(out, '\\');
		buf_char(out, *text);
		len = 1;
	}
	buf_char(out, '"');
}

static bool stays_plain(const struct tree *t, const struct edit_value *value, bool flow,
			const char *instead_of)
{
	if (t->json)
		return value->bare ||
		       (instead_of && is_json_number(instead_of) && is_json_number(value->text));
	return can_be_plain(value->text, flow) &&
	       (value->bare || type_of(value->text) == TEXT ||
		(instead_of && type_of(instead_of) == NUMBER && is_usual_number(value->text)));
}

void edit_spell(struct buf *out, const struct tree *t, const struct edit_value *value,
		enum tree_style style, bool flow, const char *instead_of)
{
	if (style == TREE_PLAIN && stays_plain(t, value, flow, instead_of))
		buf_str(out, value->text);
	else if (t->json || style == TREE_DOUBLE || has_special(value->text))
		add_double(out, value->text);
	else
		add_single(out, value->text);
}
