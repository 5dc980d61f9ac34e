/* SPDX-License-Identifier: ISC */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "mem.h"
#include "world.h"

void clock_pin(int64_t ms);
int64_t clock_goal(void);

static json_t *root;
static json_t *knobs;

/* What the state was, oldest first; kept only while lists lag. */
static struct past {
	int64_t at;
	json_t *root;
} * history;
static size_t moments;
static json_t *present; /* the root, while the world is looked at as it was */
static int64_t present_at;

json_t *state(void)
{
	if (!root)
		root = json_object();
	return root;
}

static unsigned long generation;

unsigned long world_generation(void)
{
	return generation;
}

void world_touch(void)
{
	generation++;
}

json_t *behave(void)
{
	if (!knobs)
		behave_reset();
	return knobs;
}

void behave_reset(void)
{
	json_decref(knobs);
	/* Seconds of model time. */
	knobs = json_pack(
	    "{s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}, s:i}",
	    "phases", "pending", 20, "in_service", 5, "healthy", 15, "drain", 30, "terminating", 20,
	    "stopping", 20, "deleting", 5, "gone", 3600, "launch_retry", 30, "health_check", 10,
	    "console", 30, "image", 60, "copy", 120, "deregistered", 0, "lag", 0);
}

void behave_change(json_t *change)
{
	json_object_update_recursive(behave(), change);
}

double phase(const char *name)
{
	return json_number_value(json_object_get(json_object_get(behave(), "phases"), name));
}

int64_t phase_ms(const char *name)
{
	return (int64_t)(phase(name) * 1000);
}

static int64_t lag_ms(void)
{
	const json_t *lag = json_object_get(behave(), "lag");

	if (json_is_object(lag))
		lag = json_object_get(lag, "seconds");
	return (int64_t)(json_number_value(lag) * 1000);
}

static void forget(size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_decref(history[i].root);
	moments -= n;
	if (moments)
		memmove(history, history + n, moments * sizeof *history);
}

static void remember(void)
{
	size_t old = 0;

	if (!lag_ms()) {
		if (moments)
			forget(moments);
		return;
	}
	while (old + 1 < moments && history[old + 1].at <= world_now() - lag_ms())
		old++;
	if (old)
		forget(old);
	history = mem_grow(history, moments + 1, sizeof *history);
	history[moments++] = (struct past){world_now(), json_deep_copy(state())};
}

static void see_to_machines(void)
{
	machines_look();
	for (size_t i = 0; services[i]; i++)
		if (services[i]->machines)
			services[i]->machines();
	machines_settled();
}

void world_settle(void)
{
	int64_t goal = clock_goal(), next;

	for (int turns = 0; turns < 100000; turns++) {
		next = INT64_MAX;
		for (size_t i = 0; services[i]; i++) {
			int64_t due = services[i]->settle ? services[i]->settle() : INT64_MAX;

			if (due < next)
				next = due;
		}
		remember();
		if (next > goal)
			break;
		clock_pin(next > world_now() ? next : world_now());
	}
	clock_pin(goal);
	if (machines_on())
		see_to_machines();
}

static bool lags(const struct request *r)
{
	const json_t *lag = json_object_get(behave(), "lag");
	const char *actions = json_is_object(lag) ? str(lag, "actions") : "";
	regex_t re;
	bool found;

	if (!lag_ms())
		return false;
	if (!*actions)
		return true;
	if (regcomp(&re, actions, REG_EXTENDED | REG_NOSUB))
		return false;
	found = !regexec(&re, r->action ? r->action : "", 0, NULL, 0);
	regfree(&re);
	return found;
}

void world_look_back(const struct request *r)
{
	size_t i = 0;

	if (!lags(r) || !moments)
		return;
	while (i + 1 < moments && history[i + 1].at <= world_now() - lag_ms())
		i++;
	present = root;
	present_at = world_now();
	root = history[i].root;
	clock_pin(present_at - lag_ms());
}

void world_look_ahead(void)
{
	if (!present)
		return;
	root = present;
	present = NULL;
	clock_pin(present_at);
}

void world_reset(void)
{
	json_decref(root);
	root = NULL;
	forget(moments);
	behave_reset();
	world_seed(NULL);
}

bool world_load(json_t *dump)
{
	json_t *loaded = json_object_get(dump, "state");

	if (!json_is_object(loaded))
		return false;
	json_decref(root);
	root = json_deep_copy(loaded);
	forget(moments);
	if (json_is_object(json_object_get(dump, "behave"))) {
		behave_reset();
		behave_change(json_object_get(dump, "behave"));
	}
	return true;
}

json_t *world_dump(void)
{
	return json_pack("{s:o, s:O, s:O}", "clock", world_clock(), "behave", behave(), "state",
			 state());
}

void world_seed(json_t *seed)
{
	for (size_t i = 0; services[i]; i++)
		if (services[i]->seed)
			services[i]->seed(seed);
}

json_t *place(const char *account, const char *region)
{
	return sub(sub(sub(sub(state(), "accounts"), account), "regions"), region);
}

json_t *table(json_t *where, const char *name)
{
	return sub(where, name);
}

uint64_t fnv(const char *text)
{
	uint64_t hash = 14695981039346656037u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	/* Mixed at last, so that names which differ little give ids that differ much. */
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdu;
	return hash ^ hash >> 33;
}

static uint64_t next_number(const char *prefix)
{
	char text[64];
	long long serial = num(state(), "serial", 0) + 1;

	put_int(state(), "serial", serial);
	snprintf(text, sizeof text, "%s%lld", prefix, serial);
	return fnv(text);
}

char *new_id(const char *prefix)
{
	return mem_fmt("%s0%016llx", prefix, (unsigned long long)next_number(prefix));
}

char *new_uuid(void)
{
	uint64_t a = next_number("uuid"), b = next_number("uuid");

	return mem_fmt("%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(a >> 32),
		       (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(b >> 52),
		       (unsigned long long)(b & 0xffffffffffff));
}
