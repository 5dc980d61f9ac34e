/* SPDX-License-Identifier: ISC
 * Removes the droplets of records, or of ids; then makes sure that they are gone. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "droplets.h"
#include "mem.h"
#include "plan.h"
#include "status.h"
#include "wait.h"

struct removal {
	const struct options *o;
	struct batch batch;
	struct cloud *cloud;
	struct gone {
		struct batch_work *work;
		struct removal *all;
		struct cloud_item item;
		bool asked; /* the service has said yes */
		bool waits;
	} * list;
	size_t n;
};

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static char *id_of(const json_t *record)
{
	const json_t *id = json_object_get(record, "id");

	if (json_is_integer(id))
		return mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(id));
	return mem_dup(json_string_value(id));
}

static bool is_id(const char *text)
{
	return text && *text && strlen(text) < 20 && strspn(text, "0123456789") == strlen(text);
}

static void read_records(struct removal *all)
{
	char **id = all->o->operands;

	if (!*id)
		batch_read(&all->batch);
	for (; *id; id++)
		batch_add(&all->batch, json_pack("{s:s, s:s, s:s}", "kind", "instance", "provider",
						 "digitalocean", "id", *id));
}

static void read_gone(struct removal *all)
{
	struct batch *b = &all->batch;

	all->list = mem_alloc((b->n + 1) * sizeof *all->list);
	for (size_t i = 0; i < b->n; i++) {
		struct gone *g = &all->list[all->n];

		if (!b->works[i].mine)
			continue;
		*g = (struct gone){.work = &b->works[i], .all = all};
		g->item.id = id_of(g->work->rec->json);
		g->item.ctx = g;
		if (!is_id(g->item.id))
			fail_set(&g->work->failure, ST_DATA, "bad-instance",
				 "an instance record to be removed needs the 'id' of a droplet");
		all->n++;
	}
}

/* What is there is to go, unless it is another one than the record says. */
static void looked(struct cloud_item *item)
{
	struct gone *g = item->ctx;
	const char *name = rec_string(g->work->rec, "name"), *is = text_of(item->record, "name");

	if (item->failure.status) {
		fail_prefix(&item->failure, "droplet '%s'", item->id);
		fail_move(&g->work->failure, &item->failure);
	} else if (!item->record) {
		plan_add(g->work->plan, "keep", "instance", "digitalocean",
			 rec_string(g->work->rec, "region"), name, item->id, NULL, NULL,
			 "it is gone already");
	} else if (name && is && strcasecmp(name, is) != 0) {
		fail_set(&g->work->failure, ST_NO, "conflict",
			 "droplet %s is '%s', the record says '%s'", item->id, is, name);
		plan_add(g->work->plan, "conflict", "instance", "digitalocean",
			 text_of(item->record, "region"), name, item->id,
			 json_pack("{s:s}", "name", is), json_pack("{s:s}", "name", name),
			 g->work->failure.message);
	} else {
		plan_add(g->work->plan, "delete", "instance", "digitalocean",
			 text_of(item->record, "region"), is, item->id,
			 json_pack("{s:O*, s:O*}", "size", json_object_get(item->record, "size"),
				   "public_network_interfaces",
				   json_object_get(item->record, "public_network_interfaces")),
			 NULL, NULL);
		g->waits = true;
	}
}

static struct cloud_item **pick(struct removal *all, bool asked, size_t *n)
{
	struct cloud_item **items = mem_alloc((all->n + 1) * sizeof(struct cloud_item *));

	*n = 0;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].waits && all->list[i].asked == asked)
			items[(*n)++] = &all->list[i].item;
	return items;
}

static void look(struct removal *all, struct http *engine)
{
	struct cloud_item **items = mem_alloc((all->n + 1) * sizeof(struct cloud_item *));
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (!all->list[i].work->failure.status)
			items[n++] = &all->list[i].item;
	if (n)
		all->cloud = cloud_digitalocean.open(engine, &all->batch.stop);
	for (size_t i = 0; i < n; i++)
		items[i]->cloud = all->cloud;
	if (all->cloud)
		cloud_digitalocean.state(items, n, looked);
	free(items);
}

