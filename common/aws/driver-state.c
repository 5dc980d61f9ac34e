/* SPDX-License-Identifier: ISC
 * One round over all things that are waited for: those of one region and kind are one question. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"

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
	ec2_end_round(w);
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
	json_t *params = ec2_describe(w->item, kind);

	ec2_filter_ids(w, params, kind->id);
	ec2_read(w, "ec2", kind->action, params, kind->member, finish_group);
}

void ec2_cloud_state(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	size_t n_works;
	struct ec2_work **works = ec2_begin_rounds(items, n, done, &n_works);

	for (size_t i = 0; i < n_works; i++)
		(works[i]->n_group ? ask_for_group : ask_for_named)(works[i]);
	free(works);
	ec2_run(items, n);
}
