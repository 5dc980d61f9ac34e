/* SPDX-License-Identifier: ISC
 * The bake record: what is wanted, and what was done. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "cli.h"
#include "clock.h"
#include "env.h"
#include "mem.h"
#include "plan.h"
#include "sha256-hex.h"
#include "status.h"

enum { TTL_SECONDS = 4 * 3600 };

void bake_begin(struct bake *b, struct bakes *all, json_t *json)
{
	*b = (struct bake){.all = all, .json = json, .began = clk_now()};
	b->name = bake_text(b, "name");
	if (!b->name)
		b->name = bake_text(b, "image_name");
	if (!b->name)
		b->name = "?";
}

void bake_end(struct bake *b)
{
	cloud_item_free(&b->item);
	json_decref(b->wanted);
	json_decref(b->source);
	json_decref(b->keys);
	json_decref(b->left);
	free(b->host_public);
	json_decref(b->json);
	fail_free(&b->failure);
	fail_free(&b->unsure);
}

bool bake_live(const struct bake *b)
{
	return !b->failure.status && !b->done;
}

const char *bake_text(const struct bake *b, const char *key)
{
	return json_string_value(json_object_get(b->json, key));
}

const char *bake_deep(const struct bake *b, const char *key, const char *deep)
{
	return json_string_value(json_object_get(json_object_get(b->json, key), deep));
}

void bake_put(struct bake *b, const char *key, json_t *value)
{
	if (!value || json_object_set_new(b->json, key, value))
		mem_out();
}

/* What tells this image from every other one, whatever is said of it later. It is a host name, too:
 * without _ . */
static char *temporary_name(const struct bake *b)
{
	static const char *const members[] = {"provider",     "account", "region",
					      "distribution", "name",    "image_name"};
	const char *said = bake_text(b, "run");
	struct buf all = {0};
	char hash[65], *run = env_run_form(said ? said : env_run()), *text, *name;

	buf_fmt(&all, "%s\n", run);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *value = bake_text(b, members[i]);

		buf_fmt(&all, "%s\n", value ? value : "");
	}
	sha256_hex(all.data, all.len, hash);
	text = mem_fmt("sluice-%s-%.8s", run, hash);
	name = env_run_form(text);
	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	free(run);
	free(text);
	buf_free(&all);
	return name;
}

static json_t *expiry(void)
{
	const char *ttl = env_get("SLUICE_TTL");
	long long seconds = TTL_SECONDS;
	char text[32];

	if (ttl && (!cli_duration(ttl, &seconds) || seconds < 60))
		cli_die(ST_CONFIG, "cannot use SLUICE_TTL '%s': not a time of a minute or more",
			ttl);
	return json_string(clk_iso(clk_now() + seconds * 1000, text));
}

json_t *bake_temporary(struct bake *b)
{
	json_t *t = json_object_get(b->json, "temporary");

	if (!json_is_object(t)) {
		bake_put(b, "temporary", json_object());
		t = json_object_get(b->json, "temporary");
	}
	if (!json_is_string(json_object_get(t, "name"))) {
		char *name = temporary_name(b);

		json_object_set_new(t, "name", json_string(name));
		free(name);
	}
	if (!json_is_string(json_object_get(t, "expires")))
		json_object_set_new(t, "expires", expiry());
	return t;
}

void bake_temporary_put(struct bake *b, const char *key, json_t *value)
{
	if (!value || json_object_set_new(bake_temporary(b), key, value))
		mem_out();
}

void bake_note(struct bake *b, const char *step)
{
	json_t *steps = json_object_get(b->json, "steps");
	char text[32];

	if (!json_is_array(steps)) {
		bake_put(b, "steps", json_array());
		steps = json_object_get(b->json, "steps");
	}
	if (json_array_append_new(steps,
				  json_pack("{s:s, s:s, s:I, s:s}", "step", step, "started",
					    clk_iso(b->began, text), "seconds",
					    (json_int_t)((clk_now() - b->began) / 1000), "outcome",
					    b->failure.status ? "failed" : "done")))
		mem_out();
}

static bool wrong(struct bake *b, const char *key, const char *what)
{
	return fail_set(&b->failure, ST_DATA, "wrong-type", "%s: '%s' is not %s", b->name, key,
			what);
}

static bool is_texts(const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, one)
		if (!json_is_string(one))
			return false;
	return json_is_array(list);
}

bool bake_check(struct bake *b)
{
	static const char *const texts[] = {"name",        "account",    "region",   "distribution",
					    "username",    "key_pair",   "key_file", "subnet",
					    "user_data",   "image_name", "run",      "description",
					    "source_image"};
	static const char *const lists[] = {"zones",      "instance_types", "security_groups",
					    "bootstrap",  "tests",          "verify",
					    "environment"};
	static const char *const objects[] = {"source", "tags", "instance",
					      "image",  "ssh",  "temporary"};
	const json_t *value;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if ((value = json_object_get(b->json, texts[i])) && !json_is_null(value) &&
		    (!json_is_string(value) || !json_string_length(value)))
			return wrong(b, texts[i], "a text");
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if ((value = json_object_get(b->json, lists[i])) && !json_is_null(value) &&
		    !is_texts(value))
			return wrong(b, lists[i], "an array of texts");
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
		if ((value = json_object_get(b->json, objects[i])) && !json_is_null(value) &&
		    !json_is_object(value))
			return wrong(b, objects[i], "an object");
	if ((value = json_object_get(b->json, "disk")) && !json_is_integer(value) &&
	    !json_is_null(value))
		return wrong(b, "disk", "a whole number of GB");
	return true;
}

bool bake_needs_machine(struct bake *b)
{
	const char *status = bake_deep(b, "instance", "status");

	if (status && !strcmp(status, "gone"))
		return fail_set(&b->failure, ST_DATA, "no-machine", "%s: its machine is gone",
				b->name);
	if (!bake_deep(b, "instance", "id") && !b->all->batch.dry)
		return fail_set(&b->failure, ST_DATA, "no-machine",
				"%s: no machine yet: img-bake up makes one", b->name);
	return true;
}

void bake_event(struct bake *b, const char *event, const char *kind, const char *id)
{
	if (!b->all->o->in_place)
		rec_event(
		    b->all->io, event, kind, b->driver->provider, id,
		    json_pack("{s:s*, s:s}", "region", bake_text(b, "region"), "bake", b->name));
}

void bake_plan(struct bake *b, const char *action, const char *kind, const char *name,
	       const char *id, json_t *after, const char *because)
{
	if (b->work)
		plan_add(b->work->plan, action, kind, b->driver->provider, bake_text(b, "region"),
			 name, id, NULL, after, because);
	else
		json_decref(after);
}

void bake_settle(struct bake *b)
{
	static const char *const members[] = {"instance", "image", "ssh", "temporary", "steps"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *value = json_object_get(b->json, members[i]);

		if (value)
			rec_set(b->work->rec, members[i], json_deep_copy(value));
		else if (json_object_get(b->work->rec->json, members[i]))
			rec_del(b->work->rec, members[i]);
	}
	fail_move(&b->work->failure, &b->failure);
	b->done = true;
	batch_settle(&b->all->batch, b->work);
}
