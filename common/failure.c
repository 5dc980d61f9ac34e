/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "failure.h"
#include "mem.h"

void fail_free(struct failure *f)
{
	free(f->code);
	free(f->message);
	free(f->operation);
	free(f->request_id);
	*f = (struct failure){0};
}

bool fail_set(struct failure *f, int status, const char *code, const char *format, ...)
{
	va_list args;
	char *message, *own_code;

	if (!f)
		return false;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		mem_out();
	va_end(args);
	own_code = mem_dup(code); /* which may be f's */
	fail_free(f);
	f->status = status;
	f->code = own_code;
	f->message = message;
	return false;
}

void fail_move(struct failure *to, struct failure *from)
{
	fail_free(to);
	*to = *from;
	*from = (struct failure){0};
}

void fail_copy(struct failure *to, const struct failure *from)
{
	struct failure copy = {from->status, mem_dup(from->code), mem_dup(from->message),
			       mem_dup(from->operation), mem_dup(from->request_id)};

	fail_move(to, &copy);
}

void fail_prefix(struct failure *f, const char *format, ...)
{
	va_list args;
	char *prefix, *message;

	va_start(args, format);
	if (vasprintf(&prefix, format, args) < 0)
		mem_out();
	va_end(args);
	message = mem_fmt("%s: %s", prefix, f->message ? f->message : "failed");
	free(prefix);
	free(f->message);
	f->message = message;
}
