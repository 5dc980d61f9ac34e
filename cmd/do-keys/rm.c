/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "mem.h"
#include "plan.h"
#include "public-key.h"
#include "status.h"
#include "stop.h"

static void add_operands(struct keys *k)
{
	for (char **id = k->options->operands; *id; id++)
		change_add(k->change, json_pack("{s:s, s:s, s:s}", "kind", "ssh-key", "provider",
						"digitalocean", "id", *id));
}

/* A key that has the record's id but is another one is not what was meant. */
static bool agrees(const struct rec *rec, const json_t *there)
{
	const char *theirs = json_string_value(json_object_get(there, "fingerprint"));
	const char *ours = rec_string(rec, "fingerprint");

	return !ours || (theirs && !strcmp(ours, theirs));
}

static void look(struct keys *k, struct change_item *item)
{
	const char *id = rec_string(item->rec, "id");
	json_t *there;
	char *text;

	if (!id)
		id = rec_string(item->rec, "fingerprint");
	if (!id || !*id) {
		fail_set(&item->failure, ST_DATA, "bad-key", "it has neither id nor fingerprint");
		return;
	}
	item->plan = json_array();
	there = keys_find(k, id, &item->failure);
	if (!there)
		return;
	text = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(there, "id")));
	if (agrees(item->rec, there)) {
		plan_add(item->plan, "delete", "ssh-key", "digitalocean", NULL,
			 json_string_value(json_object_get(there, "name")), text,
			 json_pack("{s:O*}", "fingerprint", json_object_get(there, "fingerprint")),
			 NULL, NULL);
		item->own = text;
		text = NULL;
	} else {
		fail_set(&item->failure, ST_NO, "conflict",
			 "key %s has another fingerprint than the record", id);
	}
	free(text);
	json_decref(there);
}

static void look_all(struct keys *k, struct failure *f)
{
	struct change *c = k->change;

	for (size_t i = 0; i < c->n; i++) {
		struct change_item *item = &c->items[i];

		item->ours = keys_ours(item->rec, false);
		if (!item->ours)
			continue;
		if (!k->client && !f->status)
			k->client = do_open(k->engine, f);
		if (f->status)
			fail_copy(&item->failure, f);
		else
			look(k, item);
		if (item->failure.status)
			fail_prefix(&item->failure, "cannot remove an ssh key");
	}
}

static void removed(struct do_call *call)
{
	struct change_item *item = call->ctx;

	if (call->http_status != 404)
		fail_move(&item->failure, &call->failure);
}

static void act(struct keys *k, struct change_item *item)
{
	const char *id = item->own;

	if (id && stop_asked()) {
		stop_failure(&item->failure);
	} else if (id) {
		do_queue(k->client,
			 do_call_new("DELETE", NULL, removed, item, "/v2/account/keys/%s", id));
		do_run(k->client);
		if (!item->failure.status)
			rec_event(k->io, "deleted", "ssh-key", "digitalocean", id, NULL);
	}
	if (item->failure.status)
		fail_prefix(&item->failure, "cannot remove key %s", id);
}

void keys_rm(struct keys *k)
{
	struct change *c = k->change;
	struct failure f = {0};
	bool allowed;

	c->deletes = true;
	change_begin(c);
	add_operands(k);
	if (!*k->options->operands) {
		rec_open(k->io, k->options->file);
		change_read(c);
	}
	look_all(k, &f);
	allowed = change_allowed(c);
	for (size_t i = 0; i < c->n; i++) {
		struct change_item *item = &c->items[i];
		char *id = item->own;

		if (item->ours && allowed)
			act(k, item);
		if (item->ours && (allowed || c->dry) && !item->failure.status)
			rec_set(item->rec, "status", json_string("gone"));
		change_write(c, item);
		free(id);
	}
	change_end(c);
	do_close(k->client);
	fail_free(&f);
}
