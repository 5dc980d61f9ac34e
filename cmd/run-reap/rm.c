/* SPDX-License-Identifier: ISC
 * Removes the temporary things of records, machines first; each is looked at before, since what a
 * record says may have changed. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "plan.h"
#include "reap.h"
#include "rm.h"
#include "status.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool is_ours(const struct rec *rec)
{
	return reap_rank(rec->kind) >= 0;
}

/* What the record alone tells; nobody is asked. */
static bool check(struct removal *all, struct thing *t)
{
	static const char *const texts[] = {"account", "region", "name", "run", NULL};
	const char *wrong = rec_no_string(t->record, texts);
	struct failure *f = &t->work->failure;

	if (wrong)
		fail_set(f, ST_DATA, "bad-record", "'%s' is no text", wrong);
	else if (!t->item.id || !*t->item.id)
		fail_set(f, ST_DATA, "bad-record", "a record to be reaped needs an 'id'");
	else if (!text_of(t->record, "provider"))
		fail_set(f, ST_DATA, "bad-record", "a record to be reaped needs a 'provider'");
	else if (reap_may_go(t->record, all->reap->options->run, 0, f) &&
		 !cloud_account(&all->reap->accounts, text_of(t->record, "provider"), &t->item))
		fail_move(f, &t->item.failure);
	else if (!f->status && !t->item.driver->everywhere && (!t->item.region || !*t->item.region))
		fail_set(f, ST_DATA, "bad-record", "a record of %s to be reaped needs a 'region'",
			 t->item.driver->provider);
	if (f->status)
		fail_prefix(f, "cannot remove %s '%s'", t->work->rec->kind,
			    t->item.id ? t->item.id : "");
	return !f->status;
}

static void add_things(struct removal *all)
{
	struct batch *b = &all->batch;

	all->things = mem_alloc((b->n + 1) * sizeof *all->things);
	for (size_t i = 0; i < b->n; i++) {
		struct thing *t = &all->things[all->n];

		if (!b->works[i].mine)
			continue;
		all->n++;
		*t = (struct thing){.work = &b->works[i], .all = all};
		t->record = json_incref(t->work->rec->json);
		t->rank = reap_rank(t->work->rec->kind);
		t->item.kind = reap_kinds[t->rank];
		t->item.region = text_of(t->record, "region");
		t->named = json_pack("{s:s*}", "name", text_of(t->record, "name"));
		t->item.wanted = t->named;
		t->item.id = mem_dup(text_of(t->record, "id"));
		t->item.ctx = t;
		t->looks = check(all, t);
	}
}

static void plan(struct thing *t, const char *action, const char *because)
{
	plan_add(t->work->plan, action, t->work->rec->kind, text_of(t->record, "provider"),
		 t->item.region, text_of(t->record, "name"), t->item.id, NULL, NULL, because);
}

/* What could not be looked at stays, and is no reason to leave the others; what was not configured
 * or a guard refuses stops all. Takes f over. */
static void take_failure(struct thing *t, struct failure *f)
{
	bool stops = f->status == ST_GUARD || f->status == ST_CONFIG || f->status == ST_USAGE;

	if (f->status == ST_USAGE) /* the cloud has no things of that kind */
		f->status = ST_DATA;
	t->remains = f->status;
	fail_prefix(f, "cannot look at %s '%s'", t->work->rec->kind, t->item.id);
	fail_move(stops ? &t->work->failure : &t->unseen, f);
}

static bool same_account(struct removal *all, struct thing *t)
{
	if (!cloud_same_account(&all->reap->accounts, &t->item, text_of(t->record, "account")))
		take_failure(t, &t->item.failure);
	return !t->remains;
}

static void looked(struct cloud_item *item)
{
	struct thing *t = item->ctx;
	const char *run = t->all->reap->options->run;
	char *because;

	if (item->failure.status) {
		take_failure(t, &item->failure);
	} else if (!item->record || reap_is_gone(item->record)) {
		plan(t, "keep", "it is gone already");
	} else if (!reap_may_go(item->record, run, http_skew(t->all->reap->accounts.engine),
				&t->work->failure)) {
		fail_prefix(&t->work->failure,
			    "cannot remove %s '%s': it is not as the record says",
			    t->work->rec->kind, item->id);
	} else {
		because = mem_fmt("temporary, of run '%s' until %s",
				  run ? run : text_of(item->record, "run"),
				  text_of(item->record, "expires"));
		plan(t, "delete", because);
		free(because);
		t->waits = true;
	}
}

static void look(struct removal *all)
{
	struct cloud_item **items = mem_alloc((all->n + 1) * sizeof(struct cloud_item *));
	size_t n = 0;
	bool stops = false;

	for (size_t i = 0; i < all->n; i++)
		stops = stops || (!all->things[i].looks && !all->batch.dry);
	for (size_t i = 0; i < all->n && !stops; i++) /* else nobody need be asked */
		if (all->things[i].looks && same_account(all, &all->things[i]))
			items[n++] = &all->things[i].item;
	cloud_do(CLOUD_STATE, items, n, looked);
	free(items);
}

static void describe(struct thing *t)
{
	if (t->unseen.status)
		fail_move(&t->work->failure, &t->unseen);
	if (!t->work->failure.status && !t->all->batch.stop.status)
		rec_set(t->work->rec, t->rank == REAP_MACHINES ? "status" : "state",
			json_string("gone"));
}

void thing_settle(struct thing *t)
{
	t->waits = false;
	describe(t);
	batch_settle(&t->all->batch, t->work);
}

void reap_rm(struct reap *r)
{
	const struct batch_rules rules = {
	    .filter = r->filter, .means = is_ours, .things = "temporary things", .deletes = true};
	struct removal all = {.reap = r};

	batch_begin(&all.batch, r->io, &rules, &r->options->batch);
	batch_read(&all.batch);
	add_things(&all);
	look(&all);
	if (batch_may_act(&all.batch))
		remove_all(&all);
	for (size_t i = 0; i < all.n; i++)
		if (all.things[i].work->rec)
			describe(&all.things[i]);
	batch_end(&all.batch);
	for (size_t i = 0; i < all.n; i++) {
		cloud_item_free(&all.things[i].item);
		json_decref(all.things[i].record);
		json_decref(all.things[i].named);
		fail_free(&all.things[i].unseen);
		free(all.things[i].said);
	}
	free(all.things);
}
