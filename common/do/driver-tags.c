/* SPDX-License-Identifier: ISC
 * Tags of an image, which no call that makes one takes: each is made, then put on. Twice is as
 * once. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"
#include "droplet.h"
#include "marks.h"

struct tagging {
	struct do_job *job;
	char *tag;
};

static void add(json_t *tags, const char *text)
{
	char *plain = mem_dup(text);

	do_tag_form(plain);
	if (*plain && !do_in_region(tags, plain) && json_array_append_new(tags, json_string(plain)))
		mem_out();
	free(plain);
}

static json_t *wanted_tags(const json_t *wanted)
{
	const char *distribution = json_string_value(json_object_get(wanted, "distribution"));
	json_auto_t *given = do_tags_list(json_object_get(wanted, "tags"));
	char *run = do_run_tag(wanted), *expires = do_expires_tag(wanted);
	json_t *tags = json_array(), *tag;
	size_t i;

	add(tags, run);
	if (expires)
		add(tags, expires);
	if (distribution && !json_object_get(json_object_get(wanted, "tags"), "distribution")) {
		char *text = mem_fmt("distribution:%s", distribution);

		add(tags, text);
		free(text);
	}
	json_array_foreach(given, i, tag) {
		add(tags, json_string_value(tag));
	}
	free(run);
	free(expires);
	return tags;
}

static void conclude(struct do_job *job)
{
	if (--job->open)
		return;
	if (!job->item->failure.status)
		do_item_private(job->item)->tagging = false;
	do_job_end(job);
}

static void finish(struct tagging *t, struct do_call *call)
{
	struct cloud_item *item = t->job->item;

	if (call->failure.status && !item->failure.status) {
		fail_move(&item->failure, &call->failure);
		fail_prefix(&item->failure, "cannot tag image %s with '%s'", item->id, t->tag);
	}
	conclude(t->job);
	free(t->tag);
	free(t);
}

static void take_put(struct do_call *call)
{
	finish(call->ctx, call);
}

static void take_made(struct do_call *call)
{
	struct tagging *t = call->ctx;
	char *tag = do_escape(t->tag);
	struct do_call *next;

	if (call->failure.status) {
		finish(t, call);
	} else {
		next = do_call_new("POST",
				   json_pack("{s:[{s:s, s:s}]}", "resources", "resource_id",
					     t->job->item->id, "resource_type", "image"),
				   take_put, t, "/v2/tags/%s/resources", tag);
		next->effect = HTTP_IDEMPOTENT;
		do_queue(t->job->item->cloud->client, next);
	}
	free(tag);
}

static void put_on(struct do_job *job, const char *tag)
{
	struct tagging *t = mem_alloc(sizeof *t);
	struct do_call *call =
	    do_call_new("POST", json_pack("{s:s}", "name", tag), take_made, t, "/v2/tags");

	*t = (struct tagging){job, mem_dup(tag)};
	call->effect = HTTP_IDEMPOTENT;
	job->open++;
	do_queue(job->item->cloud->client, call);
}

/* As the record will be. */
static void show_tags(struct cloud_item *item, const json_t *tags)
{
	json_auto_t *shown = do_tags_shown(tags);

	json_object_update_missing(json_object_get(item->record, "tags"), shown);
	do_marks_read(item->record, tags);
}

void do_image_tag(struct do_job *job)
{
	struct cloud_item *item = job->item;
	const char *state = json_string_value(json_object_get(item->record, "state"));
	json_t *tags, *tag;
	size_t i;

	job->open = 1;
	if (do_item_private(item)->tagging && state && !strcmp(state, "available")) {
		tags = wanted_tags(item->wanted);
		show_tags(item, tags);
		json_array_foreach(tags, i, tag) {
			put_on(job, json_string_value(tag));
		}
		json_decref(tags);
	}
	conclude(job);
}
