/* SPDX-License-Identifier: ISC
 * Long pages as text, for as long as the world does not change: a bench reads them many times,
 * and is about the client. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

enum { LONG = 16 * 1024 };

static json_t *pages;
static unsigned long generation;

static char *key_of(const struct request *r)
{
	return mem_fmt("%s %s?%s", r->account, r->path, r->query);
}

static bool may_cache(const struct request *r)
{
	const json_t *lag = json_object_get(behave(), "lag");

	return !r->changing && !json_is_object(lag) && !json_number_value(lag);
}

const char *do_cached(const struct request *r)
{
	const char *text;
	char *key;

	if (!may_cache(r) || generation != world_generation())
		return NULL;
	key = key_of(r);
	text = json_string_value(json_object_get(pages, key));
	free(key);
	return text;
}

void do_remember(const struct request *r)
{
	char *key;

	if (!may_cache(r) || r->status != 200 || r->answer.len < LONG)
		return;
	if (!pages || generation != world_generation()) {
		json_decref(pages);
		pages = json_object();
		generation = world_generation();
	}
	key = key_of(r);
	put(pages, key, json_stringn_nocheck(r->answer.data, r->answer.len));
	free(key);
}