static void settle(struct gone *g)
{
	g->waits = false;
	if (!g->work->failure.status)
		rec_set(g->work->rec, "status", json_string("gone"));
	batch_settle(&g->all->batch, g->work);
}

static void removed(struct cloud_item *item)
{
	struct gone *g = item->ctx;

	if (item->unclear) {
		return; /* something is being done to it: once more */
	} else if (item->failure.status) {
		fail_prefix(&item->failure, "cannot remove droplet '%s'", item->id);
		fail_move(&g->work->failure, &item->failure);
		settle(g);
	} else {
		g->asked = true;
	}
}

static void checked(struct cloud_item *item)
{
	struct gone *g = item->ctx;

	if (item->failure.status == ST_TEMP) {
		fail_free(&item->failure);
	} else if (item->failure.status) {
		fail_move(&g->work->failure, &item->failure);
		settle(g);
	} else if (!item->record) {
		rec_event(g->all->batch.io, "deleted", "instance", "digitalocean", item->id,
			  json_pack("{s:s*}", "name", rec_string(g->work->rec, "name")));
		settle(g);
	}
}

/* Asks for those that were not asked for yet, looks after the others; how many are left. */
static size_t advance(struct removal *all)
{
	size_t n, left;
	struct cloud_item **items = pick(all, false, &n);

	for (size_t i = 0; i < n; i++)
		cloud_item_again(items[i]);
	cloud_digitalocean.remove(items, n, removed);
	free(items);
	items = pick(all, true, &n);
	for (size_t i = 0; i < n; i++)
		cloud_item_again(items[i]);
	cloud_digitalocean.state(items, n, checked);
	free(items);
	free(pick(all, false, &n));
	free(pick(all, true, &left));
	return n + left;
}

static void give_up(struct removal *all, const struct failure *why)
{
	for (size_t i = 0; i < all->n; i++) {
		struct gone *g = &all->list[i];
		const char *said = g->item.failure.message;

		if (!g->waits)
			continue;
		fail_set(&g->work->failure, why->status, why->code,
			 "droplet '%s' is still there%s%s", g->item.id, said ? ": " : "",
			 said ? said : "");
		settle(g);
	}
}

static void remove_all(struct removal *all)
{
	struct failure f = {0};
	struct wait wait;
	size_t left;

	wait_begin(&wait, all->o->limit_ms, 1000, all->o->interval_ms, "droplets to be gone");
	while ((left = advance(all))) {
		wait_say(&wait, "%zu are not", left);
		if (!wait_more(&wait, &f)) {
			give_up(all, &f);
			break;
		}
	}
	wait_end(&wait);
	fail_free(&f);
}

void droplets_remove(struct rec_io *io, struct http *engine, const struct options *o)
{
	struct batch_rules rules = {.filter = o->filter,
				    .kind = "instance",
				    .provider = "digitalocean",
				    .things = "droplets",
				    .deletes = true};
	struct removal all = {.o = o};
	bool act;

	batch_begin(&all.batch, io, &rules, &o->batch);
	read_records(&all);
	read_gone(&all);
	look(&all, engine);
	act = batch_may_act(&all.batch);
	if (act)
		remove_all(&all);
	for (size_t i = 0; i < all.n; i++)
		if ((act || all.batch.dry) && all.list[i].work->rec &&
		    !all.list[i].work->failure.status)
			rec_set(all.list[i].work->rec, "status", json_string("gone"));
	batch_end(&all.batch);
	for (size_t i = 0; i < all.n; i++)
		cloud_item_free(&all.list[i].item);
	free(all.list);
	cloud_digitalocean.close(all.cloud);
}
