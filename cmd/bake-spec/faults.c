/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "nearest.h"
#include "spec.h"
#include "status.h"

/* The same anchor is seen from many places: its faults are told once. */
static void say_once(struct config *c, int status, const char *text)
{
	if (!c->status)
		c->status = status;
	if (json_object_get(c->said, text))
		return;
	cli_warn("%s", text);
	json_object_set_new(c->said, text, json_true());
}

static char *text_of(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		mem_out();
	return text;
}

void fault(struct config *c, const struct spec_file *file, const json_t *value, const char *format,
	   ...)
{
	struct buf line = {0};
	va_list args;
	char *text;

	va_start(args, format);
	text = text_of(format, args);
	va_end(args);
	yml_place(file->doc, value, &line);
	buf_fmt(&line, ": %s", text);
	say_once(c, ST_DATA, line.data);
	buf_free(&line);
	free(text);
}

void fault_plain(struct config *c, int status, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_of(format, args);
	va_end(args);
	say_once(c, status, text);
	free(text);
}

void fault_missing(struct config *c, const char *name)
{
	json_object_set_new(c->missing, name, json_true());
}

bool names_hold(const json_t *names, const char *name)
{
	const json_t *known;
	size_t i;

	json_array_foreach(names, i, known)
		if (!strcmp(json_string_value(known), name))
			return true;
	return false;
}

char *names_text(const json_t *names)
{
	struct buf text = {0};
	json_t *name;
	size_t i;

	buf_str(&text, "");
	json_array_foreach(names, i, name)
		buf_fmt(&text, "%s'%s'", i ? ", " : "", json_string_value(name));
	return buf_take(&text);
}

char *guess_text(const char *name, const json_t *names)
{
	char *near = nearest(name, names);
	char *text = near ? mem_fmt(": did you mean %s", near) : mem_dup("");

	free(near);
	return text;
}
