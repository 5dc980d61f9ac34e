/* SPDX-License-Identifier: ISC
 * One question for all things of a region and kind: by a filter, which passes over ids that are not
 * there (yet), where a list of ids would be refused as a whole. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"

enum { MOST = 200 }; /* values of a filter */

static bool is_like(const struct ec2_work *w, const struct cloud_item *item, const char *region)
{
	return w->n_group && w->n_group < MOST && w->item->cloud == item->cloud &&
	       w->item->kind == item->kind && !strcmp(w->region, region);
}

/* The work of those that are asked for together with this one. */
static struct ec2_work *round_of(struct ec2_work **works, size_t n, struct ec2_work *own)
{
	for (size_t i = 0; i < n; i++)
		if (is_like(works[i], own->item, own->region)) {
			ec2_free(own);
			return works[i];
		}
	return own;
}

struct ec2_work **ec2_begin_rounds(struct cloud_item *const *items, size_t n,
				   void (*done)(struct cloud_item *), size_t *n_works)
{
	struct ec2_work **works = mem_alloc((n + 1) * sizeof *works), *w, *joined;

	*n_works = 0;
	for (size_t i = 0; i < n; i++) {
		if (!ec2_kind(items[i])) {
			done(items[i]);
			continue;
		}
		w = ec2_begin(items[i], done);
		if (!w)
			continue;
		joined = items[i]->id ? round_of(works, *n_works, w) : w;
		if (joined == w)
			works[(*n_works)++] = w;
		if (!items[i]->id)
			continue;
		joined->group =
		    mem_grow(joined->group, joined->n_group + 1, sizeof(struct cloud_item *));
		joined->group[joined->n_group++] = items[i];
	}
	return works;
}

void ec2_filter_ids(const struct ec2_work *w, json_t *params, const char *name)
{
	json_t *ids = ec2_sure(json_array());

	for (size_t i = 0; i < w->n_group; i++)
		json_array_append_new(ids, ec2_sure(json_string(w->group[i]->id)));
	json_object_set_new(params, "Filter",
			    ec2_sure(json_pack("[{s:s, s:o}]", "Name", name, "Value", ids)));
}

void ec2_end_round(struct ec2_work *w)
{
	for (size_t i = 0; i < w->n_group; i++) {
		if (w->call.failure.status)
			fail_copy(&w->group[i]->failure, &w->call.failure);
		w->done(w->group[i]);
	}
	ec2_free(w);
}
