/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "world.h"

static json_t *entries;
static long long count;

void journal_begin(struct request *r)
{
	if (!entries)
		entries = json_array();
	r->n = ++count;
	r->entry = json_pack("{s:I, s:o, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:O*}", "n",
			     (json_int_t)r->n, "time", world_time(world_now()), "method", r->method,
			     "path", r->path, "service", r->service_name, "region", r->region,
			     "action", r->action, "key", r->access_key, "params", r->params);
	if (r->entry)
		json_array_append(entries, r->entry);
}

void journal_end(struct request *r, const json_t *fault)
{
	static const char *const left[] = {NULL, "reset", "truncate", "stall"};

	if (!r->entry)
		return;
	put(r->entry, "status", r->status ? json_integer(r->status) : json_null());
	if (fault)
		put_str(r->entry, "fault", str(fault, "effect"));
	if (left[r->outcome])
		put_str(r->entry, "outcome", left[r->outcome]);
	put(r->entry, "changing", json_boolean(r->changing));
	put(r->entry, "changed", json_boolean(r->changed));
}

void journal_clear(void)
{
	if (entries)
		json_array_clear(entries);
	count = 0;
}

void journal_write(struct buf *out, long long after)
{
	size_t i;
	json_t *entry;

	json_array_foreach(entries, i, entry) {
		char *line;

		if (num(entry, "n", 0) <= after)
			continue;
		line = json_dumps(entry, JSON_COMPACT);
		if (line)
			buf_fmt(out, "%s\n", line);
		free(line);
	}
}
