/* SPDX-License-Identifier: ISC
 * What instances want of the DNS, and what is in its way. */
#include <string.h>

#include "cli.h"
#include "dns-name.h"
#include "dns-record.h"
#include "instance.h"
#include "mem.h"
#include "plan.h"
#include "records.h"
#include "status.h"

static const json_t *public_of(const struct rec *rec, const char *family)
{
	return json_object_get(json_object_get(rec->json, "public_network_interfaces"), family);
}

static bool planned(const struct rec *rec)
{
	return json_is_true(json_object_get(rec->json, "planned"));
}

/* Adds a point; one that does not concern the machine has no type. */
static bool add(struct batch_work *work, const char *type, const char *family,
		const struct point *base)
{
	const json_t *text = public_of(work->rec, family);
	struct points *all = work->own;
	struct point p = *base;

	p.type = type;
	p.name = mem_dup(base->name);
	all->list = mem_grow(all->list, all->n + 1, sizeof *all->list);
	all->list[all->n++] = p;
	if (!json_is_string(text))
		return true;
	all->list[all->n - 1].known = true;
	return (address_parse(json_string_value(text), &all->list[all->n - 1].address) &&
		all->list[all->n - 1].address.family ==
		    (*family == 'i' && family[3] == '4' ? 4 : 6)) ||
	       fail_set(&work->failure, ST_DATA, "wrong-type", "its public %s is no address",
			family);
}

/* Null, or nothing at all of a machine that is not there yet, is what only the cloud can know. */
static bool has_family(const struct rec *rec, const char *family)
{
	const json_t *value = public_of(rec, family);

	if (json_is_string(value))
		return true;
	if (!planned(rec))
		return false;
	return value || (!strcmp(family, "ipv4") && !json_is_string(public_of(rec, "ipv6")));
}

static bool said_before(const struct points *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->list[i].name, name))
			return true;
	return false;
}

static bool want_name(struct records *r, struct batch_work *work, const char *text)
{
	struct point base = {.work = work, .records = r};
	char *name = dns_name_plain(text);
	const char *wrong = dns_name_wrong(name);
	bool good = true;

	base.name = name;
	base.zone = wrong ? NULL : zones_of(&r->zones, name);
	if (wrong)
		good =
		    fail_set(&work->failure, ST_DATA, "bad-name", "the name '%s' %s", text, wrong);
	else if (!base.zone)
		good = fail_set(&work->failure, ST_DATA, "no-domain",
				"no domain of the account holds '%s' (-z DOMAIN makes one)", name);
	else if (!said_before(work->own, name)) {
		base.zone->wanted = true;
		if (has_family(work->rec, "ipv4"))
			good = add(work, "A", "ipv4", &base);
		if (good && has_family(work->rec, "ipv6"))
			good = add(work, "AAAA", "ipv6", &base);
	}
	free(name);
	return good;
}

bool points_want(struct records *r, struct batch_work *work)
{
	const char *wrong = instance_wrong(work->rec->json);
	json_t *name;
	size_t i;

	work->own = mem_alloc(sizeof(struct points));
	if (wrong)
		return fail_set(&work->failure, ST_DATA, "wrong-type", "%s", wrong);
	if (!has_family(work->rec, "ipv4") && !has_family(work->rec, "ipv6"))
		return fail_set(&work->failure, ST_DATA, "no-address",
				"it has no public address that a name could point at");
	json_array_foreach(json_object_get(work->rec->json, "names"), i, name)
		if (!want_name(r, work, json_string_value(name)))
			return false;
	return true;
}

/* ---- what is there */

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

/* Whether the address is one of the machine's public ones: a reserved one will do. */
static bool is_its(const struct rec *rec, const struct address *address)
{
	struct owned o = {address, false};
	const json_t *public = json_object_get(rec->json, "public_network_interfaces"), *value;
	const char *key;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t) public, key, value)
		if (json_is_string(value))
			compare(&o, json_string_value(value));
	json_array_foreach(json_object_get(rec->json, "addresses"), i, value) {
		const char *text = json_string_value(json_object_get(value, "address"));
		const char *type = json_string_value(json_object_get(value, "type"));

		if (text && (!type || strcmp(type, "private") != 0))
			compare(&o, text);
	}
	return o.is;
}

