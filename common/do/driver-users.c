/* SPDX-License-Identifier: ISC
 * Who uses an image: the droplets that were made of it. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"

static void take_droplet(struct do_list *l, json_t *droplet)
{
	struct do_job *job = l->ctx;
	char *of = do_id_text(json_object_get(droplet, "image")), *id = do_id_text(droplet);

	if (of && id && !strcmp(of, job->item->id) &&
	    json_array_append_new(job->found,
				  json_pack("{s:s, s:s, s:O*}", "kind", "instance", "id", id,
					    "name", json_object_get(droplet, "name"))))
		mem_out();
	free(of);
	free(id);
}

static void end_gpus(struct do_list *l)
{
	struct do_job *job = l->ctx;

	if (l->failure.status) {
		do_job_fail(job, &l->failure);
		return;
	}
	job->item->record = json_pack("{s:O}", "used_by", job->found);
	do_job_end(job);
}

static void end_droplets(struct do_list *l)
{
	if (l->failure.status)
		do_job_fail(l->ctx, &l->failure);
	else
		do_job_list(l->ctx, "/v2/droplets?type=gpus", "droplets", take_droplet, end_gpus);
}

void do_cloud_users(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct do_job *job = do_job_new(items[i], done);

		job->found = json_array();
		do_job_list(job, "/v2/droplets", "droplets", take_droplet, end_droplets);
	}
	do_run_items(items, n);
}
