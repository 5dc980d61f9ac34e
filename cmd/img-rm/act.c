/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "mem.h"
#include "plan.h"
#include "rm.h"
#include "status.h"

static void tell_left(const struct gone *g, struct batch *b)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(g->left, "snapshots"), i, id)
		rec_event(b->io, "deleted", "snapshot", g->item.driver->provider,
			  json_string_value(id),
			  json_pack("{s:s*, s:s}", "region", rec_string(g->work->rec, "region"),
				    "image", g->item.id));
}

/* Also when it was gone: what is left of it goes. */
static void settle(struct gone *g, struct batch *b)
{
	struct rec *rec = g->work->rec;

	if (g->item.failure.status) {
		fail_prefix(&g->item.failure, "cannot remove image '%s'", g->item.id);
		fail_move(&g->work->failure, &g->item.failure);
	} else {
		if (plan_changes(g->work->plan, "snapshot"))
			tell_left(g, b);
		if (plan_changes(g->work->plan, "image"))
			rec_event(b->io, "deleted", "image", g->item.driver->provider, g->item.id,
				  json_pack("{s:s*, s:s*}", "region", rec_string(rec, "region"),
					    "name", rec_string(rec, "name")));
		rec_set(rec, "state", json_string("gone"));
	}
	batch_settle(b, g->work);
	g->item.wanted = NULL;
	g->goes = false;
}

/* Something is being done to it, or there are too many at once: again, later. */
static bool is_settled(struct cloud_item *item)
{
	return !item->failure.status || (!item->unclear && item->failure.status != ST_TEMP);
}

void removal_act(struct removal *r)
{
	struct cloud_item **items = mem_alloc((r->n + 1) * sizeof *items);
	const struct cloud_wait how = {.limit_ms = r->o->limit_ms,
				       .reserve_ms = 1000,
				       .interval_ms = r->o->interval_ms,
				       .what = "images to be gone",
				       .verb = CLOUD_REMOVE,
				       .patience = 1,
				       .settled = is_settled};
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].goes)
			items[n++] = &r->list[i].item;
	cloud_await(items, n, &how);
	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].goes)
			settle(&r->list[i], &r->batch);
	free(items);
}
