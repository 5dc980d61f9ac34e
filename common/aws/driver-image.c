/* SPDX-License-Identifier: ISC
 * Images of machines. CreateImage takes no token. */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

static bool is_ours(const struct ec2_work *w, const json_t *image)
{
	char *run = ec2_run_of(w->item->wanted);
	bool ours = !strcmp(ec2_tag(aws_arr(image, "tagSet"), "sluice:run"), run);

	free(run);
	return ours;
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
		ec2_on_named);
}

void ec2_cloud_image(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	static const char *const taken[] = {"InvalidAMIName.Duplicate", NULL};
	static const struct ec2_naming naming = {is_ours, make, "image", taken};

	ec2_make_named(items, n, done, &naming);
}
