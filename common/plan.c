/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "plan.h"
#include "status.h"

static void put_text(json_t *record, const char *key, const char *text)
{
	if (json_object_set_new(record, key, text ? json_string(text) : json_null()))
		mem_out();
}

void plan_add(json_t *plan, const char *action, const char *target, const char *provider,
	      const char *region, const char *name, const char *id, json_t *before, json_t *after,
	      const char *because)
{
	json_t *record = json_pack("{s:s}", "kind", "plan");

	if (!record)
		mem_out();
	put_text(record, "action", action);
	put_text(record, "target", target);
	put_text(record, "provider", provider);
	put_text(record, "region", region);
	put_text(record, "name", name);
	put_text(record, "id", id);
	if (before)
		json_object_set_new(record, "before", before);
	if (after)
		json_object_set_new(record, "after", after);
	if (because)
		put_text(record, "because", because);
	if (json_array_append_new(plan, record))
		mem_out();
}

static const char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

static bool changes(const json_t *record)
{
	const char *action = text_of(record, "action");

	return !strcmp(action, "create") || !strcmp(action, "change") || !strcmp(action, "delete");
}

size_t plan_changes(const json_t *plan, const char *target)
{
	size_t i, n = 0;
	json_t *record;

	json_array_foreach(plan, i, record)
		n += changes(record) && (!target || !strcmp(text_of(record, "target"), target));
	return n;
}

void plan_emit(struct rec_io *io, const json_t *plan)
{
	size_t i;
	json_t *record;

	json_array_foreach(plan, i, record)
		rec_emit(io, json_incref(record));
}

static bool at_end(FILE *file)
{
	int c;

	while ((c = getc(file)) != EOF)
		if (!isspace(c)) {
			ungetc(c, file);
			return false;
		}
	return !ferror(file);
}

json_t *plan_read(const char *path, struct failure *f)
{
	FILE *file = fopen(path, "re");
	json_t *plan = json_array(), *value;
	json_error_t error;
	bool clean;

	if (!plan)
		mem_out();
	if (!file) {
		fail_set(f, ST_NOINPUT, "no-plan", "cannot read '%s': %s", path, strerror(errno));
		json_decref(plan);
		return NULL;
	}
	while ((clean = at_end(file)) == false &&
	       (value = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error))) {
		if (!strcmp(text_of(value, "kind"), "plan"))
			json_array_append(plan, value);
		json_decref(value);
	}
	fclose(file);
	if (clean)
		return plan;
	fail_set(f, ST_DATA, "bad-plan", "cannot read '%s': %s at line %d", path, error.text,
		 error.line);
	json_decref(plan);
	return NULL;
}

/* null in what was reviewed stands for what only the cloud could know. */
static bool same(const json_t *reviewed, const json_t *now)
{
	const char *key;
	json_t *value;
	size_t i;

	if (!reviewed || json_is_null(reviewed))
		return true;
	if (json_is_object(reviewed) && json_is_object(now)) {
		json_object_foreach((json_t *)(uintptr_t)now, key, value)
			if (!json_object_get(reviewed, key))
				return false;
		json_object_foreach((json_t *)(uintptr_t)reviewed, key, value)
			if (!same(value, json_object_get(now, key)))
				return false;
		return true;
	}
	if (json_is_array(reviewed) && json_array_size(reviewed) == json_array_size(now)) {
		json_array_foreach(reviewed, i, value)
			if (!same(value, json_array_get(now, i)))
				return false;
		return true;
	}
	return json_equal(reviewed, now);
}

static bool names(const json_t *reviewed, const json_t *record)
{
	static const char *const members[] = {"action", "target", "provider", "region",
					      "name",   "id",     "after"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (!same(json_object_get(reviewed, members[i]),
			  json_object_get(record, members[i])))
			return false;
	return true;
}

static bool has(const json_t *reviewed, const json_t *record)
{
	size_t i;
	json_t *known;

	json_array_foreach(reviewed, i, known)
		if (names(known, record))
			return true;
	return false;
}

bool plan_allowed(const json_t *plan, const json_t *reviewed, struct failure *f)
{
	size_t i;
	json_t *record;

	json_array_foreach(plan, i, record)
		if (changes(record) && !has(reviewed, record))
			return fail_set(f, ST_GUARD, "not-planned",
					"to %s %s '%s' is not in the plan that was reviewed",
					text_of(record, "action"), text_of(record, "target"),
					text_of(record, "name"));
	return true;
}

bool plan_knows_conflict(const json_t *plan, const json_t *reviewed)
{
	size_t i, conflicts = 0;
	json_t *record;

	json_array_foreach(plan, i, record) {
		if (strcmp(text_of(record, "action"), "conflict") != 0)
			continue;
		if (!has(reviewed, record))
			return false;
		conflicts++;
	}
	return conflicts > 0;
}

bool plan_makes_dry(const struct rec *r)
{
	return (r->kind && !strcmp(r->kind, "plan")) ||
	       json_is_true(json_object_get(r->json, "planned"));
}
