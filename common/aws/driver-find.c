/* SPDX-License-Identifier: ISC
 * The image that a source means: by id, by the name of one of the account's own, or the newest by
 * owner and a pattern, by the rules of ami-find. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "find.h"
#include "image.h"

struct finding {
	struct ec2_work *w;
	struct image_search search;
	struct image_place place;
};

static void add_filter(struct finding *f, const char *name, const char *value)
{
	json_array_append_new(f->search.filters,
			      ec2_sure(json_pack("{s:s, s:[s]}", "Name", name, "Value", value)));
}

static void finish(struct finding *f)
{
	struct ec2_work *w = f->w;

	json_decref(f->search.owners);
	json_decref(f->search.filters);
	image_place_free(&f->place);
	free(f);
	ec2_end(w);
}

static void take(struct image_place *place)
{
	struct finding *f = place->ctx;
	struct cloud_item *item = f->w->item;

	item->record = json_incref(place->best);
	if (place->best) {
		free(item->id);
		item->id = mem_dup(aws_str(place->best, "id"));
	}
	fail_move(&item->failure, &place->failure);
	finish(f);
}

static void wrong(struct finding *f, const char *why)
{
	fail_set(&f->w->item->failure, ST_DATA, "bad-source", "%s", why);
}

/* What exactly is meant; an id is good whoever made it. */
static void describe_image(struct finding *f, const char *image)
{
	json_t *params = ec2_sure(json_object());

	if (!strncmp(image, "ami-", 4)) {
		add_filter(f, "image-id", image);
		f->search.deprecated = true;
	} else {
		ec2_filter(params, "name", image);
		json_array_extend(f->search.filters, json_object_get(params, "Filter"));
		if (!json_array_size(f->search.owners))
			json_array_append_new(f->search.owners, json_string("self"));
	}
	json_decref(params);
}

/* Anybody can name an image as another's. */
static void describe_source(struct finding *f, const json_t *source)
{
	const char *name = aws_str(source, "name"), *family = aws_str(source, "family");

	if (!json_array_size(f->search.owners))
		wrong(f, "the source says no owner of the image");
	else if (!*name && !*family)
		wrong(f, "the source says neither name nor family of the image");
	if (*name)
		add_filter(f, "name", name);
	if (*family)
		add_filter(f, "tag:family", family);
}

static void describe(struct finding *f)
{
	const json_t *wanted = f->w->item->wanted, *source = json_object_get(wanted, "source");
	const json_t *owner = json_object_get(source, "owner");
	const char *image = aws_str(wanted, "source_image");
	const char *architecture = aws_str(source, "architecture");

	f->search.owners = json_is_array(owner)    ? json_deep_copy(owner)
			   : json_is_string(owner) ? json_pack("[O]", owner)
						   : json_array();
	f->search.filters = ec2_sure(json_array());
	if (*image)
		describe_image(f, image);
	else
		describe_source(f, source);
	if (*architecture && !aws_architecture(architecture))
		wrong(f, "the source's architecture is none that EC2 has");
	else if (*architecture)
		add_filter(f, "architecture", aws_architecture(architecture));
	add_filter(f, "state", "available");
	add_filter(f, "image-type", "machine");
}

static void find(struct ec2_work *w)
{
	struct finding *f = mem_alloc(sizeof *f);

	f->w = w;
	describe(f);
	if (w->item->failure.status) {
		finish(f);
		return;
	}
	f->place = (struct image_place){.region = w->region, .done = take, .ctx = f};
	image_find_queue(w->aws, &f->search, &f->place);
}

void ec2_cloud_find(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		if (w)
			find(w);
	}
	ec2_run(items, n);
}
