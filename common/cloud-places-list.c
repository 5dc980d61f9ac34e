/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cloud-places.h"
#include "mem.h"
#include "status.h"

struct reading {
	struct cloud_item item;
	const struct cloud_places *places;
	struct cloud_place *place;
	json_t *records; /* in the order of the places, whoever answers first */
};

static bool named(const struct cloud_places *p, const char *region)
{
	for (size_t i = 0; i < p->n_regions; i++)
		if (!strcmp(p->regions[i], region))
			return true;
	return !p->n_regions;
}

/* What is in no region is everywhere. */
static bool in_places(const struct cloud_places *p, const json_t *record)
{
	const json_t *region = json_object_get(record, "region"),
		     *regions = json_object_get(record, "regions");
	json_t *one;
	size_t i;

	if (json_is_string(region))
		return named(p, json_string_value(region));
	json_array_foreach(regions, i, one) {
		if (json_is_string(one) && named(p, json_string_value(one)))
			return true;
	}
	return !json_array_size(regions);
}

static void take(struct cloud_item *item, json_t *record)
{
	const struct reading *r = item->ctx;

	if ((!r->place->driver->everywhere || in_places(r->places, record)) &&
	    json_array_append(r->records, record))
		mem_out();
}

static const char *things_of(enum cloud_kind kind)
{
	static const char *const things[CLOUD_KINDS] = {
	    [CLOUD_INSTANCES] = "machines",  [CLOUD_IMAGES] = "images",
	    [CLOUD_KEYS] = "ssh keys",       [CLOUD_SIZES] = "sizes",
	    [CLOUD_REGIONS] = "regions",     [CLOUD_GROUPS] = "security groups",
	    [CLOUD_SNAPSHOTS] = "snapshots", [CLOUD_VOLUMES] = "volumes"};

	return things[kind];
}

static void hand_over(struct reading *r, void (*each)(void *ctx, json_t *record), void *ctx)
{
	json_t *record;
	size_t i;

	json_array_foreach(r->records, i, record)
		each(ctx, record);
	json_decref(r->records);
}

static void settle(struct reading *r)
{
	struct failure *f = &r->item.failure;

	if (f->status && !r->place->failure.status) {
		if (r->place->region)
			fail_prefix(f, "cannot list %s of %s in '%s'", things_of(r->item.kind),
				    r->place->driver->provider, r->place->region);
		else
			fail_prefix(f, "cannot list %s of %s", things_of(r->item.kind),
				    r->place->driver->provider);
		fail_move(&r->place->failure, f);
	}
	cloud_item_free(&r->item);
}

static void begin(struct reading *r, struct cloud_places *p, struct cloud_place *place,
		  enum cloud_kind kind, const struct cloud_item *like)
{
	*r = (struct reading){.item = *like, .places = p, .place = place, .records = json_array()};
	r->item.driver = place->driver;
	r->item.cloud = place->cloud;
	r->item.region = place->region;
	r->item.kind = kind;
	r->item.each = take;
	r->item.ctx = r;
}

void cloud_places_list(struct cloud_places *p, const enum cloud_kind *kinds, size_t n,
		       const struct cloud_item *like, void (*each)(void *ctx, json_t *record),
		       void *ctx)
{
	struct reading *readings = mem_alloc((p->n * n + 1) * sizeof *readings);
	struct cloud_item **items = mem_alloc((p->n * n + 1) * sizeof(struct cloud_item *));
	size_t count = 0;

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < n && !p->list[i].failure.status; k++) {
			begin(&readings[count], p, &p->list[i], kinds[k], like);
			items[count] = &readings[count].item;
			count++;
		}
	cloud_do(CLOUD_LIST, items, count, NULL);
	for (size_t i = 0; i < count; i++) {
		hand_over(&readings[i], each, ctx);
		settle(&readings[i]);
	}
	free(items);
	free(readings);
}

static bool without_credentials(const struct cloud_place *place)
{
	const char *code = place->failure.code;

	return place->failure.status == ST_CONFIG && code &&
	       (!strcmp(code, "no-credentials") || !strcmp(code, "no-token"));
}

static void write_target(struct rec_io *io, struct cloud_place *place)
{
	const char *provider = place->driver ? place->driver->provider : NULL;
	const char *account = place->cloud ? place->driver->account(place->cloud) : NULL;
	struct rec *target =
	    rec_new(json_pack("{s:s, s:s*, s:s*, s:s*}", "kind", "target", "provider", provider,
			      "account", account, "region", place->region));

	rec_fail(io, target, &place->failure);
	rec_write(io, target);
}

void cloud_places_tell(struct cloud_places *p, struct rec_io *io)
{
	size_t without = 0;

	for (size_t i = 0; i < p->n && !p->n_drivers; i++)
		without += without_credentials(&p->list[i]);
	for (size_t i = 0; i < p->n; i++) {
		struct cloud_place *place = &p->list[i];

		if (!place->failure.status)
			continue;
		if (without < p->n && !p->n_drivers && without_credentials(place))
			cli_note("%s is left out: %s", place->driver->provider,
				 place->failure.message);
		else
			write_target(io, place);
	}
}
