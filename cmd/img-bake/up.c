/* SPDX-License-Identifier: ISC
 * up: a machine for each image that is to be, booted and logged in to. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "cli.h"
#include "mem.h"
#include "status.h"
#include "stop.h"

static bool missing(struct bake *b, const char *what)
{
	return fail_set(&b->failure, ST_DATA, "incomplete", "%s: no %s", b->name, what);
}

bool up_check(struct bake *b)
{
	if (!bake_text(b, "username") && !b->driver->login && !b->all->o->no_ssh)
		return missing(b, "username");
	if (bake_deep(b, "instance", "id"))
		return true;
	if (!bake_text(b, "source_image") && !json_object_size(json_object_get(b->json, "source")))
		return missing(b, "source_image and no source");
	if (!json_array_size(json_object_get(b->json, "instance_types")))
		return missing(b, "instance_types");
	return true;
}

static bool lacks_machine(struct bake *b)
{
	return !bake_deep(b, "instance", "id");
}

static void take_state(struct bake *b)
{
	const char *status = json_string_value(json_object_get(b->item.record, "status"));

	if (b->item.failure.status || !status || !strcmp(status, "gone") ||
	    !strcmp(status, "deleting"))
		return;
	b->has_machine = true;
	b->asleep = !strcmp(status, "off");
	bake_put(b, "instance", json_incref(b->item.record));
}

/* What the record says of a machine that is gone must not be taken for the next one's. */
static void forget_machine(struct bake *b)
{
	json_int_t attempt =
	    json_integer_value(json_object_get(json_object_get(b->json, "temporary"), "attempt"));

	json_object_del(b->json, "instance");
	json_object_del(json_object_get(b->json, "ssh"), "host_keys");
	json_object_del(json_object_get(b->json, "ssh"), "host");
	json_object_del(json_object_get(b->json, "temporary"), "expires");
	bake_temporary_put(b, "attempt", json_integer(attempt + 1));
}

static bool wants_source(struct bake *b)
{
	b->item.wanted = b->json;
	return !b->has_machine;
}

static void say_no_match(struct bake *b)
{
	const json_t *source = json_object_get(b->json, "source"),
		     *image = json_object_get(b->json, "source_image");
	char *text = json_dumps(image ? image : source, JSON_COMPACT | JSON_ENCODE_ANY);

	fail_set(&b->item.failure, ST_NO, "no-match", "no image to start from is %s", text);
	free(text);
}

static void take_source(struct bake *b)
{
	const char *owner = json_string_value(json_object_get(b->item.record, "owner")),
		   *created = json_string_value(json_object_get(b->item.record, "created")),
		   *name = json_string_value(json_object_get(b->item.record, "name"));

	if (b->item.failure.code && !strcmp(b->item.failure.code, "no-match"))
		say_no_match(b);
	if (b->item.failure.status || !b->item.record)
		return;
	b->source = json_incref(b->item.record);
	cli_note("%s: made from image %s%s%s%s%s%s%s", b->name,
		 json_string_value(json_object_get(b->source, "id")), name ? ", " : "",
		 name ? name : "", owner ? ", of " : "", owner ? owner : "", created ? ", " : "",
		 created ? created : "");
}

static void plan(struct bake *b)
{
	const char *name = json_string_value(json_object_get(bake_temporary(b), "name"));
	const json_t *types = json_object_get(b->json, "instance_types");

	if (b->asleep)
		bake_plan(b, "change", "instance", name, bake_deep(b, "instance", "id"),
			  json_pack("{s:s}", "status", "active"), "it is off");
	else if (b->has_machine)
		bake_plan(b, "keep", "instance", name, bake_deep(b, "instance", "id"), NULL,
			  "it is up");
	else
		bake_plan(b, "create", "instance", name, NULL,
			  json_pack("{s:O, s:O}", "image", json_object_get(b->source, "id"), "size",
				    json_array_get(types, 0)),
			  "the machine that the image is made of; temporary");
	if (b->all->batch.dry && !b->has_machine)
		bake_put(b, "instance",
			 json_pack("{s:s, s:O, s:n, s:s, s:O*}", "kind", "instance", "provider",
				   json_object_get(b->json, "provider"), "id", "name", name,
				   "region", json_object_get(b->json, "region")));
}

void up_look(struct bakes *s)
{
	bakes_do(s, CLOUD_STATE, machine_item, take_state);
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]) && !s->list[i].has_machine &&
		    !lacks_machine(&s->list[i]))
			forget_machine(&s->list[i]);
	bakes_do(s, CLOUD_FIND, wants_source, take_source);
	machines_find_keys(s);
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]))
			plan(&s->list[i]);
}

/* An interrupted up leaves nothing that it made: within the four seconds that there are, it asks
 * for the removal; destroy waits for its end. */
static void take_back(struct bakes *s)
{
	http_timeout(s->accounts.engine, 2000);
	stop_put_off(true);
	machines_drop(s);
	stop_put_off(false);
}

void up_act(struct bakes *s)
{
	machines_up(s);
	if (stop_asked())
		take_back(s);
	for (size_t i = 0; i < s->n; i++) {
		bake_note(&s->list[i], "up");
		bake_settle(&s->list[i]);
	}
}
