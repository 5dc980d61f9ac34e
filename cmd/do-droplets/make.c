/* SPDX-License-Identifier: ISC
 * Makes what is not there, then waits for all of them: one question a round. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "droplets.h"
#include "mem.h"
#include "status.h"
#include "wait.h"

enum { TRIES = 3, FRESH_MS = 15 * 60 * 1000 };

static const char *name_of(const struct want *w)
{
	return json_string_value(json_object_get(w->json, "name"));
}

static void settle(struct want *w)
{
	w->waits = false;
	batch_settle(&w->all->batch, w->work);
}

/* What is known of it stays on the record: the next run goes on from there. */
static void give_up(struct want *w, struct failure *f)
{
	if (w->item.record)
		result_put(w, w->item.record);
	else if (w->item.id && w->work->rec)
		rec_set(w->work->rec, "id", json_string(w->item.id));
	fail_move(&w->work->failure, f);
	settle(w);
}

static void tell(struct want *w, const char *event)
{
	rec_event(w->all->io, event, "instance", "digitalocean", w->item.id,
		  json_pack("{s:s, s:O*}", "name", name_of(w), "region",
			    json_object_get(w->json, "region")));
}

/* Whether it was made cannot be told yet. */
static void doubt(struct want *w)
{
	w->waits = true;
	if (!w->unclear_since)
		w->unclear_since = clk_now();
	if (w->item.failure.status)
		cli_note("droplet '%s': %s; looking whether it was made", name_of(w),
			 w->item.failure.message);
	else
		cli_note("droplet '%s': an earlier run may have made it; looking", name_of(w));
	fail_move(&w->unclear, &w->item.failure);
}

static void created(struct cloud_item *item)
{
	struct want *w = item->ctx;

	w->sent = w->sent || item->made || (item->unclear && item->failure.status);
	if (item->id) {
		w->unclear_since = 0;
		w->waits = true;
		tell(w, item->made ? "created" : "found");
	} else if (item->unclear) {
		doubt(w);
	} else {
		fail_prefix(&item->failure, "cannot make droplet '%s'", name_of(w));
		give_up(w, &item->failure);
	}
}

static void looked(struct cloud_item *item)
{
	struct want *w = item->ctx;

	if (item->failure.status == ST_TEMP && strcmp(item->failure.code, "too_many_requests")) {
		fail_free(&item->failure); /* the next look may tell */
	} else if (item->failure.status) {
		fail_prefix(&item->failure, "droplet '%s'", name_of(w));
		give_up(w, &item->failure);
	} else if (item->record) {
		if (w->unclear_since)
			tell(w, w->sent ? "created" : "found");
		w->unclear_since = 0;
		w->seen = true;
		if (item->ready) {
			result_put(w, item->record);
			settle(w);
		}
	} else if (w->seen) {
		fail_set(&item->failure, ST_REFUSED, "gone",
			 "droplet '%s' (%s) is gone: something removed it", name_of(w), item->id);
		give_up(w, &item->failure);
	}
}

/* Those for which `chosen` is true; caller frees the array. */
static struct cloud_item **pick(struct ensure *e, bool (*chosen)(const struct want *), size_t *n)
{
	struct cloud_item **items = mem_alloc((e->n + 1) * sizeof(struct cloud_item *));

	*n = 0;
	for (size_t i = 0; i < e->n; i++)
		if (chosen(&e->wants[i]))
			items[(*n)++] = &e->wants[i].item;
	return items;
}

static bool is_missing(const struct want *w)
{
	return !w->found && !w->work->failure.status && w->work->rec;
}

static bool is_awaited(const struct want *w)
{
	return w->waits;
}

/* It was looked for so long that no list can hide it any more. */
static bool is_due(const struct want *w)
{
	return w->waits && !w->item.id && w->unclear_since &&
	       clk_now() - w->unclear_since >= w->all->o->lag_ms;
}

