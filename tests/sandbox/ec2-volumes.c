/* SPDX-License-Identifier: ISC
 * Volumes: they come with machines, and mostly go with them. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

/* The mapping of that device, NULL. */
static json_t *mapping_of(const json_t *mappings, const char *device)
{
	size_t i;
	json_t *one;

	json_array_foreach(mappings, i, one)
		if (!strcmp(str(one, "deviceName"), device))
			return one;
	return NULL;
}

/* What the image has, changed by what the launch asks for. */
static json_t *merged_mappings(const json_t *image, const json_t *data)
{
	json_t *all = json_deep_copy(seq(image, "blockDeviceMapping")), *wish, *one;
	size_t i;

	json_array_foreach(seq(data, "blockDeviceMappingSet"), i, wish) {
		one = mapping_of(all, str(wish, "deviceName"));
		if (one)
			json_object_update_recursive(one, wish);
		else
			json_array_append(all, wish);
	}
	return all;
}

static json_t *new_volume(const json_t *instance, const json_t *ebs, const json_t *tags)
{
	const char *region = str(instance, "_region");
	json_t *snapshot = ec2_snapshot(region, str(ebs, "snapshotId"));
	bool encrypted = yes(ebs, "encrypted") || yes(snapshot, "encrypted");
	char *id = new_id("vol-"), now[32];
	json_t *volume = json_pack(
	    "{s:s, s:I, s:s, s:s, s:s, s:s, s:[], s:O, s:s, s:b, s:b}", "volumeId", id, "size",
	    (json_int_t)num(ebs, "volumeSize", num(snapshot, "volumeSize", 8)), "snapshotId",
	    str(ebs, "snapshotId"), "availabilityZone",
	    str(json_object_get(instance, "placement"), "availabilityZone"), "status", "in-use",
	    "createTime", world_iso(world_now(), now), "attachmentSet", "tagSet", tags,
	    "volumeType", has(ebs, "volumeType") ? str(ebs, "volumeType") : "gp2", "encrypted",
	    encrypted, "multiAttachEnabled", 0);

	if (encrypted)
		ec2_put_key(volume, str(instance, "_account"), region,
			    has(ebs, "kmsKeyId") ? str(ebs, "kmsKeyId")
						 : str(snapshot, "kmsKeyId"));
	free(id);
	return volume;
}

static void attach(json_t *where, json_t *instance, const json_t *mapping, const json_t *tags)
{
	const json_t *ebs = json_object_get(mapping, "ebs");
	const char *device = str(mapping, "deviceName");
	bool is_root = !strcmp(device, str(instance, "rootDeviceName"));
	bool goes = has(ebs, "deleteOnTermination") ? yes(ebs, "deleteOnTermination") : is_root;
	json_t *volume = new_volume(instance, ebs, tags);
	char now[32];

	world_iso(world_now(), now);
	add(list(volume, "attachmentSet"),
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "volumeId", str(volume, "volumeId"),
		      "instanceId", str(instance, "instanceId"), "device", device, "status",
		      "attached", "attachTime", now, "deleteOnTermination", goes));
	add(list(instance, "blockDeviceMapping"),
	    json_pack("{s:s, s:{s:s, s:s, s:s, s:b}}", "deviceName", device, "ebs", "volumeId",
		      str(volume, "volumeId"), "status", "attached", "attachTime", now,
		      "deleteOnTermination", goes));
	put(table(where, "volumes"), str(volume, "volumeId"), volume);
}

void ec2_attach_volumes(json_t *where, json_t *instance, const json_t *data)
{
	json_t *image = ec2_image(str(instance, "_region"), str(instance, "imageId"));
	json_t *mappings = merged_mappings(image, data), *tags, *one;
	size_t i;

	list(instance, "blockDeviceMapping");
	json_array_foreach(mappings, i, one)
		if (json_object_get(one, "ebs") && !json_object_get(one, "noDevice")) {
			tags = ec2_spec_tags(data, "volume");
			attach(where, instance, one, tags);
			json_decref(tags);
		}
	json_decref(mappings);
}

void ec2_release_volumes(json_t *where, const json_t *instance)
{
	json_t *all = table(where, "volumes"), *volume;
	const char *id;
	void *next;

	json_object_foreach_safe(all, next, id, volume) {
		const json_t *held = json_array_get(seq(volume, "attachmentSet"), 0);

		if (strcmp(str(held, "instanceId"), str(instance, "instanceId")) != 0)
			continue;
		if (yes(held, "deleteOnTermination")) {
			json_object_del(all, id);
			continue;
		}
		put_str(volume, "status", "available");
		json_array_clear(list(volume, "attachmentSet"));
	}
}

json_t *describe_volumes(struct request *r)
{
	static const struct filter filters[] = {
	    {"attachment.delete-on-termination", "attachmentSet.deleteOnTermination"},
	    {"attachment.device", "attachmentSet.device"},
	    {"attachment.instance-id", "attachmentSet.instanceId"},
	    {"attachment.status", "attachmentSet.status"},
	    {"availability-zone", "availabilityZone"},
	    {"create-time", "createTime"},
	    {"encrypted", "encrypted"},
	    {"size", "size"},
	    {"snapshot-id", "snapshotId"},
	    {"status", "status"},
	    {"volume-id", "volumeId"},
	    {"volume-type", "volumeType"},
	    {NULL, NULL}};

	return describe(r, &(struct describing){"volumes", "volumeSet", "VolumeId", "volumeId",
						NULL, NULL, "InvalidVolume.NotFound",
						"The volume '%s' does not exist.", filters});
}

json_t *delete_volume(struct request *r)
{
	const char *id = arg(r, "VolumeId");
	json_t *volume = json_object_get(table(aws_place(r), "volumes"), id);
	const json_t *held = json_array_get(seq(volume, "attachmentSet"), 0);

	if (!args_given(r, "VolumeId", NULL))
		return NULL;
	if (!volume)
		return refuse(r, 400, "InvalidVolume.NotFound", "The volume '%s' does not exist.",
			      id);
	if (held)
		return refuse(r, 400, "VolumeInUse", "Volume %s is currently attached to %s", id,
			      str(held, "instanceId"));
	json_object_del(table(aws_place(r), "volumes"), id);
	return json_pack("{s:b}", "return", 1);
}
