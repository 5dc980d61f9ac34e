/* SPDX-License-Identifier: ISC
 * Uploads the keys that the account does not have. The fingerprint is computed here, so that a key
 * is looked up by it: its name and comment say nothing. */
#include <string.h>

#include "cli.h"
#include "keys.h"
#include "mem.h"
#include "plan.h"
#include "public-key.h"
#include "status.h"
#include "stop.h"

struct wanted {
	struct public_key key;
	char *name;
	json_t *there; /* the account's; NULL: to be made */
};

/* Of the items before this one, the one with the same key. */
static struct wanted *twin(const struct keys *k, const struct batch_work *item)
{
	struct wanted *w = item->own;

	for (const struct batch_work *other = k->batch.works; other < item; other++) {
		struct wanted *o = other->own;

		if (o && !strcmp(o->key.fingerprint, w->key.fingerprint))
			return o;
	}
	return NULL;
}

/* MD5 can be made to agree. */
static bool same_key(const struct wanted *w, const json_t *there)
{
	const char *text = json_string_value(json_object_get(there, "public_key"));
	struct public_key key = {0};
	bool same = text && public_key_parse(text, &key, NULL) && !strcmp(key.text, w->key.text);

	public_key_free(&key);
	return same;
}

static bool look(struct keys *k, struct batch_work *item, struct wanted *w)
{
	const char *text = rec_string(item->rec, "public_key"), *name;

	if (!text)
		return fail_set(&item->failure, ST_DATA, "bad-key", "it has no string public_key");
	if (!public_key_parse(text, &w->key, &item->failure))
		return false;
	name = rec_string(item->rec, "name");
	if (!name || !*name)
		name = w->key.comment ? w->key.comment : w->key.fingerprint;
	w->name = mem_dup(name);
	if (twin(k, item))
		return true;
	w->there = keys_find(k, w->key.fingerprint, &item->failure);
	if (w->there && !same_key(w, w->there))
		return fail_set(&item->failure, ST_BUG, "other-key",
				"another key of the account has the fingerprint %s",
				w->key.fingerprint);
	return !item->failure.status;
}

static void plan(struct keys *k, struct batch_work *item)
{
	struct wanted *w = item->own;
	char *id;

	if (twin(k, item))
		return;
	if (!w->there) {
		plan_add(item->plan, "create", "ssh-key", "digitalocean", NULL, w->name, NULL, NULL,
			 json_pack("{s:s}", "fingerprint", w->key.fingerprint), NULL);
		return;
	}
	id = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(w->there, "id")));
	plan_add(item->plan, "keep", "ssh-key", "digitalocean", NULL,
		 json_string_value(json_object_get(w->there, "name")), id, NULL, NULL, NULL);
	free(id);
}

static void say_created(struct keys *k, const json_t *key)
{
	char *id = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(key, "id")));

	rec_event(k->io, "created", "ssh-key", "digitalocean", id,
		  json_pack("{s:O*, s:O*}", "name", json_object_get(key, "name"), "fingerprint",
			    json_object_get(key, "fingerprint")));
	free(id);
}

/* A second upload of a key is refused, so one whose answer was lost may be sent again. */
static void make(struct keys *k, struct batch_work *item)
{
	struct wanted *w = item->own;
	json_t *body = json_pack(
	    "{s:s, s:o}", "name", w->name, "public_key",
	    json_sprintf("%s %s", w->key.text, w->key.comment ? w->key.comment : w->name));
	struct do_call *call = do_call_new("POST", body, NULL, NULL, "/v2/account/keys");
	struct failure why = {0};
	json_t *answer;
	bool refused;

	call->effect = HTTP_IDEMPOTENT;
	answer = do_one(k->client, call, &why, NULL);
	w->there = json_incref(json_object_get(answer, "ssh_key"));
	if (answer && !w->there)
		fail_set(&why, ST_BUG, "bad-answer", "the answer has no ssh_key");
	refused = why.status == ST_REFUSED; /* as somebody else's is in use */
	if (!w->there && why.status != ST_NOPERM && why.status != ST_GUARD)
		w->there = keys_find(k, w->key.fingerprint, &item->failure);
	if (!w->there && !item->failure.status)
		fail_move(&item->failure, &why);
	json_decref(answer);
	if (w->there && !same_key(w, w->there))
		fail_set(&item->failure, ST_BUG, "bad-answer", "the answer has another key");
	if (!item->failure.status && !refused)
		say_created(k, w->there);
	fail_free(&why);
}

