/* SPDX-License-Identifier: ISC
 * Images of droplets. The action that makes one does not say which image it will be, so it is
 * looked for by its name among the snapshots of the droplet. Names are not unique there; here they
 * are: one of the same name is what an earlier run made, or refused. */
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

static const char *name_of(const struct cloud_item *item)
{
	return text_of(item->wanted, "name");
}

static void keep(json_t *record, const json_t *wanted, const char *key)
{
	json_t *value = json_object_get(wanted, key);

	if (value && !json_is_null(value) && json_object_set(record, key, value))
		mem_out();
}

void do_image_take(struct cloud_item *item, const json_t *image)
{
	char *id = do_id_text(image);
	const char *region = item->region ? item->region : text_of(item->wanted, "region");

	if (!id) {
		fail_set(&item->failure, ST_BUG, "bad-answer", "the answer has no image");
		return;
	}
	free(item->id);
	item->id = id;
	json_decref(item->record);
	item->record = do_catalog_record(CLOUD_IMAGES, image, do_account(item->cloud->client));
	if (*region)
		json_object_set_new(item->record, "region", json_string(region));
}

void do_image_keep(struct cloud_item *item)
{
	static const char *const members[] = {"distribution", "architecture", "source"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		keep(item->record, item->wanted, members[i]);
}

void do_image_of_state(struct cloud_item *item, const char *state, const char *reason)
{
	const char *region = item->region ? item->region : text_of(item->wanted, "region");

	json_decref(item->record);
	item->record =
	    json_pack("{s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:s, s:s*}", "kind", "image", "provider",
		      "digitalocean", "account", do_account(item->cloud->client), "region",
		      *region ? region : NULL, "id", item->id, "name",
		      *name_of(item) ? name_of(item) : NULL, "state", state, "reason", reason);
	if (!item->record)
		mem_out();
	do_image_keep(item);
}

static void pending(struct do_job *job)
{
	do_image_of_state(job->item, "pending", NULL);
	do_job_end(job);
}

/* ---- one round for one */

static bool in_its_region(const struct cloud_item *item, const json_t *image)
{
	return !item->region || do_in_region(json_object_get(image, "regions"), item->region);
}

static void judge_transfer(struct do_call *call)
{
	struct do_job *job = call->ctx;
	const char *status = text_of(json_object_get(call->result, "action"), "status");

	if (call->failure.status && call->http_status != 404) {
		do_job_fail(job, &call->failure);
		return;
	}
	if (!strcmp(status, "errored"))
		do_image_of_state(job->item, "failed", "its transfer went wrong");
	else
		do_image_of_state(job->item, "pending", NULL);
	do_job_end(job);
}

static void take_image(struct do_call *call)
{
	struct do_job *job = call->ctx;
	struct cloud_item *item = job->item;
	const json_t *image = json_object_get(call->result, "image");

	if (call->failure.status && call->http_status != 404) {
		do_job_fail(job, &call->failure);
	} else if (call->failure.status) {
		do_job_end(job);
	} else if (in_its_region(item, image)) {
		do_image_take(item, image);
		do_image_keep(item);
		do_image_tag(job);
	} else if (do_item_private(item)->action) {
		do_job_call(job, "GET", NULL, judge_transfer, "/v2/actions/%" JSON_INTEGER_FORMAT,
			    do_item_private(item)->action);
	} else {
		do_job_end(job);
	}
}

static void ask_image(struct do_job *job)
{
	char *id = do_escape(job->item->id);

	do_job_call(job, "GET", NULL, take_image, "/v2/images/%s", id);
	free(id);
}

/* Of the account's snapshots: those of the wanted name. */
static void take_named(struct do_list *l, json_t *snapshot)
{
	struct do_job *job = l->ctx;

	if (!strcmp(text_of(snapshot, "name"), name_of(job->item)))
		json_array_append(job->found, snapshot);
}

static void look_for_named(struct do_job *job, void (*read)(struct do_list *))
{
	job->found = json_array();
	do_job_list(job, "/v2/snapshots?resource_type=droplet", "snapshots", take_named, read);
}

/* Of the droplet that it was to be made of, or of the wanted run: its tags come late. */
static bool is_ours(struct cloud_item *item, const json_t *snapshot)
{
	char *run = do_run_tag(item->wanted);
	const char *asked = do_item_private(item)->machine;
	const char *machine = *asked ? asked : text_of(item->wanted, "machine");
	bool ours = do_in_region(json_object_get(snapshot, "tags"), run) ||
		    (*machine && !strcmp(text_of(snapshot, "resource_id"), machine));

	free(run);
	return ours;
}

static const json_t *ours_of(struct do_job *job)
{
	size_t i;
	json_t *snapshot;

	json_array_foreach(job->found, i, snapshot) {
		if (is_ours(job->item, snapshot) && *text_of(snapshot, "id"))
			return snapshot;
	}
	return NULL;
}

/* Whether the list has it; then it is asked for by its id. */
static bool ask_ours(struct do_job *job)
{
	const json_t *snapshot = ours_of(job);

	if (!snapshot)
		return false;
	free(job->item->id);
	job->item->id = mem_dup(text_of(snapshot, "id"));
	ask_image(job);
	return true;
}

static void end_named(struct do_list *l)
{
	struct do_job *job = l->ctx;

	if (l->failure.status)
		do_job_fail(job, &l->failure);
	else if (!ask_ours(job) && do_item_private(job->item)->action)
		pending(job); /* a list that lags */
	else if (!ours_of(job))
		do_job_end(job);
}

static void judge_snapshot(struct do_call *call)
{
	struct do_job *job = call->ctx;
	const char *status = text_of(json_object_get(call->result, "action"), "status");

	if (call->failure.status) {
		do_job_fail(job, &call->failure);
	} else if (!strcmp(status, "errored")) {
		do_image_of_state(job->item, "failed", "its snapshot went wrong");
		do_job_end(job);
	} else if (!strcmp(status, "completed")) {
		look_for_named(job, end_named);
	} else {
		pending(job);
	}
}

void do_image_state(struct do_job *job)
{
	json_int_t action = do_item_private(job->item)->action;

	if (job->item->id)
		ask_image(job);
	else if (action)
		do_job_call(job, "GET", NULL, judge_snapshot, "/v2/actions/%" JSON_INTEGER_FORMAT,
			    action);
	else
		look_for_named(job, end_named);
}

/* ---- making one */

static void take_begun(struct do_call *call)
{
	struct do_job *job = call->ctx;
	json_int_t action =
	    json_integer_value(json_object_get(json_object_get(call->result, "action"), "id"));

	job->item->unclear = call->unclear;
	if (call->failure.status) {
		if (call->http_status == 422 && call->failure.message &&
		    strstr(call->failure.message, "pending event"))
			call->failure.status = ST_TEMP;
		do_job_fail(job, &call->failure);
		return;
	}
	do_item_private(job->item)->action = action;
	job->item->made = true;
	pending(job);
}

/* A snapshot that an earlier run began. */
static json_int_t under_way(const json_t *actions)
{
	size_t i;
	json_t *action;

	json_array_foreach(actions, i, action) {
		if (!strcmp(text_of(action, "type"), "snapshot") &&
		    !strcmp(text_of(action, "status"), "in-progress"))
			return json_integer_value(json_object_get(action, "id"));
	}
	return 0;
}

static void end_there(struct do_list *l)
{
	struct do_job *job = l->ctx;
	const struct do_private *private = do_item_private(job->item);

	if (l->failure.status) {
		do_job_fail(job, &l->failure);
	} else if (ask_ours(job)) {
		return;
	} else if (json_array_size(job->found)) {
		fail_set(&job->item->failure, ST_REFUSED, "name-taken",
			 "another run made an image '%s': %s", name_of(job->item),
			 text_of(json_array_get(job->found, 0), "id"));
		do_job_end(job);
	} else if (private->action) {
		pending(job);
	} else {
		do_job_call(job, "POST",
			    json_pack("{s:s, s:s}", "type", "snapshot", "name", name_of(job->item)),
			    take_begun, "/v2/droplets/%s/actions", private->machine);
	}
}

/* Asked before the list: what ends in between is in one of them. */
static void take_actions(struct do_call *call)
{
	struct do_job *job = call->ctx;

	if (call->failure.status && call->http_status != 404) {
		do_job_fail(job, &call->failure);
		return;
	}
	do_item_private(job->item)->action = under_way(json_object_get(call->result, "actions"));
	look_for_named(job, end_there);
}

static void begin(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct do_private *private = do_item_private(item);

	if (item->id && strlen(item->id) < sizeof private->machine)
		memcpy(private->machine, item->id, strlen(item->id) + 1);
	free(item->id);
	item->id = NULL;
	private->tagging = true;
	do_job_call(do_job_new(item, done), "GET", NULL, take_actions,
		    "/v2/droplets/%s/actions?per_page=200&page=1", private->machine);
}

void do_cloud_image(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++)
		begin(items[i], done);
	do_run_items(items, n);
}
