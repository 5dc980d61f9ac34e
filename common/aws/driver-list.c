/* SPDX-License-Identifier: ISC
 * Lists. The service filters; what it lets through all the same is looked at once more, so that
 * nothing of others is ever taken for ours. */
#include <string.h>

#include "../mem.h"
#include "driver.h"

static bool is_wanted(const struct cloud_item *item, const json_t *record)
{
	if (item->run && strcmp(aws_str(record, "run"), item->run) != 0)
		return false;
	if (item->name && strcmp(aws_str(record, "name"), item->name) != 0)
		return false;
	if (item->temporary && !*aws_str(record, "expires"))
		return false;
	/* Dead machines stay in the list for an hour. */
	return strcmp(aws_str(record, "status"), "gone") != 0;
}

static void hand_over(void *ctx, json_t *thing)
{
	struct ec2_work *w = ctx;
	struct cloud_item *item = w->item;
	json_t *record = ec2_kind(item)->record(thing, w->region, cloud_aws.account(item->cloud));
	const char *id = aws_str(record, "id");

	if (*id && !json_object_get(w->held, id) && is_wanted(item, record)) {
		json_object_set_new(w->held, id, json_true());
		item->each(item, record);
	}
	json_decref(record);
}

static void take(struct ec2_work *w, json_t *element)
{
	ec2_each(w->item->kind, element, hand_over, w);
}

static void finish(struct ec2_work *w)
{
	if (w->call.failure.status)
		ec2_fail(w);
	else
		ec2_end(w);
}

static void list_one(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	const struct ec2_kind *kind = ec2_kind(item);
	struct ec2_work *w;
	json_t *params;

	if (!kind) {
		fail_free(&item->failure);
		done(item);
		return;
	}
	w = ec2_begin(item, done);
	if (!w)
		return;
	params = ec2_describe(item, kind);
	if (kind->name && item->run)
		ec2_filter(params, "tag:sluice:run", item->run);
	if (kind->name && item->name)
		ec2_filter(params, kind->name, item->name);
	if (kind->name && item->temporary)
		ec2_filter(params, "tag-key", "sluice:expires");
	w->take = take;
	w->held = ec2_sure(json_object());
	ec2_read(w, "ec2", kind->action, params, kind->member, finish);
}

void ec2_cloud_list(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++)
		list_one(items[i], done);
	ec2_run(items, n);
}
