/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "world.h"

void xml_text(struct buf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		case '\r':
			buf_str(out, "&#xD;");
			break;
		default:
			if ((unsigned char)*text >= ' ' || *text == '\n' || *text == '\t')
				buf_char(out, *text);
		}
}

static void element(struct buf *out, const char *name, const json_t *value, const char *item)
{
	size_t i;
	json_t *one;

	if (*name == '_' || json_is_null(value))
		return;
	buf_fmt(out, "<%s>", name);
	if (json_is_object(value))
		xml_write(out, value, item);
	else if (json_is_string(value))
		xml_text(out, text_of(value));
	else if (json_is_boolean(value))
		buf_str(out, json_is_true(value) ? "true" : "false");
	else if (json_is_integer(value))
		buf_fmt(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_fmt(out, "%.15g", json_real_value(value));
	json_array_foreach(value, i, one)
		element(out, item, one, item);
	buf_fmt(out, "</%s>", name);
}

void xml_write(struct buf *out, const json_t *object, const char *item)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value)
		element(out, name, value, item);
}
