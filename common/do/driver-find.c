/* SPDX-License-Identifier: ISC
 * The image that a source means: an id, a slug, the newest of one's own by name, the newest public
 * one of a family ("debian", "debian-12": how slugs begin). */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "marks.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

static const json_t *source_of(const struct cloud_item *item)
{
	return json_object_get(item->wanted, "source");
}

/* What it is called by whoever asks. */
static const char *asked_for(const struct cloud_item *item)
{
	const char *text = text_of(item->wanted, "source_image");

	if (!text)
		text = text_of(source_of(item), "name");
	return text ? text : text_of(source_of(item), "family");
}

static void no_match(struct do_job *job)
{
	const char *region = job->item->region;

	fail_set(&job->item->failure, ST_NO, "no-match", "no image '%s'%s%s%s",
		 asked_for(job->item), region ? " in '" : "", region ? region : "",
		 region ? "'" : "");
	do_job_end(job);
}

static bool usable(const struct cloud_item *item, const json_t *image)
{
	const char *status = text_of(image, "status");

	if (status && strcmp(status, "available") != 0)
		return false;
	return !item->region || do_in_region(json_object_get(image, "regions"), item->region);
}

static bool of_family(const json_t *image, const char *family)
{
	const char *slug = text_of(image, "slug");
	size_t len = strlen(family);

	return slug && !strncmp(slug, family, len) && (!slug[len] || slug[len] == '-');
}

/* Of two, the one with the later date; the same: the greater id. */
static bool is_newer(const json_t *image, const json_t *than)
{
	const char *a = text_of(image, "created_at"), *b = text_of(than, "created_at");
	int order = strcmp(a ? a : "", b ? b : "");

	return order > 0 || (!order && json_integer_value(json_object_get(image, "id")) >
					   json_integer_value(json_object_get(than, "id")));
}

static bool is_like(const char *glob, const char *name)
{
	return name && !fnmatch(glob, name, 0);
}

static void take_listed(struct do_list *l, json_t *image)
{
	struct do_job *job = l->ctx;
	const char *name = text_of(image, "name"), *slug = text_of(image, "slug");
	const char *family = text_of(source_of(job->item), "family");
	const char *glob = asked_for(job->item);
	bool fits = family && glob == family ? of_family(image, family)
					     : is_like(glob, name) || is_like(glob, slug);

	if (!fits || !usable(job->item, image) || (job->found && !is_newer(image, job->found)))
		return;
	json_decref(job->found);
	job->found = json_incref(image);
}

static void end_list(struct do_list *l)
{
	struct do_job *job = l->ctx;

	if (l->failure.status) {
		do_job_fail(job, &l->failure);
	} else if (!job->found) {
		no_match(job);
	} else {
		do_image_take(job->item, job->found);
		do_job_end(job);
	}
}

static void list(struct do_job *job, bool own)
{
	do_job_list(job, own ? "/v2/images?private=true" : "/v2/images?type=distribution", "images",
		    take_listed, end_list);
}

static void take_one(struct do_call *call)
{
	struct do_job *job = call->ctx;
	const json_t *image = json_object_get(call->result, "image");

	if (call->http_status == 404) {
		list(job, true);
	} else if (call->failure.status) {
		do_job_fail(job, &call->failure);
	} else if (!usable(job->item, image)) {
		no_match(job);
	} else {
		do_image_take(job->item, image);
		do_job_end(job);
	}
}

static bool is_id_or_slug(const char *text)
{
	return !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

static void find(struct do_job *job)
{
	const struct cloud_item *item = job->item;
	const char *image = text_of(item->wanted, "source_image");
	const char *owner = text_of(source_of(item), "owner");
	const char *name = text_of(source_of(item), "name");
	const char *architecture = text_of(source_of(item), "architecture");

	if (!asked_for(item)) {
		fail_set(&job->item->failure, ST_DATA, "no-source", "no source_image, nor source");
		do_job_end(job);
	} else if (architecture && strcmp(architecture, "x86_64") != 0) {
		no_match(job); /* all that there is */
	} else if (image && is_id_or_slug(image)) {
		do_job_call(job, "GET", NULL, take_one, "/v2/images/%s", image);
	} else {
		list(job, (image || name) && (!owner || strcmp(owner, "digitalocean") != 0));
	}
}

void do_cloud_find(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++)
		find(do_job_new(items[i], done));
	do_run_items(items, n);
}
