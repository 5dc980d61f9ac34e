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

/* Of those before this one, the one with the same key. */
static struct wanted *twin(const struct keys *k, const struct batch_work *work)
{
	struct wanted *w = work->own;

	for (const struct batch_work *other = k->batch.works; other < work; other++) {
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

static bool look(struct keys *k, struct batch_work *work, struct wanted *w)
{
	const char *text = rec_string(work->rec, "public_key"), *name;

	if (!text)
		return fail_set(&work->failure, ST_DATA, "bad-key", "it has no string public_key");
	if (!public_key_parse(text, &w->key, &work->failure))
		return false;
	name = rec_string(work->rec, "name");
	if (!name || !*name)
		name = w->key.comment ? w->key.comment : w->key.fingerprint;
	w->name = mem_dup(name);
	if (twin(k, work))
		return true;
	w->there = keys_find(k, w->key.fingerprint, &work->failure);
	if (w->there && !same_key(w, w->there))
		return fail_set(&work->failure, ST_BUG, "other-key",
				"another key of the account has the fingerprint %s",
				w->key.fingerprint);
	return !work->failure.status;
}

static void plan(struct keys *k, struct batch_work *work)
{
	struct wanted *w = work->own;
	char *id;

	if (twin(k, work))
		return;
	if (!w->there) {
		plan_add(work->plan, "create", "ssh-key", "digitalocean", NULL, w->name, NULL, NULL,
			 json_pack("{s:s}", "fingerprint", w->key.fingerprint), NULL);
		return;
	}
	id = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(w->there, "id")));
	plan_add(work->plan, "keep", "ssh-key", "digitalocean", NULL,
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
static void make(struct keys *k, struct batch_work *work)
{
	struct wanted *w = work->own;
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
		w->there = keys_find(k, w->key.fingerprint, &work->failure);
	if (!w->there && !work->failure.status)
		fail_move(&work->failure, &why);
	json_decref(answer);
	if (w->there && !same_key(w, w->there))
		fail_set(&work->failure, ST_BUG, "bad-answer", "the answer has another key");
	if (!work->failure.status && !refused)
		say_created(k, w->there);
	fail_free(&why);
}

static void act(struct keys *k, struct batch_work *work)
{
	struct wanted *w = work->own, *first = twin(k, work);

	if (first && first->there)
		w->there = json_incref(first->there);
	if (!w->there && stop_asked())
		stop_failure(&work->failure);
	else if (!w->there)
		make(k, work);
	if (work->failure.status)
		fail_prefix(&work->failure, "cannot upload key '%s'", w->name);
}

/* The record as it is, or would be. */
static void describe(struct keys *k, struct batch_work *work)
{
	struct wanted *w = work->own, *first = twin(k, work);
	const json_t *there = w->there ? w->there : first ? first->there : NULL;

	if (!w->key.text)
		return;
	if (there) {
		keys_take(k, work->rec, there);
		return;
	}
	rec_set(work->rec, "provider", json_string("digitalocean"));
	rec_set(work->rec, "name", json_string(w->name));
	rec_set(work->rec, "fingerprint", json_string(w->key.fingerprint));
	if (k->batch.dry)
		rec_set(work->rec, "id", json_null());
}

static void release(struct wanted *w)
{
	public_key_free(&w->key);
	free(w->name);
	json_decref(w->there);
	free(w);
}

static void add_from_file(struct keys *k)
{
	const char *path = k->options->key, *name = k->options->name;
	struct failure f = {0};
	char *text = keys_from_file(path, &f);
	struct public_key key = {0};
	struct batch_work *work;

	if (text && !public_key_parse(text, &key, &f))
		fail_prefix(&f, "cannot use '%s'", path);
	work = batch_add(&k->batch, json_pack("{s:s, s:s, s:s*, s:s*}", "kind", "ssh-key",
					      "provider", "digitalocean", "name",
					      name ? name : key.comment, "public_key", key.text));
	fail_move(&work->failure, &f);
	public_key_free(&key);
	free(text);
}

static void look_all(struct keys *k, struct failure *f)
{
	struct batch *b = &k->batch;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (!work->mine || work->failure.status)
			continue;
		if (!k->client && !f->status)
			k->client = do_open(k->engine, f);
		work->own = mem_alloc(sizeof(struct wanted));
		if (f->status)
			fail_copy(&work->failure, f);
		else if (look(k, work, work->own))
			plan(k, work);
		if (work->failure.status)
			fail_prefix(&work->failure, "cannot ensure an ssh key");
	}
}

void keys_ensure(struct keys *k)
{
	const struct batch_rules rules = {.filter = k->filter,
					  .kind = "ssh-key",
					  .provider = "digitalocean",
					  .unclaimed = true,
					  .things = "keys"};
	struct batch *b = &k->batch;
	struct failure f = {0};
	bool allowed;

	batch_begin(b, k->io, &rules, &k->options->batch);
	if (k->options->key)
		add_from_file(k);
	if (!k->options->key || *k->options->operands)
		batch_read(b);
	look_all(k, &f);
	allowed = batch_may_act(b);
	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (work->own && allowed)
			act(k, work);
		if (work->own)
			describe(k, work);
		if (work->mine)
			batch_settle(b, work);
	}
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].own)
			release(b->works[i].own);
	batch_end(b);
	do_close(k->client);
	fail_free(&f);
}