static bool is_of(const json_t *record, const char *name)
{
	return !strcmp(json_string_value(json_object_get(record, "fqdn")), name);
}

static const char *text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

bool point_is_there(struct point *p)
{
	json_t *record;
	size_t i;

	p->there = NULL;
	p->copies = 0;
	json_array_foreach(p->zone->records, i, record) {
		struct address address;

		if (!is_of(record, p->name) || strcmp(text_of(record, "type"), p->type) != 0 ||
		    !dns_record_address(record, &address) || !is_its(p->work->rec, &address))
			continue;
		if (!p->copies++)
			p->there = record;
	}
	return p->there;
}

/* Another machine's address at the name, or what cannot stand beside ours. */
static bool clashes(const struct rec *rec, const json_t *record)
{
	struct address address;

	if (!strcmp(text_of(record, "type"), "CNAME"))
		return true;
	return dns_record_points(record) &&
	       !(dns_record_address(record, &address) && is_its(rec, &address));
}

static void add_conflict(struct batch_work *work, const json_t *record, const char *name)
{
	char *text = zone_record_text(record), *because;

	because = mem_fmt("the %s has '%s'", text, text_of(record, "data"));
	plan_add(work->plan, "conflict", "dns-record", "digitalocean", NULL, name,
		 text_of(record, "id"), NULL, NULL, because);
	if (!work->failure.status)
		fail_set(&work->failure, ST_NO, "conflict", "'%s' points elsewhere: %s", name,
			 because);
	free(because);
	free(text);
}

/* Every name once, however many addresses its machine has. */
static void find_conflicts(struct batch_work *work)
{
	struct points *all = work->own;
	const char *last = "";
	json_t *record;
	size_t j;

	for (size_t i = 0; i < all->n; i++) {
		const struct point *p = &all->list[i];

		if (strcmp(p->name, last) != 0)
			json_array_foreach(p->zone->records, j, record)
				if (is_of(record, p->name) && clashes(work->rec, record))
					add_conflict(work, record, p->name);
		last = p->name;
	}
}

static json_t *after_of(const struct records *r, const struct point *p)
{
	char text[ADDRESS_SIZE];
	json_t *after =
	    json_pack("{s:s, s:s, s:o}", "type", p->type, "domain", p->zone->name, "data",
		      p->known ? json_string(address_text(&p->address, text)) : json_null());

	if (r->options->ttl)
		json_object_set_new(after, "ttl", json_integer(r->options->ttl));
	return after;
}

static void plan_point(const struct records *r, struct batch_work *work, struct point *p)
{
	char *because;

	p->done = point_is_there(p);
	if (!p->zone->there && !p->zone->planned) {
		plan_add(work->plan, "create", "domain", "digitalocean", NULL, p->zone->name, NULL,
			 NULL, NULL, NULL);
		p->zone->planned = true;
	}
	if (!p->done) {
		plan_add(work->plan, "create", "dns-record", "digitalocean", NULL, p->name, NULL,
			 NULL, after_of(r, p), NULL);
		return;
	}
	because = p->copies > 1
		      ? mem_fmt("%s %s, %zu times", p->type, text_of(p->there, "data"), p->copies)
		      : mem_fmt("%s %s", p->type, text_of(p->there, "data"));
	if (p->copies > 1)
		cli_note("there are %zu equal %s records '%s'", p->copies, p->type, p->name);
	plan_add(work->plan, "keep", "dns-record", "digitalocean", NULL, p->name,
		 text_of(p->there, "id"), NULL, NULL, because);
	free(because);
}

void points_judge(struct records *r, struct batch_work *work)
{
	struct points *all = work->own;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].zone->failure.status) {
			fail_copy(&work->failure, &all->list[i].zone->failure);
			fail_prefix(&work->failure, "cannot read the records of '%s'",
				    all->list[i].zone->name);
			return;
		}
	for (size_t i = 0; i < all->n; i++)
		plan_point(r, work, &all->list[i]);
	find_conflicts(work);
}

void points_free(struct points *points)
{
	for (size_t i = 0; points && i < points->n; i++) {
		free(points->list[i].name);
		fail_free(&points->list[i].why);
	}
	if (points)
		free(points->list);
	free(points);
}
