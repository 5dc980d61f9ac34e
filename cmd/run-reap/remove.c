/* SPDX-License-Identifier: ISC
 * The safe order: all machines at once, until they are gone, then all that they used. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "rm.h"
#include "status.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void tell_deleted(const struct thing *t)
{
	rec_event(t->all->reap->io, "deleted", text_of(t->record, "kind"),
		  text_of(t->record, "provider"), t->item.id,
		  json_pack("{s:s*, s:s*, s:s*}", "region", t->item.region, "name",
			    text_of(t->record, "name"), "run", text_of(t->record, "run")));
}

/* Asked for; a cloud that is still busy with it is asked again. */
static bool is_asked(struct cloud_item *item)
{
	struct thing *t = item->ctx;

	if (!item->unclear)
		return true;
	free(t->said);
	t->said = mem_dup(item->failure.message);
	return false;
}

static bool is_removed(struct cloud_item *item)
{
	if (!is_asked(item))
		return false;
	if (!item->failure.status)
		tell_deleted(item->ctx);
	return true;
}

static bool is_gone(struct cloud_item *item)
{
	if (!cloud_is_gone(item))
		return false;
	tell_deleted(item->ctx);
	return true;
}

static struct cloud_item **those_of(struct removal *all, bool machines, size_t *n)
{
	struct cloud_item **items = mem_alloc((all->n + 1) * sizeof(struct cloud_item *));

	*n = 0;
	for (size_t i = 0; i < all->n; i++) {
		struct thing *t = &all->things[i];

		if (t->waits && (t->rank == REAP_MACHINES) == machines)
			items[(*n)++] = &t->item;
	}
	return items;
}

static void await(struct removal *all, bool machines, enum cloud_verb verb, const char *what,
		  bool (*settled)(struct cloud_item *))
{
	const struct options *o = all->reap->options;
	const struct cloud_wait how = {.limit_ms = o->limit_ms,
				       .reserve_ms = 1000,
				       .interval_ms = o->interval_ms,
				       .what = what,
				       .verb = verb,
				       .settled = settled};
	size_t n;
	struct cloud_item **items = those_of(all, machines, &n);

	if (n)
		cloud_await(items, n, &how);
	free(items);
}

static void settle(struct thing *t)
{
	struct failure *f = &t->item.failure;

	t->remains = f->status;
	if (f->status) {
		fail_prefix(f, "cannot remove %s '%s'", text_of(t->record, "kind"), t->item.id);
		if (t->said && f->status == ST_TEMP && !strcmp(f->code, "deadline"))
			fail_set(&t->work->failure, f->status, f->code, "%s: %s", f->message,
				 t->said);
		else
			fail_move(&t->work->failure, f);
	}
	thing_settle(t);
}

static void settle_all(struct removal *all, bool machines, bool failed_only)
{
	for (size_t i = 0; i < all->n; i++) {
		struct thing *t = &all->things[i];

		if (t->waits && (t->rank == REAP_MACHINES) == machines &&
		    (!failed_only || t->item.failure.status))
			settle(t);
	}
}

static bool agree(const struct thing *a, const struct thing *b, const char *key, bool known)
{
	const char *x = text_of(a->record, key), *y = text_of(b->record, key);

	return x && y ? !strcmp(x, y) : !known;
}

/* The machine that is still there, and may use it. */
static const struct thing *user_of(const struct removal *all, const struct thing *t)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct thing *m = &all->things[i];

		if (m->rank == REAP_MACHINES && m->remains && agree(m, t, "provider", true) &&
		    agree(m, t, "run", true) && agree(m, t, "region", false))
			return m;
	}
	return NULL;
}

/* What a machine uses that is still there goes with it the next time. */
static void leave_used(struct removal *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct thing *t = &all->things[i];
		const struct thing *machine = t->waits ? user_of(all, t) : NULL;

		if (!machine || t->rank == REAP_MACHINES)
			continue;
		fail_set(&t->item.failure, machine->remains, "not-attempted",
			 "machine '%s' of its run is still there", machine->item.id);
		settle(t);
	}
}

void remove_all(struct removal *all)
{
	await(all, true, CLOUD_REMOVE, "machines to be removed", is_asked);
	settle_all(all, true, true);
	await(all, true, CLOUD_STATE, "machines to be gone", is_gone);
	settle_all(all, true, false);
	leave_used(all);
	await(all, false, CLOUD_REMOVE, "what they used to be removed", is_removed);
	settle_all(all, false, false);
}
