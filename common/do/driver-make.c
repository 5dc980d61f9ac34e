/* SPDX-License-Identifier: ISC
 * Making droplets. The API takes no token that would make a second request harmless, so a tag is
 * made before the droplet that will carry it: where a later run finds the tag, an earlier one may
 * have sent its request, and looks before it sends another. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "droplet.h"
#include "marks.h"

static json_int_t creating_action(const json_t *answer)
{
	const json_t *actions = json_object_get(json_object_get(answer, "links"), "actions");
	json_t *action;
	size_t i;

	json_array_foreach(actions, i, action) {
		const char *rel = json_string_value(json_object_get(action, "rel"));

		if (rel && !strcmp(rel, "create"))
			return json_integer_value(json_object_get(action, "id"));
	}
	return 0;
}

static bool for_want_of_machines(const struct do_call *call)
{
	const char *why = call->failure.message;

	return call->http_status == 422 && why &&
	       (strstr(why, "not available") || strstr(why, "unavailable"));
}

static void take_droplet(struct do_call *call)
{
	struct do_job *job = call->ctx;
	struct cloud_item *item = job->item;

	item->unclear = call->unclear;
	item->no_capacity = for_want_of_machines(call);
	if (call->failure.status) {
		do_job_fail(job, &call->failure);
		return;
	}
	if (!do_item_take(item, json_object_get(call->result, "droplet"))) {
		item->unclear = true;
		fail_set(&item->failure, ST_BUG, "bad-answer", "the answer has no droplet");
	} else {
		item->made = true;
		do_item_private(item)->action = creating_action(call->result);
	}
	do_job_end(job);
}

static void make(struct do_job *job)
{
	const json_t *wanted = job->item->wanted;
	char *token = do_droplet_token(wanted, job->item->attempt), *run = do_run_tag(wanted);
	char *expires = do_expires_tag(wanted);
	const char *const tags[] = {token, run, expires, NULL};

	do_job_call(job, "POST", do_droplet_body(wanted, tags), take_droplet, "/v2/droplets");
	free(token);
	free(run);
	free(expires);
}

static void take_new_tag(struct do_call *call)
{
	if (call->failure.status)
		do_job_fail(call->ctx, &call->failure);
	else
		make(call->ctx);
}

/* What carries the tag. */
static void take_tagged(struct do_call *call)
{
	struct do_job *job = call->ctx;

	if (call->failure.status) {
		do_job_fail(job, &call->failure);
		return;
	}
	if (!do_item_take_tagged(job->item, call->result) && !job->item->failure.status)
		job->item->unclear = true;
	do_job_end(job);
}

static void take_tag(struct do_call *call)
{
	struct do_job *job = call->ctx;
	char *token = do_droplet_token(job->item->wanted, job->item->attempt);
	struct do_call *next;

	if (call->http_status == 404) {
		next = do_call_new("POST", json_pack("{s:s}", "name", token), take_new_tag, job,
				   "/v2/tags");
		next->effect = HTTP_IDEMPOTENT;
		do_queue(job->item->cloud->client, next);
	} else if (call->failure.status) {
		do_job_fail(job, &call->failure);
	} else {
		do_job_call(job, "GET", NULL, take_tagged, "/v2/droplets?tag_name=%s&per_page=200",
			    token);
	}
	free(token);
}

static void create_droplet(struct do_job *job)
{
	char *token = do_droplet_token(job->item->wanted, job->item->attempt);

	if (job->item->certain)
		make(job);
	else
		do_job_call(job, "GET", NULL, take_tag, "/v2/tags/%s", token);
	free(token);
}

void do_cloud_create(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct do_job *job = do_job_new(items[i], done);

		if (items[i]->kind == CLOUD_INSTANCES)
			create_droplet(job);
		else if (items[i]->kind == CLOUD_KEYS)
			do_key_create(job);
		else
			do_job_refuse(job);
	}
	do_run_items(items, n);
}

/* As it is wanted already. */
static bool is_powered(const struct do_call *call)
{
	return call->http_status == 422 && call->failure.message &&
	       strstr(call->failure.message, "already powered");
}

/* Something else is being done to it: later. */
static bool is_busy(const struct do_call *call)
{
	return call->http_status == 422 && call->failure.message &&
	       strstr(call->failure.message, "pending event");
}

static void take_power(struct do_call *call)
{
	struct do_job *job = call->ctx;

	job->item->unclear = call->unclear || is_busy(call);
	if (is_busy(call))
		call->failure.status = ST_TEMP;
	if (call->failure.status && !is_powered(call))
		do_job_fail(job, &call->failure);
	else
		do_job_end(job);
}

void do_cloud_power(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++)
		do_job_call(do_job_new(items[i], done), "POST",
			    json_pack("{s:s}", "type", items[i]->on ? "power_on" : "power_off"),
			    take_power, "/v2/droplets/%s/actions", items[i]->id);
	do_run_items(items, n);
}
