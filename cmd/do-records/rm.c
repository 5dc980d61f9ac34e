/* SPDX-License-Identifier: ISC
 * Removes what points at the machines given, and records by id. What else a name has stays. */
#include <string.h>

#include "dns-name.h"
#include "dns-record.h"
#include "instance.h"
#include "mem.h"
#include "plan.h"
#include "records.h"
#include "status.h"
#include "stop.h"

/* What is to be removed for one work: `dns-record` records. */
struct going {
	struct records *records;
	struct batch_work *work;
	json_t *list;
	size_t under_way;
};

static const char *text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

static void plan_removal(struct batch_work *work, json_t *record)
{
	struct going *g = work->own;

	plan_add(work->plan, "delete", "dns-record", "digitalocean", NULL, text_of(record, "fqdn"),
		 text_of(record, "id"),
		 json_pack("{s:O, s:O, s:O}", "type", json_object_get(record, "type"), "domain",
			   json_object_get(record, "domain"), "data",
			   json_object_get(record, "data")),
		 NULL, NULL);
	json_array_append(g->list, record);
}

/* ---- an instance: type, name and address must be its own */

struct owned {
	const struct address *wanted;
	bool is;
};

static void compare(void *ctx, const char *text)
{
	struct owned *o = ctx;
	struct address address;

	o->is |= address_parse(text, &address) && address_equal(&address, o->wanted);
}

static void plan_name(struct records *r, struct batch_work *work, const char *name)
{
	const struct zone *zone = zones_of(&r->zones, name);
	json_t *record;
	size_t i;

	if (!zone)
		return;
	if (zone->failure.status) {
		fail_copy(&work->failure, &zone->failure);
		fail_prefix(&work->failure, "cannot read the records of '%s'", zone->name);
		return;
	}
	json_array_foreach(zone->records, i, record) {
		struct address address;
		struct owned o = {&address, false};

		if (strcmp(text_of(record, "fqdn"), name) != 0 || !dns_record_points(record) ||
		    !dns_record_address(record, &address))
			continue;
		instance_addresses(work->rec->json, compare, &o);
		if (o.is)
			plan_removal(work, record);
		else
			plan_add(work->plan, "keep", "dns-record", "digitalocean", NULL, name,
				 text_of(record, "id"), NULL, NULL, "it points elsewhere");
	}
}

/* Calls plan_name() for each of its names, once; or only notes whose records are needed. */
static void each_name(struct records *r, struct batch_work *work, bool plan)
{
	const json_t *names = json_object_get(work->rec->json, "names");
	json_t *seen = json_object(), *value;
	size_t i;

	json_array_foreach(names, i, value) {
		char *name = dns_name_plain(json_string_value(value));
		struct zone *zone = zones_of(&r->zones, name);

		if (zone && !plan)
			zone->wanted = true;
		if (plan && !json_object_get(seen, name) && !work->failure.status)
			plan_name(r, work, name);
		json_object_set_new(seen, name, json_true());
		free(name);
	}
	json_decref(seen);
}

/* ---- a record: what it says must be what is there */

static bool same(const struct rec *rec, const json_t *there, const char *key)
{
	const char *said = rec_string(rec, key), *is = text_of(there, key);
	struct address a, b;

	if (!said || (is && !strcmp(said, is)))
		return true;
	return is && !strcmp(key, "data") && address_parse(said, &a) && address_parse(is, &b) &&
	       address_equal(&a, &b);
}

/* A domain's own: without them it is none. */
static bool is_domains_own(const json_t *record)
{
	return !strcmp(text_of(record, "type"), "SOA") ||
	       (!strcmp(text_of(record, "type"), "NS") && !strcmp(text_of(record, "name"), "@"));
}

static void found(struct do_call *call)
{
	struct batch_work *work = call->ctx;
	const char *id = rec_string(work->rec, "id");
	json_t *record;

	if (call->http_status == 404)
		return;
	if (call->failure.status) {
		fail_move(&work->failure, &call->failure);
		return;
	}
	record = zone_record(json_object_get(call->result, "domain_record"),
			     rec_string(work->rec, "domain"));
	if (!record)
		fail_set(&work->failure, ST_BUG, "bad-answer", "the answer has no domain_record");
	else if (is_domains_own(record))
		fail_set(&work->failure, ST_DATA, "domains-own",
			 "record %s is the domain's own %s record", id, text_of(record, "type"));
	else if (!same(work->rec, record, "type") || !same(work->rec, record, "name") ||
		 !same(work->rec, record, "data"))
		fail_set(&work->failure, ST_NO, "conflict", "record %s is %s %s '%s' by now", id,
			 text_of(record, "type"), text_of(record, "fqdn"), text_of(record, "data"));
	else
		plan_removal(work, record);
	json_decref(record);
}

