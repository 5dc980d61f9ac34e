/* SPDX-License-Identifier: ISC
 * Templates are what makes a text no YAML, most often. */
#include <stdbool.h>
#include <string.h>

#include "yaml-hint.h"

/* <% if x %> and the like. */
static bool has_control_lines(const char *text, size_t len)
{
	const char *at = text, *line;

	while ((at = memmem(at, len - (size_t)(at - text), "<%", 2))) {
		for (line = at; line > text && strchr(" \t", line[-1]); line--)
			;
		at += 2;
		if ((line == text || line[-1] == '\n') && at < text + len && !strchr("=%", *at))
			return true;
	}
	return false;
}

/* A tag in a flow collection or in single quotes ends too early for YAML. */
const char *yml_hint(const char *text, size_t len, size_t line)
{
	const char *at = text, *end = text + len, *next;

	if (has_control_lines(text, len))
		return "; of ERB only <%= ENV['NAME'] %> in a value is understood";
	while (line-- && at && (at = memchr(at, '\n', (size_t)(end - at))))
		at++;
	next = at ? memchr(at, '\n', (size_t)(end - at)) : NULL;
	if (at && memmem(at, (size_t)((next ? next : end) - at), "<%", 2))
		return "; put the <%= … %> here into double quotes, or write ${VARIABLE}";
	return "";
}