static void act(struct keys *k, struct batch_work *item)
{
	struct wanted *w = item->own, *first = twin(k, item);

	if (first && first->there)
		w->there = json_incref(first->there);
	if (!w->there && stop_asked())
		stop_failure(&item->failure);
	else if (!w->there)
		make(k, item);
	if (item->failure.status)
		fail_prefix(&item->failure, "cannot upload key '%s'", w->name);
}

/* The record as it is, or would be. */
static void describe(struct keys *k, struct batch_work *item)
{
	struct wanted *w = item->own, *first = twin(k, item);
	const json_t *there = w->there ? w->there : first ? first->there : NULL;

	if (!w->key.text)
		return;
	if (there) {
		keys_take(k, item->rec, there);
		return;
	}
	rec_set(item->rec, "provider", json_string("digitalocean"));
	rec_set(item->rec, "name", json_string(w->name));
	rec_set(item->rec, "fingerprint", json_string(w->key.fingerprint));
	if (k->batch.dry)
		rec_set(item->rec, "id", json_null());
}

static void release(struct wanted *w)
{
	public_key_free(&w->key);
	free(w->name);
	json_decref(w->there);
	free(w);
}

/* The record of --key; f: what is wrong with it. */
static struct rec *from_file(const struct options *o, struct failure *f)
{
	char *text = keys_from_file(o->key, f);
	struct public_key key = {0};
	struct rec *rec;

	if (text && !public_key_parse(text, &key, f))
		fail_prefix(f, "cannot use '%s'", o->key);
	rec = rec_new(json_pack("{s:s, s:s, s:s*, s:s*}", "kind", "ssh-key", "provider",
				"digitalocean", "name", o->name ? o->name : key.comment,
				"public_key", key.text));
	public_key_free(&key);
	free(text);
	return rec;
}

/* The records of the input, behind that of --key. */
static void read_all(struct keys *k, const struct batch_rules *rules)
{
	const struct options *o = k->options;
	struct failure f = {0};
	struct rec **records = NULL, **all = mem_alloc(sizeof *all);
	size_t n = 0;

	if (!o->key || *o->operands) {
		rec_open(k->io, o->batch.file);
		records = rec_read_all(k->io, &n);
		all = mem_grow(all, n + 1, sizeof *all);
	}
	if (o->key)
		all[0] = from_file(o, &f);
	for (size_t i = 0; i < n; i++)
		all[i + (o->key != NULL)] = records[i];
	free(records);
	batch_take(&k->batch, k->io, rules, &o->batch, all, n + (o->key != NULL));
	if (f.status)
		fail_move(&k->batch.works[0].failure, &f);
}

static void look_all(struct keys *k, struct failure *f)
{
	struct batch *b = &k->batch;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *item = &b->works[i];

		if (!item->mine || item->failure.status)
			continue;
		if (!k->client && !f->status)
			k->client = do_open(k->engine, f);
		item->own = mem_alloc(sizeof(struct wanted));
		if (f->status)
			fail_copy(&item->failure, f);
		else if (look(k, item, item->own))
			plan(k, item);
		if (item->failure.status)
			fail_prefix(&item->failure, "cannot ensure an ssh key");
	}
}

void keys_ensure(struct keys *k)
{
	struct batch_rules rules = {.filter = k->options->filter,
				    .kind = "ssh-key",
				    .provider = "digitalocean",
				    .unclaimed = true,
				    .things = "keys"};
	struct batch *b = &k->batch;
	struct failure f = {0};
	bool allowed;

	read_all(k, &rules);
	look_all(k, &f);
	allowed = batch_may_act(b);
	for (size_t i = 0; i < b->n; i++) {
		if (b->works[i].own && allowed)
			act(k, &b->works[i]);
		if (b->works[i].own)
			describe(k, &b->works[i]);
	}
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].own)
			release(b->works[i].own);
	batch_end(b);
	do_close(k->client);
	fail_free(&f);
}
