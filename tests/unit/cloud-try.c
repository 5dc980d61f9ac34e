/* SPDX-License-Identifier: ISC
 * cloud-try VERB KIND [ROUNDS] <ITEM: asks DigitalOcean's driver one thing, then its state so many
 * times; after each {"record","id","made","ready","unclear","error"}. ITEM: {"wanted","id",
 * "region","run","name","temporary","own","on","attempt","certain"}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cloud.h"
#include "mem.h"

static const struct cli cli = {.usage = "cloud-try VERB KIND [ROUNDS]", .help = ""};
static const char *const kinds[] = {"instances", "images", "keys",      "sizes",
				    "regions",   "groups", "snapshots", "volumes"};

static void say(struct cloud_item *item)
{
	json_t *answer = json_pack("{s:O*, s:s*, s:b, s:b, s:b, s:b}", "record", item->record, "id",
				   item->id, "made", item->made, "ready", item->ready, "unclear",
				   item->unclear, "no_capacity", item->no_capacity);

	if (item->failure.status)
		json_object_set_new(answer, "error",
				    json_pack("{s:i, s:s, s:s}", "status", item->failure.status,
					      "code", item->failure.code, "message",
					      item->failure.message));
	json_dumpf(answer, stdout, JSON_COMPACT);
	puts("");
	json_decref(answer);
}

static void say_failure(struct cloud_item *item)
{
	if (item->failure.status)
		say(item);
}

static void each(struct cloud_item *item, json_t *record)
{
	(void)item;
	json_dumpf(record, stdout, JSON_COMPACT);
	puts("");
}

typedef void verb(struct cloud_item *const *, size_t, void (*)(struct cloud_item *));

static verb *verb_of(const struct cloud_driver *d, const char *name)
{
	const struct {
		const char *name;
		verb *function;
	} verbs[] = {{"list", d->list},   {"create", d->create}, {"state", d->state},
		     {"power", d->power}, {"remove", d->remove}, {"find", d->find},
		     {"image", d->image}, {"copy", d->copy},     {"share", d->share},
		     {"users", d->users}};

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(verbs[i].name, name) && verbs[i].function)
			return verbs[i].function;
	cli_die(64, "no verb '%s'", name);
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int main(int argc, char **argv)
{
	const struct cloud_driver *driver = &cloud_digitalocean;
	json_t *wish = json_loadf(stdin, 0, NULL);
	struct http *engine;
	struct failure f = {0};
	struct cloud_item item = {.wanted = json_object_get(wish, "wanted"),
				  .region = text_of(wish, "region"),
				  .run = text_of(wish, "run"),
				  .name = text_of(wish, "name"),
				  .each = each};
	struct cloud_item *items[] = {&item};

	cli_start(argc, argv, &cli);
	while (item.kind < CLOUD_KINDS && strcmp(kinds[item.kind], argv[2]) != 0)
		item.kind++;
	item.temporary = json_is_true(json_object_get(wish, "temporary"));
	item.own = json_is_true(json_object_get(wish, "own"));
	item.on = json_is_true(json_object_get(wish, "on"));
	item.certain = json_is_true(json_object_get(wish, "certain"));
	item.attempt = (unsigned)json_integer_value(json_object_get(wish, "attempt"));
	item.id = text_of(wish, "id") ? mem_dup(text_of(wish, "id")) : NULL;

	engine = http_new();
	item.cloud = driver->open(engine, &f);
	if (!item.cloud)
		cli_fail(&f);
	verb_of(driver, argv[1])(items, 1, strcmp(argv[1], "list") != 0 ? say : say_failure);
	for (int i = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0; i > 0; i--) {
		cloud_item_again(&item);
		driver->state(items, 1, say);
	}
	cloud_item_free(&item);
	driver->close(item.cloud);
	http_free(engine);
	json_decref(wish);
	return 0;
}
