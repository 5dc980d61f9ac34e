/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "droplets.h"
#include "mem.h"
#include "status.h"

static void take_machine(struct cloud_item *item, json_t *record)
{
	json_array_append(item->ctx, record);
}

static void settled(struct cloud_item *item)
{
	(void)item;
}

static void read_machines(struct ensure *e)
{
	struct cloud_item item = {
	    .cloud = e->cloud, .kind = CLOUD_INSTANCES, .each = take_machine, .ctx = e->there};
	struct cloud_item *items[] = {&item};

	cloud_digitalocean.list(items, 1, settled);
	if (item.failure.status) {
		fail_prefix(&item.failure, "cannot list droplets");
		fail_move(&e->batch.stop, &item.failure);
	}
	cloud_item_free(&item);
}

/* A key of the stream: by its fingerprint, which is known before it is uploaded. */
static void take_key(struct ensure *e, const struct rec *r)
{
	const char *provider = rec_string(r, "provider");
	const char *reference = rec_string(r, "fingerprint");

	if (!rec_is(r, "ssh-key") || !provider || strcmp(provider, "digitalocean") != 0)
		return;
	if (!reference)
		reference = rec_string(r, "id");
	if (!reference)
		return;
	json_array_append_new(e->keys, json_string(reference));
	if (json_is_true(json_object_get(r->json, "planned")))
		json_object_set_new(e->unmade, reference, json_true());
}

static void read_wants(struct ensure *e)
{
	struct batch *b = &e->batch;

	json_array_extend(e->keys, e->o->keys);
	for (size_t i = 0; i < b->n; i++)
		take_key(e, b->works[i].rec);
	e->wants = mem_alloc((b->n + 1) * sizeof *e->wants);
	for (size_t i = 0; i < b->n; i++) {
		struct want *w = &e->wants[e->n];

		if (!b->works[i].mine)
			continue;
		*w = (struct want){.all = e, .work = &b->works[i]};
		want_read(w, &w->work->failure);
		result_hide(w->work->rec);
		e->n++;
	}
}

/* Reads the cloud; what is wrong ends up in the works or in batch.stop. */
static void look(struct ensure *e, struct http *engine)
{
	if (!e->n)
		return;
	e->cloud = cloud_digitalocean.open(engine, &e->batch.stop);
	if (!e->cloud)
		return;
	read_machines(e);
	if (e->batch.stop.status)
		return;
	match_all(e);
	check_all(e);
}

static void put_plans(struct ensure *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (!e->wants[i].work->failure.status)
			result_put(&e->wants[i], e->wants[i].found);
}

static void release(struct ensure *e)
{
	for (size_t i = 0; i < e->n; i++) {
		json_decref(e->wants[i].json);
		cloud_item_free(&e->wants[i].item);
		fail_free(&e->wants[i].unclear);
	}
	free(e->wants);
	json_decref(e->there);
	json_decref(e->keys);
	json_decref(e->unmade);
	cloud_digitalocean.close(e->cloud);
}

void droplets_ensure(struct rec_io *io, struct http *engine, const struct options *o)
{
	struct batch_rules rules = {.filter = o->filter,
				    .kind = "instance",
				    .provider = "digitalocean",
				    .unclaimed = true,
				    .things = "droplets"};
	struct ensure e = {
	    .io = io, .o = o, .there = json_array(), .keys = json_array(), .unmade = json_object()};

	batch_begin(&e.batch, io, &rules, &o->batch);
	batch_read(&e.batch);
	read_wants(&e);
	look(&e, engine);
	if (batch_may_act(&e.batch))
		make_all(&e);
	else if (e.batch.dry)
		put_plans(&e);
	batch_end(&e.batch);
	release(&e);
}
