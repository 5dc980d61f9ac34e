/* SPDX-License-Identifier: ISC
 * Lists. Droplets are two lists, since those with GPUs are in none but their own; which of two
 * public addresses is a reserved one, a third list says, read only when a droplet has two. */
#include <stdlib.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "droplet.h"
#include "marks.h"

enum { DROPLETS, GPUS, LISTS };

struct part {
	struct do_list list;
	json_t *held; /* arrived, not handed over */
	size_t next;  /* of held */
	bool read;    /* to its end */
};

struct listing {
	struct cloud_item *item;
	void (*done)(struct cloud_item *);
	struct part parts[LISTS];
	char *paths[LISTS];
	struct do_list reserved_list;
	json_t *reserved; /* addresses as keys; NULL while not known */
	bool asked;       /* for them */
	bool unsure;      /* they could not be read */
};

static void take_reserved(struct do_list *l, json_t *thing)
{
	struct listing *g = l->ctx;
	const char *ip = json_string_value(json_object_get(thing, "ip"));

	if (ip)
		json_object_set_new(g->reserved, ip, json_true());
}

static void advance(struct listing *g);

static void end_reserved(struct do_list *l)
{
	struct listing *g = l->ctx;

	/* A token that may not see them: the first public address is the one. */
	if (l->failure.status == ST_NOPERM || l->failure.status == ST_REFUSED)
		fail_free(&l->failure);
	g->unsure = l->failure.status != 0;
	if (g->unsure)
		fail_move(&g->item->failure, &l->failure);
	g->asked = false;
	advance(g);
}

static void ask_reserved(struct listing *g)
{
	g->asked = true;
	g->reserved = json_object();
	g->reserved_list = (struct do_list){.client = g->item->cloud->client,
					    .path = "/v2/reserved_ips",
					    .member = "reserved_ips",
					    .each = take_reserved,
					    .done = end_reserved,
					    .ctx = g};
	do_list_queue(&g->reserved_list);
}

static void hand_over(struct listing *g, json_t *droplet)
{
	json_t *record =
	    do_droplet_record(droplet, g->reserved, do_account(g->item->cloud->client));

	if (do_is_asked_for(g->item, record))
		g->item->each(g->item, record);
	json_decref(record);
}

/* False while something must be waited for. */
static bool hand_over_held(struct listing *g, struct part *p)
{
	for (; p->next < json_array_size(p->held); p->next++) {
		json_t *droplet = json_array_get(p->held, p->next);

		if (do_droplet_ambiguous(droplet) && !g->reserved)
			ask_reserved(g);
		if (g->asked)
			return false;
		hand_over(g, droplet);
		json_array_set_new(p->held, p->next, json_null());
	}
	return p->read;
}

static void finish(struct listing *g)
{
	struct cloud_item *item = g->item;
	void (*done)(struct cloud_item *) = g->done;

	item->cloud->n_pages = g->parts[DROPLETS].list.n_pages;
	for (int i = 0; i < LISTS; i++) {
		json_decref(g->parts[i].held);
		free(g->paths[i]);
	}
	json_decref(g->reserved);
	free(g);
	done(item);
}

static void advance(struct listing *g)
{
	bool all = true;

	for (int i = 0; all && i < LISTS && !g->unsure; i++)
		all = hand_over_held(g, &g->parts[i]);
	if (all && !g->asked && g->parts[DROPLETS].read && g->parts[GPUS].read)
		finish(g);
}

static void take_droplet(struct do_list *l, json_t *droplet)
{
	struct part *p = (struct part *)l;
	struct listing *g = l->ctx;

	json_array_append(p->held, droplet);
	advance(g);
}

static void end_part(struct do_list *l)
{
	struct part *p = (struct part *)l;
	struct listing *g = l->ctx;

	if (!g->item->failure.status)
		fail_move(&g->item->failure, &l->failure);
	fail_free(&l->failure);
	p->read = true;
	advance(g);
}

/* A run's are those that carry its tag. */
static char *path_of(const struct cloud_item *item, int part)
{
	const char *type = part == GPUS ? "type=gpus" : "";
	char *run = do_escape(item->run ? item->run : "");
	char *path = item->run ? mem_fmt("/v2/droplets?tag_name=sluice:run:%s%s%s", run,
					 *type ? "&" : "", type)
			       : mem_fmt("/v2/droplets%s%s", *type ? "?" : "", type);

	free(run);
	return path;
}

static void list_droplets(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct listing *g = mem_alloc(sizeof *g);

	*g = (struct listing){.item = item, .done = done};
	for (int i = 0; i < LISTS; i++) {
		g->paths[i] = path_of(item, i);
		g->parts[i].held = json_array();
		g->parts[i].list = (struct do_list){.client = item->cloud->client,
						    .path = g->paths[i],
						    .member = "droplets",
						    .each = take_droplet,
						    .done = end_part,
						    .ctx = g};
	}
	for (int i = 0; i < LISTS; i++)
		do_list_queue(&g->parts[i].list);
}

struct simple {
	struct do_list list;
	struct cloud_item *item;
	void (*done)(struct cloud_item *);
};

static void take_thing(struct do_list *l, json_t *thing)
{
	struct simple *s = l->ctx;
	json_t *record = do_catalog_record(s->item->kind, thing, do_account(l->client));

	if (!do_is_backup(s->item, thing) && do_is_asked_for(s->item, record))
		s->item->each(s->item, record);
	json_decref(record);
}

static void end_simple(struct do_list *l)
{
	struct simple *s = l->ctx;
	struct cloud_item *item = s->item;
	void (*done)(struct cloud_item *) = s->done;

	fail_move(&item->failure, &l->failure);
	free(s);
	done(item);
}

static void list_things(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct simple *s = mem_alloc(sizeof *s);

	*s = (struct simple){.item = item, .done = done};
	s->list = (struct do_list){
	    .client = item->cloud->client, .each = take_thing, .done = end_simple, .ctx = s};
	s->list.path = do_catalog_path(item, &s->list.member);
	do_list_queue(&s->list);
}

/* What is made here for a while is no disk: there is nothing to be asked for them. */
static bool is_none(const struct cloud_item *item)
{
	bool disk = item->kind == CLOUD_VOLUMES || item->kind == CLOUD_SNAPSHOTS;

	return item->kind == CLOUD_GROUPS || (disk && (item->run || item->temporary));
}

void do_cloud_list(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++)
		if (is_none(items[i]))
			done(items[i]);
		else if (items[i]->kind == CLOUD_INSTANCES)
			list_droplets(items[i], done);
		else
			list_things(items[i], done);
	do_run_items(items, n);
}
