/* SPDX-License-Identifier: ISC
 * All domains at once, written one after another. One that could not be read is a target: it must
 * never look like one without records. */
#include <string.h>

#include "dns-name.h"
#include "mem.h"
#include "records.h"

static void write_target(struct records *r, const char *domain, struct failure *f)
{
	struct rec *target = rec_new(
	    json_pack("{s:s, s:s, s:s*, s:s*}", "kind", "target", "provider", "digitalocean",
		      "account", r->client ? do_account(r->client) : NULL, "domain", domain));

	if (domain)
		fail_prefix(f, "cannot list the records of '%s'", domain);
	else
		fail_prefix(f, "cannot list domains");
	rec_fail(r->io, target, f);
	rec_write(r->io, target);
}

static void write_zone(struct records *r, struct zone *zone)
{
	json_t *record;
	size_t i;

	if (zone->failure.status) {
		write_target(r, zone->name, &zone->failure);
		return;
	}
	rec_emit(r->io, json_pack("{s:s, s:s, s:s, s:s}", "kind", "domain", "provider",
				  "digitalocean", "id", zone->name, "name", zone->name));
	json_array_foreach(zone->records, i, record)
		rec_emit(r->io, json_incref(record));
	json_array_clear(zone->records);
}

struct writing {
	struct records *records;
	size_t next;
	bool *settled;
};

/* Writes the zones whose turn it is. */
static void settled(struct zone *zone, void *ctx)
{
	struct writing *w = ctx;
	struct zones *z = &w->records->zones;

	w->settled[zone - z->list] = true;
	while (w->next < z->n && w->settled[w->next])
		write_zone(w->records, &z->list[w->next++]);
}

static bool open_zones(struct records *r, struct failure *f)
{
	char **name = r->options->operands;

	r->client = r->zones.client = do_open(r->engine, f);
	if (!r->client)
		return false;
	if (!*name)
		return zones_read(&r->zones, r->client, f);
	for (; *name; name++)
		zones_add(&r->zones, *name, true);
	return true;
}

void records_list(struct records *r)
{
	struct writing w = {.records = r};
	struct failure f = {0};
	struct rec *in;

	if (*r->options->operands && !strcmp(*r->options->operands, "-")) {
		r->options->operands++;
		rec_open(r->io, "-");
		while ((in = rec_read(r->io)))
			rec_write(r->io, in);
	}
	if (open_zones(r, &f)) {
		w.settled = mem_alloc(r->zones.n + 1);
		for (size_t i = 0; i < r->zones.n; i++)
			r->zones.list[i].wanted = true;
		zones_load(&r->zones, settled, &w);
		free(w.settled);
	} else {
		write_target(r, NULL, &f);
	}
	zones_free(&r->zones);
	do_close(r->client);
	fail_free(&f);
}
