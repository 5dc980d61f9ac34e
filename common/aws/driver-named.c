/* SPDX-License-Identifier: ISC
 * Images whose names are looked at before they are made, and after it when it is not clear what
 * became of the call. */
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

/* Of the images by this name that were looked for: the item's, true; none, false; another one:
 * false with the item's failure. */
static bool take_found(struct ec2_work *w)
{
	json_t *image = json_array_get(w->all, 0);

	if (!image)
		return false;
	if (!w->naming->ours(w, image))
		return fail_set(&w->item->failure, ST_REFUSED, "name-taken",
				"there is an image '%s' in '%s' already, %s, of another run",
				ec2_wanted(w->item, "name"), w->region, aws_str(image, "imageId"));
	ec2_take(w, w->item, image);
	return true;
}

/* The one that the last call made. */
static void take_new(struct ec2_work *w)
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

static void look(struct ec2_work *w, void (*then)(struct ec2_work *))
{
	ec2_look(w, CLOUD_IMAGES, "name", ec2_wanted(w->item, "name"), then);
}

static void on_looked_again(struct ec2_work *w)
{
	struct cloud_item *item = w->item;

	if (w->call.failure.status) {
		item->unclear = true;
		ec2_fail(w);
		return;
	}
	if (!take_found(w) && !item->failure.status) {
		item->unclear = true;
		fail_set(&item->failure, ST_TEMP, "unclear",
			 "the %s '%s' may have been begun, but is in no list yet", w->naming->what,
			 ec2_wanted(item, "name"));
	}
	ec2_end(w);
}

void ec2_on_named(struct ec2_work *w)
{
	if (ec2_refused(w, w->naming->taken) || (w->call.failure.status && ec2_in_doubt(w))) {
		look(w, on_looked_again);
	} else if (w->call.failure.status) {
		ec2_fail(w);
	} else {
		take_new(w);
		ec2_end(w);
	}
}

static void on_looked(struct ec2_work *w)
{
	if (w->call.failure.status)
		ec2_fail(w);
	else if (take_found(w) || w->item->failure.status)
		ec2_end(w);
	else
		w->naming->make(w);
}

void ec2_make_named(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *),
		    const struct ec2_naming *naming)
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w;

		items[i]->kind = CLOUD_IMAGES;
		w = ec2_begin(items[i], done);
		if (!w)
			continue;
		w->naming = naming;
		if (items[i]->certain)
			naming->make(w);
		else
			look(w, on_looked);
	}
	ec2_run(items, n);
}
