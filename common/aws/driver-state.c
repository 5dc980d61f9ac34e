/* SPDX-License-Identifier: ISC
 * One round over all things that are waited for: those of one region and kind are one question. By
 * a filter, which passes over ids that are not there (yet), where a list of ids would be refused as
 * a whole. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"

enum { MOST = 200 }; /* values of a filter */

static struct cloud_item *of_id(const struct ec2_work *w, const char *id)
{
	for (size_t i = 0; i < w->n_group; i++)
		if (w->group[i]->id && !strcmp(w->group[i]->id, id))
			return w->group[i];
	return NULL;
}

/* Two that ask for one thing both get it. */
static void take_by_id(void *ctx, json_t *thing)
{
	struct ec2_work *w = ctx;
	json_t *record = ec2_kind(w->item)->record(thing, w->region, NULL);
	const char *id = aws_str(record, "id");

	for (size_t i = 0; of_id(w, id) && i < w->n_group; i++)
		if (!strcmp(w->group[i]->id, id))
			ec2_take(w, w->group[i], thing);
	json_decref(record);
}

static void finish_group(struct ec2_work *w)
{
	for (size_t i = 0; i < json_array_size(w->all) && !w->call.failure.status; i++)
		ec2_each(w->item->kind, json_array_get(w->all, i), take_by_id, w);
	for (size_t i = 0; i < w->n_group; i++) {
		if (w->call.failure.status)
			fail_copy(&w->group[i]->failure, &w->call.failure);
		w->done(w->group[i]);
	}
	ec2_free(w);
}

/* Of several with one name or token the one that is not dead; of another run it is none. */
static void take_by_name(void *ctx, json_t *thing)
{
	struct ec2_work *w = ctx;
	struct cloud_item *item = w->item;
	char *run = ec2_run_of(item->wanted);
	bool ours = item->kind == CLOUD_INSTANCES || item->kind == CLOUD_KEYS ||
		    !strcmp(ec2_tag(aws_arr(thing, "tagSet"), "sluice:run"), run);

	free(run);
	if (!ours)
		return;
	if (!item->record || !strcmp(aws_str(item->record, "status"), "gone"))
		ec2_take(w, item, thing);
}

static void finish_named(struct ec2_work *w)
{
	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	for (size_t i = 0; i < json_array_size(w->all); i++)
		ec2_each(w->item->kind, json_array_get(w->all, i), take_by_name, w);
	ec2_end(w);
}

static void ask_for_named(struct ec2_work *w)
{
	char token[65];

	if (w->item->kind == CLOUD_INSTANCES) {
		ec2_launch_token(w, w->item, token);
		ec2_look(w, CLOUD_INSTANCES, "tag:sluice:token", token, finish_named);
	} else {
		ec2_look(w, w->item->kind, ec2_kind(w->item)->name, ec2_wanted(w->item, "name"),
			 finish_named);
	}
}

static void ask_for_group(struct ec2_work *w)
{
	const struct ec2_kind *kind = ec2_kind(w->item);
	json_t *ids = json_array(), *params = ec2_describe(w->item, kind);

	for (size_t i = 0; i < w->n_group; i++)
		json_array_append_new(ids, ec2_sure(json_string(w->group[i]->id)));
	json_object_set_new(params, "Filter",
			    ec2_sure(json_pack("[{s:s, s:o}]", "Name", kind->id, "Value", ids)));
	ec2_read(w, "ec2", kind->action, params, kind->member, finish_group);
}

static bool is_like(const struct ec2_work *w, const struct cloud_item *item, const char *region)
{
	return w->n_group && w->n_group < MOST && w->item->cloud == item->cloud &&
	       w->item->kind == item->kind && !strcmp(w->region, region);
}

/* The work of those that are asked for together with this one. */
static struct ec2_work *group_of(struct ec2_work **works, size_t n, struct ec2_work *own)
{
	for (size_t i = 0; i < n; i++)
		if (is_like(works[i], own->item, own->region)) {
			ec2_free(own);
			return works[i];
		}
	return own;
}

void ec2_cloud_state(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	struct ec2_work **works = mem_alloc((n + 1) * sizeof *works), *w, *joined;
	size_t n_works = 0;

	for (size_t i = 0; i < n; i++) {
		if (!ec2_kind(items[i])) {
			done(items[i]);
			continue;
		}
		w = ec2_begin(items[i], done);
		if (!w)
			continue;
		joined = items[i]->id ? group_of(works, n_works, w) : w;
		if (joined == w)
			works[n_works++] = w;
		if (!items[i]->id)
			continue;
		joined->group =
		    mem_grow(joined->group, joined->n_group + 1, sizeof(struct cloud_item *));
		joined->group[joined->n_group++] = items[i];
	}
	for (size_t i = 0; i < n_works; i++)
		(works[i]->n_group ? ask_for_group : ask_for_named)(works[i]);
	free(works);
	ec2_run(items, n);
}