static void create(struct ensure *e, bool (*chosen)(const struct want *))
{
	size_t n;
	struct cloud_item **items = pick(e, chosen, &n);

	for (size_t i = 0; i < n; i++) {
		struct want *w = items[i]->ctx;

		cloud_item_again(items[i]);
		items[i]->certain = w->unclear_since != 0;
		w->unclear_since = 0;
		w->tries++;
	}
	cloud_digitalocean.create(items, n, created);
	free(items);
}

/* What was looked for in vain, more often than chance allows. */
static void give_up_hopeless(struct ensure *e)
{
	for (size_t i = 0; i < e->n; i++) {
		struct want *w = &e->wants[i];

		if (!is_due(w) || w->tries < TRIES)
			continue;
		if (!w->unclear.status)
			fail_set(&w->unclear, ST_TEMP, "unclear", "no answer");
		fail_prefix(&w->unclear, "cannot make droplet '%s', tried %u times", name_of(w),
			    w->tries);
		give_up(w, &w->unclear);
	}
}

/* A round; how many are left. */
static size_t look(struct ensure *e)
{
	size_t n;
	struct cloud_item **items = pick(e, is_awaited, &n);

	for (size_t i = 0; i < n; i++)
		cloud_item_again(items[i]);
	cloud_digitalocean.state(items, n, looked);
	free(items);
	give_up_hopeless(e);
	create(e, is_due);
	free(pick(e, is_awaited, &n));
	return n;
}

static void give_up_all(struct ensure *e, const struct failure *why)
{
	for (size_t i = 0; i < e->n; i++) {
		struct want *w = &e->wants[i];
		struct failure f = {0};

		if (!w->waits)
			continue;
		fail_set(&f, why->status, why->code,
			 "droplet '%s' (%s) is not ready%s%s: run it again to go on waiting",
			 name_of(w), w->item.id ? w->item.id : "not seen yet",
			 why->status == ST_TEMP ? "" : ", ",
			 why->status == ST_TEMP ? "" : why->message);
		give_up(w, &f);
	}
}

static void wait_for_all(struct ensure *e)
{
	struct failure f = {0};
	struct wait wait;
	size_t n, left;

	free(pick(e, is_awaited, &n));
	left = n;
	if (!n)
		return;
	wait_begin(&wait, e->o->limit_ms, 1000, e->o->interval_ms,
		   "droplets to be active and addressed");
	while (left) {
		wait_say(&wait, "%zu of %zu are", n - left, n);
		if (!wait_more(&wait, &f)) {
			give_up_all(e, &f);
			break;
		}
		left = look(e);
	}
	wait_end(&wait);
	fail_free(&f);
}

/* What an earlier run made a moment ago is waited for, too. */
static bool is_unready(const json_t *machine)
{
	const json_t *public = json_object_get(machine, "public_network_interfaces");
	const char *status = json_string_value(json_object_get(machine, "status"));
	const char *created_at = json_string_value(json_object_get(machine, "created"));
	bool fresh = created_at && clk_now() - clk_parse_iso(created_at) < FRESH_MS;

	if (!status || strcmp(status, "active") != 0)
		return status && !strcmp(status, "new");
	return fresh && (!json_object_get(public, "ipv4") ||
			 (json_is_true(json_object_get(machine, "ipv6")) &&
			  !json_object_get(public, "ipv6")));
}

static void take_found(struct want *w)
{
	result_put(w, w->found);
	if (is_unready(w->found)) {
		w->waits = w->seen = true;
		w->item.id = mem_dup(json_string_value(json_object_get(w->found, "id")));
	} else {
		settle(w);
	}
}

void make_all(struct ensure *e)
{
	for (size_t i = 0; i < e->n; i++) {
		struct want *w = &e->wants[i];

		w->item.cloud = e->cloud;
		w->item.wanted = w->json;
		w->item.ctx = w;
		if (w->found)
			take_found(w);
	}
	create(e, is_missing);
	wait_for_all(e);
}
