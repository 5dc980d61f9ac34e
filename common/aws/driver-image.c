/* SPDX-License-Identifier: ISC
 * Images of machines. CreateImage takes no token: what goes by the name is looked at before and,
 * when it is not clear what became of the call, after; a name is an account's only once. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

static bool is_ours(const struct ec2_work *w, const json_t *image)
{
	char *run = ec2_run_of(w->item->wanted);
	bool ours = !strcmp(ec2_tag(aws_arr(image, "tagSet"), "sluice:run"), run);

	free(run);
	return ours;
}

bool ec2_take_image(struct ec2_work *w, bool (*ours)(const struct ec2_work *, const json_t *))
{
	json_t *image = json_array_get(w->all, 0);

	if (!image)
		return false;
	if (!ours(w, image))
		return fail_set(&w->item->failure, ST_REFUSED, "name-taken",
				"there is an image '%s' in '%s' already, %s, of another run",
				ec2_wanted(w->item, "name"), w->region, aws_str(image, "imageId"));
	ec2_take(w, w->item, image);
	return true;
}

void ec2_take_new_image(struct ec2_work *w)
{
	struct cloud_item *item = w->item;
	json_t *image;

	if (!*aws_str(w->call.result, "imageId")) {
		item->unclear = true;
		fail_set(&item->failure, ST_BUG, "bad-answer", "the answer names no image");
		return;
	}
	image = ec2_sure(json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:o}", "imageId", aws_str(w->call.result, "imageId"), "name",
	    ec2_wanted(item, "name"), "imageState", "pending", "description",
	    ec2_wanted(item, "description"), "architecture", ec2_wanted(item, "architecture"),
	    "tagSet", ec2_tag_set(item->wanted)));

	ec2_take(w, item, image);
	item->made = true;
	json_decref(image);
}

static void on_looked_again(struct ec2_work *w)
{
	struct cloud_item *item = w->item;

	if (w->call.failure.status) {
		item->unclear = true;
		ec2_fail(w);
		return;
	}
	if (!ec2_take_image(w, is_ours) && !item->failure.status) {
		item->unclear = true;
		fail_set(&item->failure, ST_TEMP, "unclear",
			 "the image '%s' may have been begun, but is in no list yet",
			 ec2_wanted(item, "name"));
	}
	ec2_end(w);
}

static void look(struct ec2_work *w, void (*then)(struct ec2_work *))
{
	ec2_look(w, CLOUD_IMAGES, "name", ec2_wanted(w->item, "name"), then);
}

static void on_made(struct ec2_work *w)
{
	static const char *const taken[] = {"InvalidAMIName.Duplicate", NULL};

	if (ec2_refused(w, taken) || (w->call.failure.status && ec2_in_doubt(w))) {
		look(w, on_looked_again);
		return;
	}
	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	ec2_take_new_image(w);
	ec2_end(w);
}

/* The caller has switched the machine off: nothing is to be rebooted. */
static void make(struct ec2_work *w)
{
	static const char *const types[] = {"image", "snapshot", NULL};
	const char *text = ec2_wanted(w->item, "description");

	ec2_ask(w, "CreateImage", HTTP_CHANGE,
		json_pack("{s:s, s:s, s:s*, s:b, s:o}", "InstanceId", w->item->id, "Name",
			  ec2_wanted(w->item, "name"), "Description", *text ? text : NULL,
			  "NoReboot", 1, "TagSpecification",
			  ec2_tag_specs(w->item->wanted, NULL, types)),
		on_made);
}

static void on_looked(struct ec2_work *w)
{
	if (w->call.failure.status)
		ec2_fail(w);
	else if (ec2_take_image(w, is_ours) || w->item->failure.status)
		ec2_end(w);
	else
		make(w);
}

void ec2_cloud_image(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w;

		items[i]->kind = CLOUD_IMAGES;
		w = ec2_begin(items[i], done);
		if (w && items[i]->certain)
			make(w);
		else if (w)
			look(w, on_looked);
	}
	ec2_run(items, n);
}
