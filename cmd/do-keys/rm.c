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
		batch_add(&k->batch, json_pack("{s:s, s:s, s:s}", "kind", "ssh-key", "provider",
					       "digitalocean", "id", *id));
}

/* A key that has the record's id but is another one is not what was meant. */
static bool agrees(const struct rec *rec, const json_t *there)
{
	const char *theirs = json_string_value(json_object_get(there, "fingerprint"));
	const char *ours = rec_string(rec, "fingerprint");

	return !ours || (theirs && !strcmp(ours, theirs));
}

static void look(struct keys *k, struct batch_work *work)
{
	const char *id = rec_string(work->rec, "id");
	json_t *there;
	char *text;

	if (!id)
		id = rec_string(work->rec, "fingerprint");
	if (!id || !*id) {
		fail_set(&work->failure, ST_DATA, "bad-key", "it has neither id nor fingerprint");
		return;
	}
	there = keys_find(k, id, &work->failure);
	if (!there)
		return;
	text = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(there, "id")));
	if (agrees(work->rec, there)) {
		plan_add(work->plan, "delete", "ssh-key", "digitalocean", NULL,
			 json_string_value(json_object_get(there, "name")), text,
			 json_pack("{s:O*}", "fingerprint", json_object_get(there, "fingerprint")),
			 NULL, NULL);
		work->own = text;
		text = NULL;
	} else {
		fail_set(&work->failure, ST_NO, "conflict",
			 "key %s has another fingerprint than the record", id);
	}
	free(text);
	json_decref(there);
}

static void look_all(struct keys *k, struct failure *f)
{
	struct batch *b = &k->batch;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (!work->mine)
			continue;
		if (!k->client && !f->status)
			k->client = do_open(k->engine, f);
		if (f->status)
			fail_copy(&work->failure, f);
		else
			look(k, work);
		if (work->failure.status)
			fail_prefix(&work->failure, "cannot remove an ssh key");
	}
}

static void removed(struct do_call *call)
{
	struct batch_work *work = call->ctx;

	if (call->http_status != 404)
		fail_move(&work->failure, &call->failure);
}

static void act(struct keys *k, struct batch_work *work)
{
	const char *id = work->own;

	if (id && stop_asked()) {
		stop_failure(&work->failure);
	} else if (id) {
		do_queue(k->client,
			 do_call_new("DELETE", NULL, removed, work, "/v2/account/keys/%s", id));
		do_run(k->client);
		if (!work->failure.status)
			rec_event(k->io, "deleted", "ssh-key", "digitalocean", id, NULL);
	}
	if (work->failure.status)
		fail_prefix(&work->failure, "cannot remove key %s", id);
}

void keys_rm(struct keys *k)
{
	const struct batch_rules rules = {.filter = k->filter,
					  .kind = "ssh-key",
					  .provider = "digitalocean",
					  .things = "keys",
					  .deletes = true};
	struct batch *b = &k->batch;
	struct failure f = {0};
	bool allowed;

	batch_begin(b, k->io, &rules, &k->options->batch);
	add_operands(k);
	if (!*k->options->operands)
		batch_read(b);
	look_all(k, &f);
	allowed = batch_may_act(b);
	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (!work->mine)
			continue;
		if (allowed)
			act(k, work);
		if ((allowed || b->dry) && !work->failure.status)
			rec_set(work->rec, "status", json_string("gone"));
		batch_settle(b, work);
		free(work->own);
	}
	batch_end(b);
	do_close(k->client);
	fail_free(&f);
}
