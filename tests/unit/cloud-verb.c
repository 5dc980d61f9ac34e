/* SPDX-License-Identifier: ISC
 * cloud-verb PROVIDER VERB [KIND]: one verb for all items of stdin, objects with the members of
 * struct cloud_item that it reads: region, id, wanted, attempt, certain, on, own, run, name,
 * temporary. Writes what became of each, in their order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cloud-all.h"
#include "mem.h"

static const char *const verbs[] = {
    [CLOUD_LIST] = "list",   [CLOUD_CREATE] = "create",       [CLOUD_STATE] = "state",
    [CLOUD_POWER] = "power", [CLOUD_REMOVE] = "remove",       [CLOUD_FIND] = "find",
    [CLOUD_IMAGE] = "image", [CLOUD_COPY] = "copy",           [CLOUD_SHARE] = "share",
    [CLOUD_USERS] = "users", [CLOUD_HOST_KEYS] = "host-keys",
};
static const char *const kinds[] = {
    [CLOUD_INSTANCES] = "instances", [CLOUD_IMAGES] = "images",   [CLOUD_KEYS] = "keys",
    [CLOUD_SIZES] = "sizes",         [CLOUD_REGIONS] = "regions", [CLOUD_GROUPS] = "groups",
    [CLOUD_SNAPSHOTS] = "snapshots", [CLOUD_VOLUMES] = "volumes",
};

static size_t number_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return i;
	cli_usage("unknown: %s", word);
}

static void keep(struct cloud_item *item, json_t *record)
{
	json_array_append(item->ctx, record);
}

static void fill(struct cloud_item *item, json_t *asked)
{
	const char *id = json_string_value(json_object_get(asked, "id"));

	item->region = json_string_value(json_object_get(asked, "region"));
	item->id = mem_dup(id);
	item->wanted = json_object_get(asked, "wanted");
	item->attempt = (unsigned)json_integer_value(json_object_get(asked, "attempt"));
	item->certain = json_is_true(json_object_get(asked, "certain"));
	item->on = json_is_true(json_object_get(asked, "on"));
	item->own = json_is_true(json_object_get(asked, "own"));
	item->run = json_string_value(json_object_get(asked, "run"));
	item->name = json_string_value(json_object_get(asked, "name"));
	item->temporary = json_is_true(json_object_get(asked, "temporary"));
}

static void put_flag(json_t *said, const char *name, bool on)
{
	if (on)
		json_object_set_new(said, name, json_true());
}

static void tell(const struct cloud_item *item, json_t *listed)
{
	json_t *said = json_pack("{s:s*, s:O*}", "id", item->id, "record", item->record);
	char *text;

	put_flag(said, "made", item->made);
	put_flag(said, "ready", item->ready);
	put_flag(said, "no_capacity", item->no_capacity);
	put_flag(said, "unclear", item->unclear);
	if (json_array_size(listed))
		json_object_set(said, "listed", listed);
	if (item->failure.status)
		json_object_set_new(said, "error",
				    json_pack("{s:i, s:s*, s:s*, s:s*}", "status",
					      item->failure.status, "code", item->failure.code,
					      "message", item->failure.message, "operation",
					      item->failure.operation));
	text = json_dumps(said, JSON_COMPACT);
	puts(text);
	free(text);
	json_decref(said);
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "cloud-verb PROVIDER VERB [KIND]"};
	struct cloud_accounts accounts = {.engine = http_new()};
	struct cloud_item *items[100] = {0};
	json_t *asked[100], *json;
	struct rec_io *io;
	size_t n = 0, verb, kind;

	cli_start(argc, argv, &cli);
	if (argc < 3)
		cli_usage("provider and verb are wanted");
	io = rec_start("cloud-verb");
	verb = number_of(argv[2], verbs, sizeof verbs / sizeof *verbs);
	kind = argc > 3 ? number_of(argv[3], kinds, CLOUD_KINDS) : CLOUD_INSTANCES;
	while (n < 100 && (json = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL))) {
		asked[n] = json;
		items[n] = mem_alloc(sizeof **items);
		fill(items[n], json);
		items[n]->kind = (enum cloud_kind)kind;
		items[n]->each = keep;
		items[n]->ctx = json_array();
		cloud_account(&accounts, argv[1], items[n]);
		n++;
	}
	if (!feof(stdin))
		cli_usage("stdin is no JSON");
	cloud_do((enum cloud_verb)verb, items, n, NULL);
	for (size_t i = 0; i < n; i++) {
		tell(items[i], items[i]->ctx);
		rec_status(io, items[i]->failure.status);
		json_decref(items[i]->ctx);
		json_decref(asked[i]);
		cloud_item_free(items[i]);
		free(items[i]);
	}
	cloud_accounts_close(&accounts);
	http_free(accounts.engine);
	fflush(stdout);
	return rec_finish(io);
}
