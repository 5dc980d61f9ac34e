/* SPDX-License-Identifier: ISC
 * Nothing keeps two records from being equal, so a POST whose answer was lost is looked for, long
 * enough for a list that lags, before it is sent again. */
#include <string.h>

#include "dns-name.h"
#include "mem.h"
#include "records.h"
#include "status.h"
#include "stop.h"
#include "wait.h"

enum { ROUNDS = 3 };

typedef void visit(struct records *r, struct point *p);

static void each_point(struct records *r, visit *act)
{
	for (size_t i = 0; i < r->batch.n; i++) {
		struct points *all = r->batch.works[i].own;

		for (size_t j = 0; all && j < all->n; j++)
			if (!all->list[j].done && !all->list[j].failed)
				act(r, &all->list[j]);
	}
}

static void fail_point(struct point *p, struct failure *f)
{
	p->failed = true;
	fail_prefix(f, "cannot make %s record '%s'", p->type, p->name);
	if (!p->work->failure.status)
		fail_move(&p->work->failure, f);
}

/* ---- domains that -z allows */

struct domain_call {
	bool there;
	struct failure failure;
};

static void domain_settled(struct do_call *call)
{
	struct domain_call *d = call->ctx;

	d->there = !call->failure.status;
	fail_free(&d->failure);
	fail_move(&d->failure, &call->failure);
}

/* A second making of one domain is refused, so it may be sent again. */
static bool make_domain(struct records *r, struct zone *zone, struct failure *f)
{
	struct domain_call d = {0};
	char *name = do_escape(zone->name);
	struct do_call *call = do_call_new("POST", json_pack("{s:s}", "name", zone->name),
					   domain_settled, &d, "/v2/domains");

	call->effect = HTTP_IDEMPOTENT;
	do_queue(r->client, call);
	do_run(r->client);
	if (d.there)
		rec_event(r->io, "created", "domain", "digitalocean", zone->name, NULL);
	if (d.failure.status == ST_REFUSED) {
		fail_move(f, &d.failure);
		do_queue(r->client,
			 do_call_new("GET", NULL, domain_settled, &d, "/v2/domains/%s", name));
		do_run(r->client);
	} else {
		fail_move(f, &d.failure);
	}
	if (d.there)
		fail_free(f);
	zone->there = d.there;
	fail_free(&d.failure);
	free(name);
	return d.there;
}

static void make_its_domain(struct records *r, struct point *p)
{
	struct failure f = {0};

	if (p->zone->there)
		return;
	if (stop_asked())
		stop_failure(&f);
	else if (!p->zone->failure.status && !make_domain(r, p->zone, &f))
		fail_copy(&p->zone->failure, &f);
	if (p->zone->failure.status)
		fail_copy(&f, &p->zone->failure);
	if (f.status)
		fail_point(p, &f);
	fail_free(&f);
}

/* ---- records */

static void say_made(const struct records *r, struct point *p, const json_t *record)
{
	p->done = true;
	zone_event(r->io, "created", record);
}

static void settled(struct do_call *call)
{
	struct point *p = call->ctx;
	json_t *record = zone_record(json_object_get(call->result, "domain_record"), p->zone->name);

	fail_free(&p->why);
	fail_move(&p->why, &call->failure);
	if (record) {
		say_made(p->records, p, record);
	} else if (call->unclear || !p->why.status) {
		p->unclear = true;
		if (!p->why.status)
			fail_set(&p->why, ST_BUG, "bad-answer", "the answer has no domain_record");
	} else {
		fail_point(p, &p->why);
	}
	json_decref(record);
}

/* Records of one name have one TTL; without --ttl a new one takes that of its neighbours. */
static long long ttl_of(const struct records *r, const struct point *p)
{
	json_t *record;
	size_t i;

	if (r->options->ttl)
		return r->options->ttl;
	json_array_foreach(p->zone->records, i, record)
		if (!strcmp(json_string_value(json_object_get(record, "fqdn")), p->name))
			return json_integer_value(json_object_get(record, "ttl"));
	return 0;
}

static void post(struct records *r, struct point *p)
{
	char *relative = dns_name_relative(p->name, p->zone->name);
	char *zone = do_escape(p->zone->name), text[ADDRESS_SIZE];
	json_t *body = json_pack("{s:s, s:s, s:s}", "type", p->type, "name", relative, "data",
				 address_text(&p->address, text));
	long long ttl = ttl_of(r, p);

	if (ttl)
		json_object_set_new(body, "ttl", json_integer(ttl));
	p->unclear = false;
	do_queue(r->client, do_call_new("POST", body, settled, p, "/v2/domains/%s/records", zone));
	free(zone);
	free(relative);
}

/* ---- what may have been made */

static void forget_zone(struct records *r, struct point *p)
{
	(void)r;
	fail_free(&p->zone->failure);
	json_decref(p->zone->records);
	p->zone->records = NULL;
}

static void look(struct records *r, struct point *p)
{
	if (point_is_there(p)) {
		p->unclear = false;
		say_made(r, p, p->there);
	}
}

static size_t count(const struct records *r, const char **name)
{
	size_t n = 0;

	for (size_t i = 0; i < r->batch.n; i++) {
		const struct points *all = r->batch.works[i].own;

		for (size_t j = 0; all && j < all->n; j++)
			if (all->list[j].unclear && !all->list[j].done && !all->list[j].failed) {
				*name = all->list[j].name;
				n++;
			}
	}
	return n;
}

static void give_up(struct records *r, struct point *p)
{
	(void)r;
	fail_point(p, &p->why);
}

/* One that could not be looked for must not be made again. */
static void give_up_unseen(struct records *r, struct point *p)
{
	if (p->zone->failure.status)
		give_up(r, p);
}

/* Whether some are still to be made: they were looked for, long enough, and are not there. */
static bool some_lost(struct records *r)
{
	const char *name = "";
	struct failure f = {0};
	struct wait w;
	size_t n = count(r, &name);

	if (!n)
		return false;
	wait_begin(&w, r->options->limit_ms, 0, r->options->interval_ms,
		   "%zu records whose making was not confirmed, one is '%s'", n, name);
	do {
		each_point(r, forget_zone);
		zones_load(&r->zones, NULL, NULL);
		each_point(r, look);
		n = count(r, &name);
		wait_say(&w, n ? "not seen yet" : "seen");
	} while (n && wait_more(&w, &f));
	wait_end(&w);
	if (stop_asked())
		each_point(r, give_up);
	each_point(r, give_up_unseen);
	fail_free(&f);
	return count(r, &name);
}

void points_make(struct records *r)
{
	each_point(r, make_its_domain);
	for (int round = 0; round < ROUNDS; round++) {
		each_point(r, post);
		do_run(r->client);
		if (!some_lost(r))
			return;
	}
	each_point(r, give_up);
}
