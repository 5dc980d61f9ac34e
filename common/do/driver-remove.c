/* SPDX-License-Identifier: ISC
 * Removing; of a droplet also the tag that it was found by. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

/* A tag that stays only makes a later run look longer. */
static void take_tag(struct do_call *call)
{
	do_job_end(call->ctx);
}

static void take_removed(struct do_call *call)
{
	struct do_job *job = call->ctx;
	const char *token = do_item_private(job->item)->token;

	if (call->failure.status && call->http_status != 404) {
		/* Something is still being done to it: that ends. */
		if (call->http_status == 422 || call->http_status == 409) {
			call->failure.status = ST_TEMP;
			job->item->unclear = true;
		}
		do_job_fail(job, &call->failure);
	} else if (*token) {
		do_job_call(job, "DELETE", NULL, take_tag, "/v2/tags/%s", token);
	} else {
		do_job_end(job);
	}
}

static void remove_droplet(struct do_job *job)
{
	char *id = do_escape(job->item->id);

	do_job_call(job, "DELETE", NULL, take_removed, "/v2/droplets/%s", id);
	free(id);
}

/* Its tags tell which one it was found by; without them it goes all the same. */
static void take_droplet(struct do_call *call)
{
	struct do_job *job = call->ctx;

	do_item_note_token(job->item, json_object_get(call->result, "droplet"));
	remove_droplet(job);
}

static const char *path_of(enum cloud_kind kind)
{
	switch (kind) {
	case CLOUD_IMAGES:
		return "images";
	case CLOUD_KEYS:
		return "account/keys";
	case CLOUD_SNAPSHOTS:
		return "snapshots";
	case CLOUD_VOLUMES:
		return "volumes";
	default:
		return NULL;
	}
}

void do_cloud_remove(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct do_job *job = do_job_new(items[i], done);
		const char *path = path_of(items[i]->kind);
		char *id = do_escape(items[i]->id);

		if (items[i]->kind == CLOUD_INSTANCES && *do_item_private(items[i])->token)
			remove_droplet(job);
		else if (items[i]->kind == CLOUD_INSTANCES)
			do_job_call(job, "GET", NULL, take_droplet, "/v2/droplets/%s", id);
		else if (path)
			do_job_call(job, "DELETE", NULL, take_removed, "/v2/%s/%s", path, id);
		else
			do_job_refuse(job);
		free(id);
	}
	do_run_items(items, n);
}
