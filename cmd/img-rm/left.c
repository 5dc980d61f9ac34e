/* SPDX-License-Identifier: ISC
 * Snapshots of images that are gone: whoever removed these left them. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "rm.h"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Only what itself says whose it is: what a record says may be another image's by now. */
static bool is_of(const struct gone *g, const json_t *snapshot)
{
	return same(json_string_value(json_object_get(snapshot, "image")), g->item.id);
}

static void take(struct cloud_item *list, json_t *snapshot)
{
	struct removal *r = list->ctx;

	for (size_t i = 0; i < r->n; i++) {
		struct gone *g = &r->list[i];

		if (g->left && g->item.cloud == list->cloud && same(g->item.region, list->region) &&
		    is_of(g, snapshot) &&
		    json_array_append(json_object_get(g->left, "snapshots"),
				      json_object_get(snapshot, "id")))
			mem_out();
	}
}

/* Adds the list of that region, unless it is there. */
static size_t add_list(struct cloud_item *lists, size_t n, struct removal *r, const struct gone *g)
{
	for (size_t i = 0; i < n; i++)
		if (lists[i].cloud == g->item.cloud && same(lists[i].region, g->item.region))
			return n;
	lists[n] = (struct cloud_item){.driver = g->item.driver,
				       .cloud = g->item.cloud,
				       .region = g->item.region,
				       .kind = CLOUD_SNAPSHOTS,
				       .own = true,
				       .each = take,
				       .ctx = r};
	return n + 1;
}

static void take_failure(struct removal *r, const struct cloud_item *list)
{
	for (size_t i = 0; i < r->n && list->failure.status; i++) {
		struct gone *g = &r->list[i];

		if (!g->left || g->item.cloud != list->cloud || !same(g->item.region, list->region))
			continue;
		fail_copy(&g->item.failure, &list->failure);
		fail_prefix(&g->item.failure, "it is gone, and what it left cannot be told");
	}
}

void removal_look_left(struct removal *r)
{
	struct cloud_item *lists = mem_alloc((r->n + 1) * sizeof *lists);
	struct cloud_item **items = mem_alloc((r->n + 1) * sizeof *items);
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct gone *g = &r->list[i];

		if (!g->goes || g->there || g->item.driver->everywhere)
			continue;
		g->left = json_copy(g->work->rec->json);
		if (json_object_set_new(g->left, "snapshots", json_array()))
			mem_out();
		g->item.wanted = g->left;
		n = add_list(lists, n, r, g);
	}
	for (size_t i = 0; i < n; i++)
		items[i] = &lists[i];
	cloud_do(CLOUD_LIST, items, n, NULL);
	for (size_t i = 0; i < n; i++) {
		take_failure(r, &lists[i]);
		cloud_item_free(&lists[i]);
	}
	free(items);
	free(lists);
}
