/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "mem.h"
#include "plan.h"
#include "public-key.h"
#include "status.h"
#include "stop.h"

static void read_all(struct keys *k, const struct batch_rules *rules)
{
	const struct options *o = k->options;
	struct rec **records = NULL;
	size_t n = 0;

	if (!*o->operands) {
		batch_read(&k->batch, k->io, rules, &o->batch);
		return;
	}
	for (char **id = o->operands; *id; id++) {
		records = mem_grow(records, n + 1, sizeof *records);
		records[n++] = rec_new(json_pack("{s:s, s:s, s:s}", "kind", "ssh-key", "provider",
						 "digitalocean", "id", *id));
	}
	batch_take(&k->batch, k->io, rules, &o->batch, records, n);
}

/* A key that has the record's id but is another one is not what was meant. */
static bool agrees(const struct rec *rec, const json_t *there)
{
	const char *theirs = json_string_value(json_object_get(there, "fingerprint"));
	const char *ours = rec_string(rec, "fingerprint");

	return !ours || (theirs && !strcmp(ours, theirs));
}

static void look(struct keys *k, struct batch_work *item)
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
	struct batch *b = &k->batch;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *item = &b->works[i];

		if (!item->mine)
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
	struct batch_work *item = call->ctx;

	if (call->http_status != 404)
		fail_move(&item->failure, &call->failure);
}

static void act(struct keys *k, struct batch_work *item)
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
	struct batch_rules rules = {.filter = k->options->filter,
				    .kind = "ssh-key",
				    .provider = "digitalocean",
				    .things = "keys",
				    .deletes = true};
	struct batch *b = &k->batch;
	struct failure f = {0};
	bool allowed;

	read_all(k, &rules);
	look_all(k, &f);
	allowed = batch_may_act(b);
	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *item = &b->works[i];

		if (item->mine && allowed)
			act(k, item);
		if (item->mine && (allowed || b->dry) && !item->failure.status)
			rec_set(item->rec, "status", json_string("gone"));
		free(item->own);
	}
	batch_end(b);
	do_close(k->client);
	fail_free(&f);
}
