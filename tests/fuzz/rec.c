/* SPDX-License-Identifier: ISC
 * libFuzzer: any bytes as a record stream. What the reader passes on, it passes on again unchanged,
 * and a record that was changed is still JSON. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rec.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static char *pass(const char *text, size_t *len, bool documents, bool change)
{
	int in = memfd_create("in", MFD_CLOEXEC), out = memfd_create("out", MFD_CLOEXEC);
	struct rec_io *io = rec_start("fuzz");
	char path[64], *result;
	struct rec *r;

	if (write(in, text, *len) != (ssize_t)*len || dup2(out, STDOUT_FILENO) < 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", in);
	rec_open(io, path);
	rec_documents(io, documents);
	while ((r = rec_read(io))) {
		if (change && json_is_object(r->json)) {
			rec_set(r, "a", json_integer(1));
			rec_del(r, "b");
		}
		rec_write(io, r);
	}
	rec_finish(io);
	*len = (size_t)lseek(out, 0, SEEK_END);
	result = malloc(*len + 1);
	if (!result || pread(out, result, *len, 0) != (ssize_t)*len)
		abort();
	close(in);
	close(out);
	return result;
}

/* Each line is a value. */
static void check_json(const char *text, size_t len)
{
	const size_t flags = JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL;
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		json_t *json =
		    newline ? json_loadb(text, (size_t)(newline - text), flags, NULL) : NULL;

		if (!json)
			abort();
		json_decref(json);
		text = newline + 1;
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	bool documents = len & 1;
	size_t first_len = len, again_len, changed_len;
	char *first, *again, *changed;

	first = pass((const char *)data, &first_len, documents, false);
	again_len = first_len;
	again = pass(first, &again_len, documents, false);
	if (again_len != first_len || memcmp(first, again, first_len))
		abort();
	changed_len = first_len;
	changed = pass(first, &changed_len, documents, true);
	check_json(changed, changed_len);
	free(first);
	free(again);
	free(changed);
	return 0;
}
