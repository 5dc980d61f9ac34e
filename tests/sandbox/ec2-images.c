/* SPDX-License-Identifier: ISC
 * Images: who may see them, and how they are listed. An image that is made has _due, and _becomes
 * that state then; its mappings get their snapshots when it is available. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

json_t *ec2_images(const char *region)
{
	return sub(sub(state(), "images"), region);
}

json_t *ec2_image(const char *region, const char *id)
{
	json_t *image = json_object_get(ec2_images(region), id);

	return has(image, "_deregistered_at") ? NULL : image;
}

static void show_snapshots(json_t *image)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(image, "blockDeviceMapping"), i, one) {
		json_t *ebs = json_object_get(one, "ebs");

		if (has(ebs, "_snapshot"))
			put_str(ebs, "snapshotId", str(ebs, "_snapshot"));
	}
}

static void show_failure(json_t *image)
{
	put(image, "stateReason",
	    json_pack("{s:s, s:s}", "code", "Client.InternalError", "message",
		      has(image, "_reason") ? str(image, "_reason")
					    : "Client.InternalError: Client error on launch"));
}

void ec2_settle_images(const char *region)
{
	const char *id;
	json_t *image;

	json_object_foreach(ec2_images(region), id, image) {
		if (strcmp(str(image, "imageState"), "pending") != 0 ||
		    world_now() < num(image, "_due", INT64_MAX))
			continue;
		put_str(image, "imageState", str(image, "_becomes"));
		if (!strcmp(str(image, "_becomes"), "available"))
			show_snapshots(image);
		else
			show_failure(image);
	}
	ec2_settle_snapshots(region);
}

static const struct filter filters[] = {
    {"architecture", "architecture"},
    {"block-device-mapping.device-name", "blockDeviceMapping.deviceName"},
    {"block-device-mapping.encrypted", "blockDeviceMapping.ebs.encrypted"},
    {"block-device-mapping.snapshot-id", "blockDeviceMapping.ebs.snapshotId"},
    {"block-device-mapping.volume-size", "blockDeviceMapping.ebs.volumeSize"},
    {"block-device-mapping.volume-type", "blockDeviceMapping.ebs.volumeType"},
    {"creation-date", "creationDate"},
    {"description", "description"},
    {"ena-support", "enaSupport"},
    {"hypervisor", "hypervisor"},
    {"image-id", "imageId"},
    {"image-type", "imageType"},
    {"is-public", "isPublic"},
    {"name", "name"},
    {"owner-alias", "imageOwnerAlias"},
    {"owner-id", "imageOwnerId"},
    {"platform", "platform"},
    {"root-device-name", "rootDeviceName"},
    {"root-device-type", "rootDeviceType"},
    {"source-image-id", "sourceImageId"},
    {"source-image-region", "sourceImageRegion"},
    {"source-instance-id", "sourceInstanceId"},
    {"state", "imageState"},
    {"state-reason-code", "stateReason.code"},
    {"virtualization-type", "virtualizationType"},
    {NULL, NULL},
};

bool ec2_permits(const json_t *thing, const char *account)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(thing, "_permissions"), i, one)
		if (!strcmp(str(one, "userId"), account) || !strcmp(str(one, "group"), "all"))
			return true;
	return false;
}

bool ec2_may_launch(const json_t *image, const char *account)
{
	return yes(image, "isPublic") || !strcmp(str(image, "imageOwnerId"), account) ||
	       ec2_permits(image, account);
}

static bool is_owned(const struct request *r, const json_t *image)
{
	const json_t *owners = seq(r->params, "Owner");
	const char *owner = str(image, "imageOwnerId");

	return !json_array_size(owners) || holds(owners, owner) ||
	       (has(image, "imageOwnerAlias") && holds(owners, str(image, "imageOwnerAlias"))) ||
	       (holds(owners, "self") && !strcmp(owner, r->account));
}

/* Disabled ones are shown only to who asks for them, deprecated ones also to who owns them or names
 * their ids. */