static void look_for_record(struct records *r, struct batch_work *work)
{
	const char *id = rec_string(work->rec, "id"), *domain = rec_string(work->rec, "domain");
	char *a, *b;

	if (!id || !*id || !domain || !*domain) {
		fail_set(&work->failure, ST_DATA, "bad-record", "it has no 'id' or no 'domain'");
		return;
	}
	a = do_escape(domain);
	b = do_escape(id);
	do_queue(r->client,
		 do_call_new("GET", NULL, found, work, "/v2/domains/%s/records/%s", a, b));
	free(a);
	free(b);
}

/* ---- all of them */

static bool is_instance(const struct batch_work *work)
{
	return !strcmp(work->rec->kind, "instance");
}

static bool is_removable(const struct rec *rec)
{
	return !strcmp(rec->kind, "instance") || !strcmp(rec->kind, "dns-record");
}

static bool open_work(struct records *r, struct batch_work *work, struct failure *f)
{
	const char *wrong;
	struct going *g;

	if (!r->client && !f->status)
		r->client = do_open(r->engine, f);
	if (r->client && !f->status && is_instance(work) && !r->zones.client)
		zones_read(&r->zones, r->client, f);
	if (f->status) {
		fail_copy(&work->failure, f);
		return false;
	}
	wrong = is_instance(work) ? instance_wrong(work->rec->json) : NULL;
	if (wrong)
		return fail_set(&work->failure, ST_DATA, "wrong-type", "%s", wrong);
	work->own = g = mem_alloc(sizeof *g);
	*g = (struct going){.records = r, .work = work, .list = json_array()};
	return true;
}

static void look(struct records *r)
{
	struct batch *b = &r->batch;
	struct failure f = {0};

	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (!work->mine || !open_work(r, work, &f))
			continue;
		if (is_instance(work))
			each_name(r, work, false);
		else
			look_for_record(r, work);
	}
	if (r->client)
		do_run(r->client);
	zones_load(&r->zones, NULL, NULL);
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].own && is_instance(&b->works[i]))
			each_name(r, &b->works[i], true);
	fail_free(&f);
}

struct removal {
	struct going *going;
	const json_t *record;
};

static void removed(struct do_call *call)
{
	struct removal *m = call->ctx;
	struct batch_work *work = m->going->work;
	char *text;

	if (!call->failure.status || call->http_status == 404) {
		zone_event(m->going->records->io, "deleted", m->record);
	} else if (!work->failure.status) {
		text = zone_record_text(m->record);
		fail_move(&work->failure, &call->failure);
		fail_prefix(&work->failure, "cannot delete %s", text);
		free(text);
	}
	free(m);
}

static void act(struct records *r, struct batch_work *work)
{
	struct going *g = work->own;
	json_t *record;
	size_t i;

	json_array_foreach(g->list, i, record) {
		struct removal *m = mem_alloc(sizeof *m);
		char *domain = do_escape(text_of(record, "domain"));

		*m = (struct removal){g, record};
		do_queue(r->client,
			 do_call_new("DELETE", NULL, removed, m, "/v2/domains/%s/records/%s",
				     domain, text_of(record, "id")));
		free(domain);
	}
}

/* DOMAIN/ID */
static void add_operands(struct records *r)
{
	for (char **operand = r->options->operands; *operand; operand++) {
		const char *slash = strrchr(*operand, '/');
		char *domain = mem_dup_n(*operand, (size_t)(slash - *operand));

		batch_add(&r->batch,
			  json_pack("{s:s, s:s, s:s, s:s}", "kind", "dns-record", "provider",
				    "digitalocean", "domain", domain, "id", slash + 1));
		free(domain);
	}
}

static void finish(struct batch *b, struct batch_work *work, bool allowed)
{
	struct going *g = work->own;
	bool record = !is_instance(work);
	const char *name = rec_string(work->rec, record ? "id" : "name");

	if (!work->failure.status && record && (allowed || b->dry))
		rec_set(work->rec, "status", json_string("gone"));
	if (work->failure.status)
		fail_prefix(&work->failure, "cannot remove %s '%s'",
			    record ? "record" : "the names of", name ? name : "?");
	if (g)
		json_decref(g->list);
	free(g);
}

void records_rm(struct records *r)
{
	const struct batch_rules rules = {.filter = r->filter,
					  .provider = "digitalocean",
					  .means = is_removable,
					  .things = "records",
					  .deletes = true};
	struct batch *b = &r->batch;
	bool allowed;

	batch_begin(b, r->io, &rules, &r->options->batch);
	add_operands(r);
	if (!*r->options->operands)
		batch_read(b);
	look(r);
	allowed = batch_may_act(b);
	for (size_t i = 0; i < b->n && allowed; i++)
		if (b->works[i].own)
			act(r, &b->works[i]);
	if (r->client)
		do_run(r->client);
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].mine)
			finish(b, &b->works[i], allowed);
	batch_end(b);
	zones_free(&r->zones);
	do_close(r->client);
}
