/* SPDX-License-Identifier: ISC
 * An image in one more region: it is transferred, and keeps its id. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "marks.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static const char *source_of(const struct cloud_item *item)
{
	return text_of(json_object_get(item->wanted, "source"), "id");
}

static void pending(struct do_job *job)
{
	do_image_of_state(job->item, "pending", NULL);
	do_job_end(job);
}

static void take_begun(struct do_call *call)
{
	struct do_job *job = call->ctx;

	job->item->unclear = call->unclear;
	if (call->failure.status) {
		if (call->http_status == 422 && call->failure.message &&
		    strstr(call->failure.message, "pending event")) {
			call->failure.status = ST_TEMP;
			job->item->unclear = true; /* again, when that is done */
		}
		do_job_fail(job, &call->failure);
		return;
	}
	do_item_private(job->item)->action =
	    json_integer_value(json_object_get(json_object_get(call->result, "action"), "id"));
	job->item->made = true;
	pending(job);
}

/* To this region, under way or done since the image was looked at: it leaves none. */
static json_int_t transfer_to(const json_t *actions, const char *region)
{
	size_t i;
	json_t *action;

	json_array_foreach(actions, i, action) {
		if (!strcmp(text_of(action, "type"), "transfer") &&
		    strcmp(text_of(action, "status"), "errored") != 0 &&
		    !strcmp(text_of(action, "region_slug"), region))
			return json_integer_value(json_object_get(action, "id"));
	}
	return 0;
}

static void take_actions(struct do_call *call)
{
	struct do_job *job = call->ctx;
	struct cloud_item *item = job->item;
	struct do_private *private = do_item_private(item);

	if (call->failure.status) {
		do_job_fail(job, &call->failure);
		return;
	}
	private->action = transfer_to(json_object_get(call->result, "actions"), item->region);
	if (private->action)
		pending(job);
	else
		do_job_call(job, "POST",
			    json_pack("{s:s, s:s}", "type", "transfer", "region", item->region),
			    take_begun, "/v2/images/%s/actions", item->id);
}

static void take_image(struct do_call *call)
{
	struct do_job *job = call->ctx;
	const json_t *image = json_object_get(call->result, "image");

	if (call->failure.status) {
		do_job_fail(job, &call->failure);
	} else if (do_in_region(json_object_get(image, "regions"), job->item->region)) {
		do_image_take(job->item, image);
		do_image_keep(job->item);
		do_job_end(job);
	} else {
		do_job_call(job, "GET", NULL, take_actions,
			    "/v2/images/%s/actions?per_page=200&page=1", job->item->id);
	}
}

static void begin(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct do_job *job = do_job_new(item, done);
	char *id = do_escape(source_of(item));

	free(item->id);
	item->id = mem_dup(source_of(item));
	if (*text_of(item->wanted, "kms_key") ||
	    json_is_true(json_object_get(item->wanted, "encrypted"))) {
		fail_set(&item->failure, ST_REFUSED, "no-kms", "DigitalOcean encrypts no image");
		do_job_end(job);
	} else {
		do_job_call(job, "GET", NULL, take_image, "/v2/images/%s", id);
	}
	free(id);
}

void do_cloud_copy(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++)
		begin(items[i], done);
	do_run_items(items, n);
}
