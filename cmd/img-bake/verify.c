/* SPDX-License-Identifier: ISC
 * verify: a fresh machine from the image, scripts on it, and away with it. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "http.h"
#include "mem.h"
#include "status.h"
#include "stop.h"

/* The record's own scripts for this, else those of tests. */
static const char *member_of(const struct bake *b)
{
	return json_array_size(json_object_get(b->json, "verify")) ? "verify" : "tests";
}

bool verify_check(struct bake *b)
{
	const char *id = bake_deep(b, "image", "id");

	if (!id && !b->all->batch.dry)
		return fail_set(&b->failure, ST_DATA, "no-image",
				"%s: no image yet: img-bake create-image makes one", b->name);
	if (!json_array_size(json_object_get(b->json, "instance_types")))
		return fail_set(&b->failure, ST_DATA, "incomplete", "%s: no instance_types",
				b->name);
	bake_plan(b, "create", "instance", NULL, NULL, json_pack("{s:s*}", "image", id),
		  "a machine from the image, removed when the scripts ran on it");
	return scripts_are_there(b, member_of(b));
}

/* The same wish, but for the image and all that was done. */
static void begin(struct bake *v, struct bakes *all, struct bake *b)
{
	static const char *const done[] = {"source", "instance", "ssh", "steps", "image"};
	json_t *json = json_deep_copy(b->json), *t, *port;
	char *name = mem_fmt("%s verify", b->name), *temporary;

	for (size_t i = 0; i < sizeof done / sizeof *done; i++)
		json_object_del(json, done[i]);
	port = json_object_get(json_object_get(b->json, "ssh"), "port");
	if (port)
		json_object_set_new(json, "ssh", json_pack("{s:O}", "port", port));
	json_object_set_new(json, "name", json_string(name));
	json_object_set(json, "source_image",
			json_object_get(json_object_get(b->json, "image"), "id"));
	t = bake_temporary(b);
	temporary = mem_fmt("%s-v", json_string_value(json_object_get(t, "name")));
	json_object_set_new(json, "temporary", json_pack("{s:s}", "name", temporary));
	bake_begin(v, all, json);
	v->driver = b->driver;
	v->verified = b;
	v->left = json_array();
	free(temporary);
	free(name);
}

static bool wants_source(struct bake *v)
{
	v->item.wanted = v->json;
	return true;
}

static void take_source(struct bake *v)
{
	if (v->item.record)
		v->source = json_incref(v->item.record);
}

static void run_all(struct bakes *fresh)
{
	bakes_do(fresh, CLOUD_FIND, wants_source, take_source);
	machines_find_keys(fresh);
	machines_up(fresh);
	for (size_t i = 0; i < fresh->n; i++)
		if (bake_live(&fresh->list[i]))
			machines_run(fresh, "verify", member_of(&fresh->list[i]));
}

/* Also after a failure, which is kept. At a signal there is no time to wait for the end. */
static void remove_all(struct bakes *fresh)
{
	struct failure *kept = mem_alloc((fresh->n + 1) * sizeof *kept);

	for (size_t i = 0; i < fresh->n; i++)
		fail_move(&kept[i], &fresh->list[i].failure);
	if (stop_asked()) {
		http_timeout(fresh->accounts.engine, 2000);
		stop_put_off(true);
		machines_drop(fresh);
	} else {
		stop_put_off(true);
		machines_list_left(fresh);
		machines_destroy(fresh);
	}
	stop_put_off(false);
	for (size_t i = 0; i < fresh->n; i++)
		if (kept[i].status)
			fail_move(&fresh->list[i].failure, &kept[i]);
	free(kept);
}

void verify_act(struct bakes *s)
{
	struct bakes fresh = {.io = s->io, .o = s->o, .accounts = s->accounts};

	fresh.list = mem_alloc((s->n + 1) * sizeof *fresh.list);
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]))
			begin(&fresh.list[fresh.n++], &fresh, &s->list[i]);
	run_all(&fresh);
	remove_all(&fresh);
	for (size_t i = 0; i < fresh.n; i++) {
		fail_move(&fresh.list[i].verified->failure, &fresh.list[i].failure);
		bake_end(&fresh.list[i]);
	}
	s->accounts = fresh.accounts;
	free(fresh.list);
	for (size_t i = 0; i < s->n; i++) {
		bake_note(&s->list[i], "verify");
		bake_settle(&s->list[i]);
	}
}
