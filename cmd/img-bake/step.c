/* SPDX-License-Identifier: ISC
 * One step for all records of the input, phase by phase. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "mem.h"
#include "status.h"
#include "stop.h"

static void fresh_item(struct bake *b)
{
	cloud_item_free(&b->item);
	json_decref(b->wanted);
	b->wanted = NULL;
	b->item = (struct cloud_item){.region = bake_text(b, "region"), .ctx = b};
	if (!cloud_account(&b->all->accounts, bake_text(b, "provider"), &b->item))
		fail_move(&b->failure, &b->item.failure);
}

static struct cloud_item **pick(struct bakes *s, bake_prepare *prepare, size_t *n)
{
	struct cloud_item **items = mem_alloc((s->n + 1) * sizeof *items);

	*n = 0;
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (!bake_live(b))
			continue;
		if (!b->goes_on) {
			fresh_item(b);
			if (b->failure.status || (prepare && !prepare(b)))
				continue;
		}
		b->goes_on = false;
		if (!b->item.wanted)
			b->item.wanted = b->wanted;
		items[(*n)++] = &b->item;
	}
	return items;
}

static void settled(struct cloud_item *item)
{
	struct bake *b = item->ctx;

	if (b->all->under_way)
		b->all->under_way(b);
	if (item->failure.status && !b->failure.status) {
		fail_move(&b->failure, &item->failure);
		fail_prefix(&b->failure, "%s", b->name);
	}
}

void bakes_do(struct bakes *s, enum cloud_verb verb, bake_prepare *prepare, bake_done *done)
{
	size_t n;
	struct cloud_item **items = pick(s, prepare, &n);

	s->under_way = done;
	cloud_do(verb, items, n, settled);
	free(items);
}

void bakes_await(struct bakes *s, const struct cloud_wait *how, bake_prepare *prepare,
		 bake_done *done)
{
	size_t n;
	struct cloud_item **items = pick(s, prepare, &n);
	struct cloud_wait wait = *how;

	if (!wait.limit_ms)
		wait.limit_ms = s->o->limit_ms;
	wait.interval_ms = s->o->interval_ms;
	if (n)
		cloud_await(items, n, &wait);
	s->under_way = done;
	for (size_t i = 0; i < n; i++)
		settled(items[i]);
	free(items);
}

static void begin_all(struct bakes *s)
{
	s->list = mem_alloc((s->batch.n + 1) * sizeof *s->list);
	for (size_t i = 0; i < s->batch.n; i++) {
		struct batch_work *work = &s->batch.works[i];

		if (!work->mine)
			continue;
		bake_begin(&s->list[s->n], s, json_deep_copy(work->rec->json));
		s->list[s->n].work = work;
		work->own = &s->list[s->n++];
	}
}

/* To other credentials its machine would look as if it were gone. Where it cannot be told whose
 * they are, the step itself will tell what they may. */
static bool same_account(struct bake *b)
{
	const char *account = bake_deep(b, "instance", "account");

	if (!account)
		account = bake_text(b, "account");
	fresh_item(b);
	if (!b->failure.status && !cloud_same_account(&b->all->accounts, &b->item, account) &&
	    b->item.failure.status == ST_GUARD) {
		fail_move(&b->failure, &b->item.failure);
		fail_prefix(&b->failure, "%s", b->name);
	}
	return !b->failure.status;
}

static void check_all(struct bakes *s, const struct step *step)
{
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];
		const char *provider = bake_text(b, "provider");

		b->driver = cloud_named(provider);
		if (!b->driver)
			fail_set(&b->failure, 65, "no-such-cloud", "%s: no cloud: '%s'", b->name,
				 provider ? provider : "");
		else if (bake_check(b) && same_account(b))
			step->check(b);
	}
	if (step->look)
		step->look(s);
	for (size_t i = 0; i < s->n; i++)
		fail_copy(&s->list[i].work->failure, &s->list[i].failure);
}

static void settle_rest(struct bakes *s, bool acted)
{
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (!b->done && (acted || b->all->batch.dry))
			bake_settle(b);
		bake_end(b);
	}
	free(s->list);
}

void step_run(struct rec_io *io, struct http *engine, const struct options *o,
	      const struct step *step)
{
	const struct batch_rules rules = {.filter = o->filter,
					  .kind = "bake",
					  .things = "things",
					  .deletes = step->deletes,
					  .failed_too = step->failed_too,
					  .regardless = step->failed_too};
	struct bakes s = {.io = io, .o = o, .accounts = {.engine = engine}};
	bool acts;

	batch_begin(&s.batch, io, &rules, &o->batch);
	batch_read(&s.batch);
	begin_all(&s);
	check_all(&s, step);
	acts = batch_may_act(&s.batch);
	if (acts)
		step->act(&s);
	settle_rest(&s, acts);
	cloud_accounts_close(&s.accounts);
	batch_end(&s.batch);
}
