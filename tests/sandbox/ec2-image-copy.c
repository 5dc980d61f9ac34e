/* SPDX-License-Identifier: ISC
 * CopyImage: into the region of the request, from any. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

/* An image that is shared can be copied only when its snapshots are, too. */
static bool storage_open(struct request *r, const json_t *source)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(source, "blockDeviceMapping"), i, one) {
		const json_t *snapshot = ec2_snapshot(
		    arg(r, "SourceRegion"), str(json_object_get(one, "ebs"), "snapshotId"));

		if (!snapshot || !strcmp(str(snapshot, "ownerId"), r->account) ||
		    ec2_permits(snapshot, r->account))
			continue;
		refuse(r, 400, "InvalidRequest",
		       "You do not have permission to access the storage of this ami");
		return false;
	}
	return true;
}

static bool is_encrypted(const json_t *image)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(image, "blockDeviceMapping"), i, one)
		if (yes(json_object_get(one, "ebs"), "encrypted"))
			return true;
	return false;
}

static bool encryption_good(struct request *r, const json_t *source)
{
	bool said = has(r->params, "Encrypted"), wanted = yes(r->params, "Encrypted");

	if (has(r->params, "KmsKeyId") && !wanted)
		refuse(r, 400, "InvalidParameterDependency",
		       "The parameter KmsKeyId requires the parameter Encrypted to be set.");
	else if (said && !wanted && is_encrypted(source))
		refuse(r, 400, "InvalidRequest",
		       "An encrypted image cannot be copied to an unencrypted one");
	else
		return true;
	return false;
}

/* The image to copy, else refused. */
static json_t *source_of(struct request *r)
{
	const char *region = arg(r, "SourceRegion"), *id = arg(r, "SourceImageId");
	json_t *source = ec2_image(region, id);

	if (!ec2_region_is(region))
		return refuse(r, 400, "InvalidParameterValue",
			      "Value (%s) for parameter sourceRegion is invalid.", region);
	if (source && !ec2_may_launch(source, r->account))
		return refuse(r, 400, "InvalidAMIID.NotFound", "The image id '[%s]' does not exist",
			      id);
	if (!ec2_image_usable(r, region, id, "may not be used for this operation") ||
	    !storage_open(r, source) || !encryption_good(r, source))
		return NULL;
	return source;
}

static json_t *tags_of_copy(const struct request *r, const json_t *source)
{
	json_t *set = json_array(), *given = tags_of_new(r, "image"), *tag;
	bool own = !strcmp(str(source, "imageOwnerId"), r->account);
	size_t i;

	json_array_foreach(seq(source, "tagSet"), i, tag)
		if (own && yes(r->params, "CopyImageTags") &&
		    strncmp(str(tag, "key"), "aws:", 4) != 0)
			tag_put(set, str(tag, "key"), str(tag, "value"));
	json_array_foreach(given, i, tag)
		tag_put(set, str(tag, "key"), str(tag, "value"));
	json_decref(given);
	return set;
}

static json_t *copied(const struct request *r, const json_t *source, const char *id)
{
	static const char *const own[] = {
	    "_permissions",     "_due",        "_becomes",          "_reason", "imageOwnerAlias",
	    "sourceInstanceId", "stateReason", "blockDeviceMapping"};
	json_t *image = json_deep_copy(source);

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		json_object_del(image, own[i]);
	put_str(image, "imageId", id);
	put_str(image, "name", arg(r, "Name"));
	put(image, "imageLocation", json_sprintf("%s/%s", r->account, arg(r, "Name")));
	put_str(image, "imageOwnerId", r->account);
	put(image, "isPublic", json_false());
	put_str(image, "sourceImageId", arg(r, "SourceImageId"));
	put_str(image, "sourceImageRegion", arg(r, "SourceRegion"));
	if (has(r->params, "Description"))
		put_str(image, "description", arg(r, "Description"));
	put(image, "tagSet", tags_of_copy(r, source));
	return image;
}

/* A key of another region: that is found out later, as in AWS, and the copy fails. */
static bool key_is_elsewhere(const struct request *r)
{
	const char *key = arg(r, "KmsKeyId");
	char *here = mem_fmt(":kms:%s:", r->region);
	bool elsewhere = !strncmp(key, "arn:", 4) && !strstr(key, here);

	free(here);
	return elsewhere;
}

/* What the new snapshot is made of: size and type of the old one, encrypted as is wanted. New. */
static json_t *disk_of(const struct request *r, const json_t *ebs)
{
	json_t *disk =
	    json_pack("{s:I, s:s}", "volumeSize", (json_int_t)num(ebs, "volumeSize", 8),
		      "volumeType", has(ebs, "volumeType") ? str(ebs, "volumeType") : "gp2");

	if (yes(r->params, "Encrypted") || yes(ebs, "encrypted")) {
		put(disk, "encrypted", json_true());
		ec2_put_key(disk, r->account, r->region, arg(r, "KmsKeyId"));
	}
	return disk;
}

static void copy_snapshots(const struct request *r, json_t *image, const json_t *source)
{
	size_t i;
	json_t *one;

	list(image, "blockDeviceMapping");
	json_array_foreach(seq(source, "blockDeviceMapping"), i, one) {
		const json_t *ebs = json_object_get(one, "ebs");
		json_t *disk = disk_of(r, ebs);
		char *text = mem_fmt("Copied for DestinationAmi %s from SourceAmi %s for "
				     "SourceSnapshot %s. Task created on %lld.",
				     str(image, "imageId"), arg(r, "SourceImageId"),
				     str(ebs, "snapshotId"), (long long)world_now());

		if (ebs)
			ec2_map_snapshot(r, image, str(one, "deviceName"), disk, text,
					 json_object_get(ebs, "deleteOnTermination"));
		free(text);
		json_decref(disk);
	}
}

static json_t *copy(struct request *r)
{
	const json_t *knob = ec2_making("copy_image", r->region);
	json_t *source = source_of(r), *image, *wrong_key;
	char *id;

	if (!source || !ec2_image_name_good(r, arg(r, "Name")) || ec2_making_refused(r, knob))
		return NULL;
	id = new_id("ami-");
	image = copied(r, source, id);
	put(ec2_images(r->region), id, image);
	free(id);
	wrong_key = key_is_elsewhere(r)
			? json_pack("{s:s}", "failed", "Given key ID is not accessible")
			: NULL;
	ec2_being_made(image, wrong_key ? wrong_key : knob, "copy");
	copy_snapshots(r, image, source);
	json_decref(wrong_key);
	return image;
}

json_t *copy_image(struct request *r)
{
	json_t *tokens = table(aws_place(r), "_copy_tokens");
	const json_t *token =
	    has(r->params, "ClientToken") ? json_object_get(tokens, arg(r, "ClientToken")) : NULL;
	json_t *image;

	if (!args_given(r, "SourceImageId", "SourceRegion", "Name", NULL) ||
	    !ec2_tag_types_good(r, "image snapshot"))
		return NULL;
	if (token && !json_equal(json_object_get(token, "params"), r->params))
		return refuse(r, 400, "IdempotentParameterMismatch",
			      "Arguments on this idempotent request are inconsistent with "
			      "arguments used in previous request(s).");
	if (token)
		return json_pack("{s:s}", "imageId", str(token, "id"));
	image = copy(r);
	if (!image)
		return NULL;
	if (has(r->params, "ClientToken"))
		put(tokens, arg(r, "ClientToken"),
		    json_pack("{s:s, s:O}", "id", str(image, "imageId"), "params", r->params));
	return json_pack("{s:s}", "imageId", str(image, "imageId"));
}
