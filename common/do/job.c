/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

struct do_job *do_job_new(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct do_job *job = mem_alloc(sizeof *job);

	*job = (struct do_job){.item = item, .done = done};
	return job;
}

void do_job_end(struct do_job *job)
{
	struct cloud_item *item = job->item;
	void (*done)(struct cloud_item *) = job->done;

	free(job->path);
	json_decref(job->found);
	free(job);
	done(item);
}

void do_job_fail(struct do_job *job, struct failure *f)
{
	fail_move(&job->item->failure, f);
	do_job_end(job);
}

void do_job_refuse(struct do_job *job)
{
	fail_set(&job->item->failure, ST_USAGE, "no-such-kind", "DigitalOcean has no such thing");
	do_job_end(job);
}

void do_job_call(struct do_job *job, const char *method, json_t *body,
		 void (*answered)(struct do_call *), const char *path, ...)
{
	va_list args;
	char *text;

	va_start(args, path);
	if (vasprintf(&text, path, args) < 0)
		mem_out();
	va_end(args);
	do_queue(job->item->cloud->client, do_call_new(method, body, answered, job, "%s", text));
	free(text);
}

void do_job_list(struct do_job *job, const char *path, const char *member,
		 void (*each)(struct do_list *, json_t *), void (*read)(struct do_list *))
{
	job->list = (struct do_list){.client = job->item->cloud->client,
				     .path = path,
				     .member = member,
				     .each = each,
				     .done = read,
				     .ctx = job};
	do_list_queue(&job->list);
}

void do_run_items(struct cloud_item *const *items, size_t n)
{
	if (n)
		do_run(items[0]->cloud->client);
}

struct do_private *do_item_private(struct cloud_item *item)
{
	if (!item->private)
		item->private = mem_alloc(sizeof(struct do_private));
	return item->private;
}

char *do_id_text(const json_t *thing)
{
	const json_t *id = json_object_get(thing, "id");

	return json_is_integer(id) ? mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(id))
				   : NULL;
}
