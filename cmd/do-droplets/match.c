/* SPDX-License-Identifier: ISC
 * The wanted machines among those that are there: by id, else by name, which may be only one's. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cli.h"
#include "droplets.h"
#include "mem.h"
#include "plan.h"
#include "status.h"

struct index {
	json_t *by_id;   /* id → record */
	json_t *by_name; /* lower-case name → [record] */
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static char *lower(const char *text)
{
	char *copy = mem_dup(text);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* The list at a key, made when there is none. */
static json_t *list_at(json_t *object, const char *key)
{
	json_t *list = json_object_get(object, key);

	if (!list) {
		list = json_array();
		json_object_set_new(object, key, list);
	}
	return list;
}

static struct index index_of(const json_t *records)
{
	struct index x = {json_object(), json_object()};
	json_t *record;
	size_t i;

	json_array_foreach(records, i, record) {
		char *name = lower(text_of(record, "name"));

		json_object_set(x.by_id, text_of(record, "id"), record);
		json_array_append(list_at(x.by_name, name), record);
		free(name);
	}
	return x;
}

static char *id_of(const json_t *record)
{
	const json_t *id = json_object_get(record, "id");

	if (json_is_integer(id))
		return mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(id));
	return mem_dup(json_string_value(id));
}

static char *ids(const json_t *list)
{
	struct buf text = {0};
	json_t *record;
	size_t i;

	json_array_foreach(list, i, record)
		buf_fmt(&text, "%s%s", i ? ", " : "", text_of(record, "id"));
	return buf_take(&text);
}

static void find(struct want *w, const struct index *x)
{
	char *name = lower(text_of(w->json, "name")), *id = id_of(w->json), *all;
	const json_t *named = json_object_get(x->by_name, name);

	w->found = id && *id ? json_object_get(x->by_id, id) : NULL;
	if (!w->found && json_array_size(named) > 1) {
		all = ids(named);
		fail_set(&w->work->failure, ST_NO, "ambiguous",
			 "there are %zu droplets '%s': %s; say which by 'id'",
			 json_array_size(named), name, all);
		plan_add(w->work->plan, "conflict", "instance", "digitalocean",
			 json_string_value(json_object_get(w->json, "region")),
			 text_of(w->json, "name"), NULL, NULL, NULL, w->work->failure.message);
		free(all);
	} else if (!w->found) {
		w->found = json_array_get(named, 0);
	}
	free(name);
	free(id);
}

/* Whether what is wanted is what is there; what is not wanted in particular is. */
static bool agrees(const struct want *w, const char *key, json_t *before, json_t *after)
{
	json_t *wanted = json_object_get(w->json, key), *is = json_object_get(w->found, key);
	bool same = !strcmp(key, "name")
			? !strcasecmp(text_of(w->json, key), text_of(w->found, key))
			: json_equal(wanted, is);

	if (!wanted || json_is_null(wanted) || !is || same)
		return true;
	json_object_set(before, key, is);
	json_object_set(after, key, wanted);
	return false;
}

static bool same_image(const struct want *w)
{
	char *id = NULL;
	const json_t *wanted = json_object_get(w->json, "image");
	bool same;

	if (json_is_integer(wanted))
		id = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(wanted));
	same = !strcmp(id ? id : text_of(w->json, "image"), text_of(w->found, "image_id"));
	free(id);
	return same;
}

/* NULL: none. */
static char *differences(const json_t *before, const json_t *after)
{
	struct buf text = {0};
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)before, key, value) {
		char *is = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		char *wanted = json_dumps(json_object_get(after, key), JSON_ENCODE_ANY);

		buf_fmt(&text, "%s%s is %s, not %s", text.len ? ", " : "", key, is, wanted);
		free(is);
		free(wanted);
	}
	if (text.len)
		return buf_take(&text);
	buf_free(&text);
	return NULL;
}

/* Size and region make it another machine; image and backups are only told. */
static void compare(struct want *w)
{
	static const char *const fixed[] = {"name", "region", "size"};
	static const char *const loose[] = {"backups", "image", "monitoring", "subnet"};
	json_t *before = json_object(), *after = json_object();
	const char *id = text_of(w->found, "id"), *name = text_of(w->found, "name");
	bool conflict = false;
	char *text;

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		conflict = !agrees(w, fixed[i], before, after) || conflict;
	for (size_t i = 0; !conflict && i < sizeof loose / sizeof *loose; i++)
		if (strcmp(loose[i], "image") != 0 || !same_image(w))
			agrees(w, loose[i], before, after);
	text = differences(before, after);
	if (conflict)
		fail_set(&w->work->failure, ST_NO, "conflict",
			 "droplet '%s' (%s) is another one: %s", name, id, text ? text : "");
	else if (text)
		cli_note("droplet '%s' (%s) is kept as it is: %s", name, id, text);
	plan_add(w->work->plan, conflict ? "conflict" : "keep", "instance", "digitalocean",
		 text_of(w->found, "region"), name, id, text ? before : NULL, text ? after : NULL,
		 text);
	if (!text) {
		json_decref(before);
		json_decref(after);
	}
	free(text);
}

/* Two records that want one machine. */
static void refuse_twins(struct ensure *e)
{
	json_auto_t *names = json_object();

	for (size_t i = 0; i < e->n; i++) {
		struct want *w = &e->wants[i];
		char *name;

		if (w->work->failure.status)
			continue;
		name = lower(text_of(w->json, "name"));
		if (json_object_get(names, name))
			fail_set(&w->work->failure, ST_DATA, "bad-instance",
				 "two records want droplet '%s'", name);
		json_object_set_new(names, name, json_true());
		free(name);
	}
}

void match_all(struct ensure *e)
{
	struct index x = index_of(e->there);

	refuse_twins(e);
	for (size_t i = 0; i < e->n; i++) {
		struct want *w = &e->wants[i];

		if (w->work->failure.status)
			continue;
		find(w, &x);
		if (w->found)
			compare(w);
	}
	json_decref(x.by_id);
	json_decref(x.by_name);
}