static bool is_shown(const struct request *r, const json_t *image)
{
	char now[32];

	if (!strcmp(str(image, "imageState"), "disabled"))
		return yes(r->params, "IncludeDisabled");
	return !has(image, "deprecationTime") ||
	       strcmp(str(image, "deprecationTime"), world_iso(world_now(), now)) > 0 ||
	       yes(r->params, "IncludeDeprecated") || has(r->params, "ImageId") ||
	       !strcmp(str(image, "imageOwnerId"), r->account);
}

/* ExecutableBy: all, self, or accounts with an explicit permission. */
static bool is_executable(const struct request *r, const json_t *image)
{
	const json_t *by = seq(r->params, "ExecutableBy");
	size_t i;
	json_t *one;

	json_array_foreach(by, i, one) {
		const char *who = !strcmp(text_of(one), "self") ? r->account : text_of(one);

		if (!strcmp(who, "all") ? yes(image, "isPublic") : ec2_permits(image, who))
			return true;
	}
	return !json_array_size(by);
}

/* Who asks by its id for an image just deregistered may be told nothing instead of an error. */
static bool is_fading(const char *region, const char *id)
{
	int64_t at = num(json_object_get(ec2_images(region), id), "_deregistered_at", 0);

	return at && world_now() < at + phase_ms("deregistered");
}

static bool ids_known(struct request *r)
{
	size_t i;
	json_t *id, *image;

	json_array_foreach(seq(r->params, "ImageId"), i, id) {
		image = ec2_image(r->region, text_of(id));
		if (strncmp(text_of(id), "ami-", 4) != 0)
			refuse(r, 400, "InvalidAMIID.Malformed",
			       "Invalid id: \"%s\" (expecting \"ami-...\")", text_of(id));
		else if ((!image || !ec2_may_launch(image, r->account)) &&
			 !is_fading(r->region, text_of(id)))
			refuse(r, 400, "InvalidAMIID.NotFound",
			       "The image id '[%s]' does not exist", text_of(id));
		else
			continue;
		return false;
	}
	return true;
}

json_t *describe_images(struct request *r)
{
	const json_t *ids = seq(r->params, "ImageId");
	json_t *found, *image, *result;
	const char *id;

	ec2_settle_images(r->region); /* it may be as it was some time ago */
	if (!filters_known(r, filters) || !ids_known(r))
		return NULL;
	found = json_array();
	json_object_foreach(ec2_images(r->region), id, image)
		if (ec2_image(r->region, id) && ec2_may_launch(image, r->account) &&
		    is_shown(r, image) && is_owned(r, image) && is_executable(r, image) &&
		    (!json_array_size(ids) || holds(ids, id)) && filters_hold(r, image, filters))
			json_array_append(found, image);
	result = json_object();
	if (page(r, result, "imagesSet", found, 0))
		return result;
	json_decref(result);
	return NULL;
}

bool ec2_image_usable(struct request *r, const char *region, const char *id, const char *how)
{
	const json_t *image = json_object_get(ec2_images(region), id);

	if (strncmp(id, "ami-", 4) != 0)
		refuse(r, 400, "InvalidAMIID.Malformed",
		       "Invalid id: \"%s\" (expecting \"ami-...\")", id);
	else if (!image)
		refuse(r, 400, "InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id);
	else if (has(image, "_deregistered_at"))
		refuse(r, 400, "InvalidAMIID.Unavailable",
		       "The image ID '%s' is no longer available", id);
	else if (how && strcmp(str(image, "imageState"), "available") != 0)
		refuse(r, 400, "InvalidAMIID.Unavailable", "The AMI ID '%s' is currently %s and %s",
		       id, str(image, "imageState"), how);
	else
		return true;
	return false;
}

json_t *ec2_own_image(struct request *r, const char *how)
{
	const char *id = arg(r, "ImageId");

	if (!args_given(r, "ImageId", NULL) || !ec2_image_usable(r, r->region, id, how))
		return NULL;
	if (!strcmp(str(ec2_image(r->region, id), "imageOwnerId"), r->account))
		return ec2_image(r->region, id);
	return refuse(r, 400, "AuthFailure", "Not authorized for image:%s", id);
}
