/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dns-name.h"
#include "mem.h"
#include "records.h"
#include "status.h"

struct zone *zones_add(struct zones *z, const char *name, bool there)
{
	z->list = mem_grow(z->list, z->n + 1, sizeof *z->list);
	z->list[z->n] = (struct zone){.name = dns_name_plain(name), .there = there};
	return &z->list[z->n++];
}

bool zones_read(struct zones *z, struct do_client *client, struct failure *f)
{
	json_t *all = do_list_all(client, "/v2/domains", "domains", f), *domain;
	size_t i;

	z->client = client;
	json_array_foreach(all, i, domain) {
		const char *name = json_string_value(json_object_get(domain, "name"));

		if (name && *name)
			zones_add(z, name, true);
	}
	json_decref(all);
	return all;
}

struct zone *zones_of(const struct zones *z, const char *name)
{
	const char **names = mem_grow(NULL, z->n + 1, sizeof *names);
	long found;

	for (size_t i = 0; i < z->n; i++)
		names[i] = z->list[i].name;
	found = dns_name_zone(name, names, z->n);
	free(names);
	return found < 0 ? NULL : &z->list[found];
}

/* An address in our own spelling: the service has another one for each of its lists. */
static json_t *data_of(const char *type, const char *data)
{
	bool points = !strcmp(type, "A") || !strcmp(type, "AAAA");
	char text[ADDRESS_SIZE];
	struct address address;

	if (points && address_parse(data, &address))
		return json_string(address_text(&address, text));
	return json_string(data);
}

json_t *zone_record(const json_t *record, const char *domain)
{
	static const char *const more[] = {"ttl", "priority", "port", "weight", "flags", "tag"};
	const char *type = json_string_value(json_object_get(record, "type"));
	const char *name = json_string_value(json_object_get(record, "name"));
	const char *data = json_string_value(json_object_get(record, "data"));
	const json_t *id = json_object_get(record, "id");
	char *full;
	json_t *made;

	if (!type || !name || !json_is_integer(id))
		return NULL;
	full = dns_name_full(name, domain);
	made = json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:o}", "kind", "dns-record",
			 "provider", "digitalocean", "domain", domain, "id",
			 json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(id)), "type",
			 type, "name", name, "fqdn", full, "data", data_of(type, data ? data : ""));
	if (!made)
		mem_out();
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		json_t *value = json_object_get(record, more[i]);

		if (value && !json_is_null(value))
			json_object_set(made, more[i], value);
	}
	free(full);
	return made;
}

char *zone_record_text(const json_t *record)
{
	return mem_fmt("%s record '%s' (%s)", json_string_value(json_object_get(record, "type")),
		       json_string_value(json_object_get(record, "fqdn")),
		       json_string_value(json_object_get(record, "id")));
}

void zone_event(struct rec_io *io, const char *event, const json_t *record)
{
	rec_event(io, event, "dns-record", "digitalocean",
		  json_string_value(json_object_get(record, "id")),
		  json_pack("{s:O, s:O, s:O, s:O}", "name", json_object_get(record, "fqdn"),
			    "domain", json_object_get(record, "domain"), "type",
			    json_object_get(record, "type"), "data",
			    json_object_get(record, "data")));
}

struct loading {
	struct zone *zone;
	void (*done)(struct zone *zone, void *ctx);
	void *ctx;
};

static void take(struct do_list *l, json_t *thing)
{
	struct loading *g = l->ctx;
	json_t *record = zone_record(thing, g->zone->name);

	if (record)
		json_array_append_new(g->zone->records, record);
	else
		fail_set(&g->zone->failure, ST_BUG, "bad-answer",
			 "a record has no id, type or name");
}

static void settled(struct do_list *l)
{
	struct loading *g = l->ctx;

	if (l->failure.status)
		fail_move(&g->zone->failure, &l->failure);
	if (g->done)
		g->done(g->zone, g->ctx);
	free(g);
}

void zones_load(struct zones *z, void (*done)(struct zone *zone, void *ctx), void *ctx)
{
	for (size_t i = 0; i < z->n; i++) {
		struct zone *zone = &z->list[i];
		struct loading *g;
		char *name;

		if (!zone->wanted || zone->records)
			continue;
		zone->records = json_array();
		if (!zone->there)
			continue;
		g = mem_alloc(sizeof *g);
		*g = (struct loading){zone, done, ctx};
		name = do_escape(zone->name);
		free(zone->path);
		zone->path = mem_fmt("/v2/domains/%s/records", name);
		zone->list = (struct do_list){.client = z->client,
					      .path = zone->path,
					      .member = "domain_records",
					      .each = take,
					      .done = settled,
					      .ctx = g};
		do_list_queue(&zone->list);
		free(name);
	}
	if (z->client)
		do_run(z->client);
}

void zones_free(struct zones *z)
{
	for (size_t i = 0; i < z->n; i++) {
		free(z->list[i].name);
		free(z->list[i].path);
		json_decref(z->list[i].records);
		fail_free(&z->list[i].failure);
	}
	free(z->list);
}
