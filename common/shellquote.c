/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "shellquote.h"

void shell_quote(struct buf *b, const char *text)
{
	buf_char(b, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_str(b, "'\\''");
		else
			buf_char(b, *text);
	buf_char(b, '\'');
}

void shell_quote_double(struct buf *b, const char *text)
{
	buf_char(b, '"');
	for (; *text; text++) {
		if (strchr("\\\"$`", *text))
			buf_char(b, '\\');
		buf_char(b, *text);
	}
	buf_char(b, '"');
}
