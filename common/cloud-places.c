/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cloud-places.h"
#include "mem.h"
#include "status.h"

static void add_cloud(struct cloud_places *p, const char *name)
{
	const struct cloud_driver *driver = cloud_named(name);

	if (!driver)
		cli_usage("no cloud: '%s'", name);
	for (size_t i = 0; i < p->n_drivers; i++)
		if (p->drivers[i] == driver)
			return;
	p->drivers[p->n_drivers++] = driver;
}

static void add_region(struct cloud_places *p, const char *region)
{
	cli_text_arg("-r", region);
	for (size_t i = 0; i < p->n_regions; i++)
		if (!strcmp(p->regions[i], region))
			return;
	p->regions = mem_grow(p->regions, p->n_regions + 1, sizeof *p->regions);
	p->regions[p->n_regions++] = region;
}

bool cloud_places_option(struct cloud_places *p, int option, const char *argument)
{
	switch (option) {
	case 'c':
		add_cloud(p, argument);
		return true;
	case 'r':
		add_region(p, argument);
		return true;
	case CLOUD_ALL_REGIONS:
		p->all_regions = true;
		return true;
	default:
		return false;
	}
}

void cloud_places_check(const struct cloud_places *p)
{
	if (p->all_regions && p->n_regions)
		cli_usage("--all-regions and --region exclude each other");
}

static struct cloud_place *add_place(struct cloud_places *p, const struct cloud_item *of,
				     const char *region)
{
	struct cloud_place *place;

	p->list = mem_grow(p->list, p->n + 1, sizeof *p->list);
	place = &p->list[p->n++];
	*place = (struct cloud_place){
	    .driver = of->driver, .cloud = of->cloud, .region = mem_dup(region)};
	fail_copy(&place->failure, &of->failure);
	return place;
}

/* A cloud, and its regions where they must be known. */
struct choice {
	struct cloud_item item;
	json_t *regions; /* [id]; NULL: not asked */
};

static void take_region(struct cloud_item *item, json_t *record)
{
	struct choice *c = item->ctx;
	json_t *id = json_object_get(record, "id");

	if (json_is_string(id) && !json_is_false(json_object_get(record, "available")) &&
	    json_array_append(c->regions, id))
		mem_out();
}

static bool has_region(const struct choice *c, const char *region)
{
	json_t *id;
	size_t i;

	json_array_foreach(c->regions, i, id) {
		if (!strcmp(json_string_value(id), region))
			return true;
	}
	return false;
}

/* Those of -r that are this cloud's; a cloud that is alone gets all of them. */
static void add_named(struct cloud_places *p, struct choice *c)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_regions; i++) {
		if (c->regions && !has_region(c, p->regions[i]))
			continue;
		if (!c->item.driver->everywhere || !n)
			add_place(p, &c->item, c->item.driver->everywhere ? NULL : p->regions[i]);
		n++;
	}
}

static void add_places(struct cloud_places *p, struct choice *c)
{
	json_t *id;
	size_t i;

	if (c->item.failure.status) {
		fail_prefix(&c->item.failure, "cannot %s %s",
			    c->item.cloud ? "list regions of" : "use", c->item.driver->provider);
		add_place(p, &c->item, NULL);
	} else if (p->n_regions) {
		add_named(p, c);
	} else if (c->regions) {
		json_array_foreach(c->regions, i, id) {
			add_place(p, &c->item, json_string_value(id));
		}
	} else {
		add_place(p, &c->item, NULL);
	}
}

/* A region that no cloud has is no empty one. */
static void tell_unknown(struct cloud_places *p, const struct choice *choices, size_t n)
{
	for (size_t r = 0; r < p->n_regions; r++) {
		struct cloud_item none = {0};
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known = known || choices[i].item.failure.status || !choices[i].regions ||
				has_region(&choices[i], p->regions[r]);
		if (known)
			continue;
		fail_set(&none.failure, ST_DATA, "no-such-region",
			 "none of the clouds has the region '%s'", p->regions[r]);
		add_place(p, &none, p->regions[r]);
		fail_free(&none.failure);
	}
}

void cloud_places_find(struct cloud_places *p, struct cloud_accounts *accounts)
{
	struct choice choices[8] = {0};
	struct cloud_item *asked[8] = {0};
	size_t n = 0, n_asked = 0;

	if (p->n_drivers)
		for (; n < p->n_drivers; n++)
			cloud_account(accounts, p->drivers[n]->provider, &choices[n].item);
	else
		for (; cloud_drivers[n]; n++)
			cloud_account(accounts, cloud_drivers[n]->provider, &choices[n].item);
	for (size_t i = 0; i < n; i++) {
		struct choice *c = &choices[i];

		if ((p->all_regions && !c->item.driver->everywhere) || (p->n_regions && n > 1)) {
			c->regions = json_array();
			c->item.kind = CLOUD_REGIONS;
			c->item.each = take_region;
			c->item.ctx = c;
			asked[n_asked++] = &c->item;
		}
	}
	cloud_do(CLOUD_LIST, asked, n_asked, NULL);
	for (size_t i = 0; i < n; i++)
		add_places(p, &choices[i]);
	tell_unknown(p, choices, n);
	for (size_t i = 0; i < n; i++) {
		cloud_item_free(&choices[i].item);
		json_decref(choices[i].regions);
	}
}

void cloud_places_free(struct cloud_places *p)
{
	for (size_t i = 0; i < p->n; i++) {
		fail_free(&p->list[i].failure);
		free(p->list[i].region);
	}
	free(p->list);
	free(p->regions);
	*p = (struct cloud_places){0};
}
