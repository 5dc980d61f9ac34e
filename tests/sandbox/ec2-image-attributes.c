/* SPDX-License-Identifier: ISC
 * What is changed of an image that is there, and its end. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"

static const char unusable[] = "may not be used for this operation";

static void note_public(json_t *image)
{
	put(image, "isPublic", json_boolean(ec2_permits(image, "all")));
}

/* The new text of that attribute, by either form of the call; NULL: it is not what is changed. */
static const char *text_for(const struct request *r, const char *member, const char *attribute)
{
	const json_t *given = json_object_get(r->params, member);

	if (given)
		return str(given, "Value");
	return !strcmp(arg(r, "Attribute"), attribute) ? arg(r, "Value") : NULL;
}

json_t *modify_image(struct request *r)
{
	json_t *image = ec2_own_image(r, unusable);
	const char *description = text_for(r, "Description", "description");
	const char *imds = text_for(r, "ImdsSupport", "imdsSupport");

	if (!image)
		return NULL;
	if (!description && !imds && !ec2_share_asked(r, EC2_IMAGE))
		return refuse(r, 400, "MissingParameter",
			      "The request must contain the parameter Attribute");
	if (ec2_share_asked(r, EC2_IMAGE) && !ec2_share(r, EC2_IMAGE, image))
		return NULL;
	if (description)
		put_str(image, "description", description);
	if (imds)
		put_str(image, "imdsSupport", imds);
	note_public(image);
	return json_pack("{s:b}", "return", 1);
}

json_t *reset_image_attribute(struct request *r)
{
	json_t *image = ec2_own_image(r, unusable);

	if (!image)
		return NULL;
	if (strcmp(arg(r, "Attribute"), "launchPermission") != 0)
		return refuse(r, 400, "InvalidParameterValue",
			      "Value (%s) for parameter attribute is invalid.",
			      arg(r, "Attribute"));
	json_array_clear(list(image, "_permissions"));
	note_public(image);
	return json_pack("{s:b}", "return", 1);
}

json_t *describe_image_attribute(struct request *r)
{
	static const char *const texts[] = {"description", "imdsSupport", "bootMode"};
	const char *wanted = arg(r, "Attribute");
	json_t *image = ec2_own_image(r, NULL), *result;

	if (!image || !args_given(r, "Attribute", NULL))
		return NULL;
	result = json_pack("{s:s}", "imageId", arg(r, "ImageId"));
	if (!strcmp(wanted, "launchPermission"))
		put(result, wanted, ec2_permissions(image));
	else if (!strcmp(wanted, "blockDeviceMapping"))
		put(result, wanted, json_incref(json_object_get(image, wanted)));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(texts[i], wanted))
			put(result, wanted,
			    has(image, wanted) ? json_pack("{s:s}", "value", str(image, wanted))
					       : json_object());
	if (json_object_get(result, wanted))
		return result;
	json_decref(result);
	return refuse(r, 400, "InvalidParameterValue",
		      "Value (%s) for parameter attribute is invalid. Unknown attribute.", wanted);
}

/* The snapshots that only this image has; each with what became of it. New. */
static json_t *delete_snapshots(const struct request *r, const json_t *image)
{
	json_t *results = json_array(), *one;
	size_t i;

	json_array_foreach(seq(image, "blockDeviceMapping"), i, one) {
		const json_t *ebs = json_object_get(one, "ebs");
		const char *id =
		    has(ebs, "snapshotId") ? str(ebs, "snapshotId") : str(ebs, "_snapshot");
		bool is_shared = ec2_snapshot_user(r->region, id, arg(r, "ImageId"));

		if (!*id)
			continue;
		add(results, json_pack("{s:s, s:s}", "snapshotId", id, "returnCode",
				       is_shared ? "skipped" : "success"));
		if (!is_shared)
			ec2_drop_snapshot(r->region, id);
	}
	return results;
}

json_t *deregister_image(struct request *r)
{
	json_t *image = ec2_own_image(r, NULL), *result;

	if (!image)
		return NULL;
	put_int(image, "_deregistered_at", world_now());
	result = json_pack("{s:b}", "return", 1);
	if (yes(r->params, "DeleteAssociatedSnapshots"))
		put(result, "deleteSnapshotResultSet", delete_snapshots(r, image));
	return result;
}
