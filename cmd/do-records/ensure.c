/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mem.h"
#include "records.h"
#include "status.h"

/* What is no list is wrong, and is told. */
static bool has_names(const struct rec *rec)
{
	const json_t *names = json_object_get(rec->json, "names");

	return json_array_size(names) || (names && !json_is_array(names) && !json_is_null(names));
}

/* Two machines cannot have one name: half of the traffic would go to either. */
static void refuse_shared(struct batch *b)
{
	json_t *owners = json_object();

	for (size_t i = 0; i < b->n; i++) {
		struct points *all = b->works[i].own;

		for (size_t j = 0; all && j < all->n && !b->works[i].failure.status; j++) {
			const char *name = all->list[j].name;
			const json_t *owner = json_object_get(owners, name);
			const char *first;

			if (!owner) {
				json_object_set_new(owners, name, json_integer((json_int_t)i));
			} else if (json_integer_value(owner) != (json_int_t)i) {
				first = rec_string(b->works[json_integer_value(owner)].rec, "name");
				fail_set(&b->works[i].failure, ST_DATA, "same-name",
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
	struct batch *b = &r->batch;
	struct failure f = {0};
	bool opened = false;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (!work->mine)
			continue;
		if (!opened)
			open_zones(r, &f);
		opened = true;
		if (f.status)
			fail_copy(&work->failure, &f);
		else
			points_want(r, work);
	}
	if (opened && !f.status)
		zones_load(&r->zones, NULL, NULL);
	refuse_shared(b);
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].own && !b->works[i].failure.status)
			points_judge(r, &b->works[i]);
	fail_free(&f);
}

static void name_failure(struct batch_work *work)
{
	const char *name = rec_string(work->rec, "name");

	if (work->failure.status)
		fail_prefix(&work->failure, "cannot name '%s'", name ? name : "?");
}

void records_ensure(struct records *r)
{
	const struct batch_rules rules = {.filter = r->filter,
					  .kind = "instance",
					  .provider = "digitalocean",
					  .unclaimed = true,
					  .means = has_names,
					  .things = "records"};
	struct batch *b = &r->batch;

	batch_begin(b, r->io, &rules, &r->options->batch);
	batch_read(b);
	look(r);
	if (batch_may_act(b) && r->client)
		points_make(r);
	for (size_t i = 0; i < b->n; i++) {
		name_failure(&b->works[i]);
		points_free(b->works[i].own);
	}
	batch_end(b);
	zones_free(&r->zones);
	do_close(r->client);
}
