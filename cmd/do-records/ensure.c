/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mem.h"
#include "records.h"
#include "status.h"

static bool ours(const struct rec *rec)
{
	const char *provider = rec_string(rec, "provider");
	const json_t *names = json_object_get(rec->json, "names");

	return rec_is(rec, "instance") && (!provider || !strcmp(provider, "digitalocean")) &&
	       (json_array_size(names) || (names && !json_is_array(names) && !json_is_null(names)));
}

/* Two machines cannot have one name: half of the traffic would go to either. */
static void refuse_shared(struct change *c)
{
	json_t *owners = json_object();

	for (size_t i = 0; i < c->n; i++) {
		struct points *all = c->items[i].own;

		for (size_t j = 0; all && j < all->n && !c->items[i].failure.status; j++) {
			const char *name = all->list[j].name;
			const json_t *owner = json_object_get(owners, name);
			const char *first;

			if (!owner) {
				json_object_set_new(owners, name, json_integer((json_int_t)i));
			} else if (json_integer_value(owner) != (json_int_t)i) {
				first = rec_string(c->items[json_integer_value(owner)].rec, "name");
				fail_set(&c->items[i].failure, ST_DATA, "same-name",
					 "'%s' is a name of '%s', too", name, first ? first : "?");
			}
		}
	}
	json_decref(owners);
}

static bool open_zones(struct records *r, struct failure *f)
{
	if (!(r->client = do_open(r->engine, f)))
		return false;
	if (!zones_read(&r->zones, r->client, f)) {
		fail_prefix(f, "cannot read the domains");
		return false;
	}
	for (size_t i = 0; i < r->options->n_zones; i++) {
		bool known = false;

		for (size_t j = 0; j < r->zones.n; j++)
			known |= !strcmp(r->zones.list[j].name, r->options->zones[i]);
		if (!known)
			zones_add(&r->zones, r->options->zones[i], false);
	}
	return true;
}

static void look(struct records *r)
{
	struct change *c = r->change;
	struct failure f = {0};
	bool opened = false;

	for (size_t i = 0; i < c->n; i++) {
		struct change_item *item = &c->items[i];

		item->ours = ours(item->rec);
		if (item->ours && !opened) {
			open_zones(r, &f);
			opened = true;
		}
		if (item->ours && f.status)
			fail_copy(&item->failure, &f);
		else if (item->ours)
			points_want(r, item);
	}
	if (opened && !f.status)
		zones_load(&r->zones, NULL, NULL);
	refuse_shared(c);
	for (size_t i = 0; i < c->n; i++)
		if (c->items[i].own && !c->items[i].failure.status)
			points_judge(r, &c->items[i]);
	fail_free(&f);
}

static void name_failure(struct change_item *item)
{
	const char *name = rec_string(item->rec, "name");

	if (item->failure.status && strcmp(item->failure.code, "not-attempted") != 0)
		fail_prefix(&item->failure, "cannot name '%s'", name ? name : "?");
}

void records_ensure(struct records *r)
{
	struct change *c = r->change;

	change_begin(c);
	rec_open(r->io, r->options->file);
	change_read(c);
	look(r);
	if (change_allowed(c) && r->client)
		points_make(r);
	for (size_t i = 0; i < c->n; i++) {
		struct points *all = c->items[i].own;

		name_failure(&c->items[i]);
		change_write(c, &c->items[i]);
		points_free(all);
	}
	zones_free(&r->zones);
	do_close(r->client);
	change_end(c);
}
