/* SPDX-License-Identifier: ISC
 * Why a region could not be looked at: one that is not there, or not switched on for the account,
 * looks like wrong credentials or a dead network. The source's region, which did answer, knows. */
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "mem.h"
#include "status.h"

static void keep(struct cloud_item *list, json_t *region)
{
	const char *id = copying_text(region, "id");

	if (id && json_object_set(list->ctx, id, json_object_get(region, "available")))
		mem_out();
}

static void judge(struct copy *copy, const json_t *regions)
{
	struct failure *f = &copy->item.failure;
	const json_t *available = json_object_get(regions, copy->region);

	if (!json_object_size(regions))
		return;
	if (!available)
		fail_set(f, ST_DATA, "no-such-region", "there is no such region");
	else if (!json_is_true(available))
		fail_prefix(f, "the region is not switched on for this account");
}

static bool is_doubtful(const struct copy *copy)
{
	int status = copy->item.failure.status;

	return !copy->item.driver->everywhere && (status == ST_NOPERM || status == ST_TEMP);
}

void copying_judge_regions(struct copying *c)
{
	struct cloud_item list = {.kind = CLOUD_REGIONS, .each = keep}, *items[] = {&list};

	for (size_t i = 0; i < c->n_copies; i++) {
		struct copy *copy = &c->copies[i];

		if (!copy->of->good || !is_doubtful(copy))
			continue;
		if (list.cloud != copy->item.cloud) {
			json_decref(list.ctx);
			cloud_item_again(&list);
			list.ctx = json_object();
			list.driver = copy->item.driver;
			list.cloud = copy->item.cloud;
			list.region = copy->of->item.region;
			cloud_do(CLOUD_LIST, items, 1, NULL);
		}
		judge(copy, list.ctx);
	}
	json_decref(list.ctx);
	cloud_item_free(&list);
}
