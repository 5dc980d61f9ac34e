/* SPDX-License-Identifier: ISC
 * How many requests a token has left. Sliding windows of model time; kept beside the state, so
 * that a dump of it is not full of them. Knobs "limits": {"hour": N, "minute": N, "keys": N}; 0
 * is no limit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

enum { HOUR = 3600 * 1000, MINUTE = 60 * 1000 };

struct window {
	char *name;
	int64_t *at; /* of the requests of the last hour, oldest first */
	size_t count;
	struct window *next;
};

static struct window *windows;

void do_limits_reset(void)
{
	while (windows) {
		struct window *w = windows;

		windows = w->next;
		free(w->name);
		free(w->at);
		free(w);
	}
}

static struct window *window_of(const char *kind, const char *token)
{
	char *name = mem_fmt("%s %s", kind, token);
	struct window *w = windows;

	while (w && strcmp(w->name, name) != 0)
		w = w->next;
	if (w) {
		free(name);
		return w;
	}
	w = mem_alloc(sizeof *w);
	w->name = name;
	w->next = windows;
	windows = w;
	return w;
}

static void forget(struct window *w)
{
	size_t old = 0;

	while (old < w->count && w->at[old] <= world_now() - HOUR)
		old++;
	w->count -= old;
	if (old)
		memmove(w->at, w->at + old, w->count * sizeof *w->at);
}

static void remember(struct window *w)
{
	if (w->count % 256 == 0)
		w->at = mem_grow(w->at, w->count + 256, sizeof *w->at);
	w->at[w->count++] = world_now();
}

/* When the LIMIT-th newest request was made if it is within SPAN; else -1. */
static int64_t full_since(const struct window *w, size_t limit, int64_t span)
{
	int64_t at;

	if (!limit || w->count < limit)
		return -1;
	at = w->at[w->count - limit];
	return at > world_now() - span ? at : -1;
}

static size_t limit(const char *name, size_t otherwise)
{
	const json_t *value = do_knob_of("limits", name);

	return json_is_number(value) ? (size_t)json_number_value(value) : otherwise;
}

static void say(struct request *r, const char *name, long long value)
{
	char text[32];

	snprintf(text, sizeof text, "%lld", value);
	answer_header(r, name, text);
}

static void say_window(struct request *r, const struct window *w, size_t most)
{
	int64_t oldest = w->count ? w->at[0] : world_now();

	say(r, "ratelimit-limit", (long long)most);
	say(r, "ratelimit-remaining", most > w->count ? (long long)(most - w->count) : 0);
	say(r, "ratelimit-reset", (oldest + HOUR + 999) / 1000);
}

static bool too_many(struct request *r, int64_t since, int64_t span)
{
	if (since < 0)
		return false;
	if (span == MINUTE)
		say(r, "retry-after", (since + span - world_now() + 999) / 1000);
	do_refuse(r, 429, "API Rate limit exceeded.");
	return true;
}

bool do_within_limits(struct request *r)
{
	struct window *all = window_of("all", r->access_key);
	struct window *keys =
	    !strcmp(r->action, "sshKeys_list") ? window_of("keys", r->access_key) : NULL;
	size_t hour = limit("hour", 5000);
	bool refused;

	forget(all);
	if (keys)
		forget(keys);
	refused = too_many(r, full_since(all, hour, HOUR), HOUR) ||
		  too_many(r, full_since(all, limit("minute", 250), MINUTE), MINUTE) ||
		  (keys && too_many(r, full_since(keys, limit("keys", 10), MINUTE), MINUTE));
	if (!refused)
		remember(all);
	if (!refused && keys)
		remember(keys);
	say_window(r, all, hour);
	return !refused;
}
