/* SPDX-License-Identifier: ISC
 * Images are made of machines, and of images elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

bool ec2_image_name_good(struct request *r, const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "()[] ./-'@_";
	const char *id;
	json_t *image;

	if (strlen(name) < 3 || strlen(name) > 128 || name[strspn(name, good)]) {
		refuse(r, 400, "InvalidAMIName.Malformed",
		       "AMI names must be between 3 and 128 characters long, and may contain "
		       "letters, numbers, '(', ')', '.', '-', '/' and '_'");
		return false;
	}
	json_object_foreach(ec2_images(r->region), id, image)
		if (ec2_image(r->region, id) && !strcmp(str(image, "name"), name) &&
		    !strcmp(str(image, "imageOwnerId"), r->account)) {
			refuse(r, 400, "InvalidAMIName.Duplicate",
			       "AMI name %s is already in use by AMI %s", name, id);
			return false;
		}
	return true;
}

const json_t *ec2_making(const char *knob, const char *name)
{
	const json_t *all = json_object_get(behave(), knob), *one = json_object_get(all, name);

	return one ? one : json_object_get(all, "*");
}

bool ec2_making_refused(struct request *r, const json_t *knob)
{
	if (!has(knob, "code"))
		return false;
	refuse(r, (int)num(knob, "status", 400), str(knob, "code"), "%s",
	       has(knob, "message") ? str(knob, "message") : "The sandbox says no.");
	return true;
}

void ec2_being_made(json_t *image, const json_t *knob, const char *usual_phase)
{
	int64_t ms = json_object_get(knob, "seconds") ? num(knob, "seconds", 0) * 1000
						      : phase_ms(usual_phase);
	char now[32];

	put_str(image, "creationDate", world_iso(world_now(), now));
	put_str(image, "imageState", "pending");
	put_str(image, "_becomes", has(knob, "failed") ? "failed" : "available");
	if (has(knob, "failed"))
		put_str(image, "_reason", str(knob, "failed"));
	if (!yes(knob, "stuck"))
		put_int(image, "_due", world_now() + ms);
}

/* The machine whose image it may be, else refused. */
static json_t *machine(struct request *r)
{
	json_t *i = ec2_instance(aws_place(r), arg(r, "InstanceId"));

	if (strncmp(arg(r, "InstanceId"), "i-", 2) != 0)
		return refuse(r, 400, "InvalidInstanceID.Malformed", "Invalid id: \"%s\"",
			      arg(r, "InstanceId"));
	if (!i)
		return refuse(r, 400, "InvalidInstanceID.NotFound",
			      "The instance ID '%s' does not exist", arg(r, "InstanceId"));
	if (!ec2_is(i, "running") && !ec2_is(i, "stopping") && !ec2_is(i, "stopped"))
		return refuse(r, 400, "InvalidParameterValue",
			      "Invalid value '%s' for instanceId. Instance is not in state "
			      "'running' or 'stopping' or 'stopped'",
			      arg(r, "InstanceId"));
	return i;
}

static json_t *image_of(struct request *r, const json_t *instance, const char *id)
{
	const json_t *from = ec2_image(r->region, str(instance, "imageId"));
	json_t *image = json_pack(
	    "{s:s, s:s++, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, "
	    "s:s,"
	    " s:s, s:s, s:s, s:[], s:o}",
	    "imageId", id, "imageLocation", r->account, "/", arg(r, "Name"), "imageState",
	    "pending", "imageOwnerId", r->account, "creationDate", "", "isPublic", 0,
	    "architecture", str(instance, "architecture"), "imageType", "machine", "name",
	    arg(r, "Name"), "description", arg(r, "Description"), "rootDeviceType", "ebs",
	    "rootDeviceName", str(instance, "rootDeviceName"), "virtualizationType", "hvm",
	    "hypervisor", "xen", "enaSupport", 1, "platformDetails", "Linux/UNIX", "usageOperation",
	    "RunInstances", "sourceInstanceId", str(instance, "instanceId"), "sourceImageId",
	    str(instance, "imageId"), "sourceImageRegion", r->region, "blockDeviceMapping",
	    "tagSet", tags_of_new(r, "image"));

	put(image, "productCodes", json_array());
	if (has(from, "imdsSupport"))
		put_str(image, "imdsSupport", str(from, "imdsSupport"));
	return image;
}

static bool is_left_out(const struct request *r, const char *device)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(r->params, "BlockDeviceMapping"), i, one)
		if (!strcmp(str(one, "DeviceName"), device) && json_object_get(one, "NoDevice"))
			return true;
	return false;
}

static void take_snapshots(struct request *r, json_t *image, const json_t *instance)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(instance, "blockDeviceMapping"), i, one) {
		const json_t *ebs = json_object_get(one, "ebs");
		const json_t *volume =
		    json_object_get(table(aws_place(r), "volumes"), str(ebs, "volumeId"));
		char *text;

		if (is_left_out(r, str(one, "deviceName")))
			continue;
		text = mem_fmt("Created by CreateImage(%s) for %s", str(instance, "instanceId"),
			       str(image, "imageId"));
		ec2_map_snapshot(r, image, str(one, "deviceName"), volume, text,
				 json_object_get(ebs, "deleteOnTermination"));
		free(text);
	}
}

json_t *create_image(struct request *r)
{
	const json_t *knob = ec2_making("create_image", arg(r, "Name"));
	json_t *instance, *image;
	char *id;

	if (!args_given(r, "InstanceId", "Name", NULL) || !(instance = machine(r)) ||
	    !ec2_tag_types_good(r, "image snapshot") || !ec2_image_name_good(r, arg(r, "Name")) ||
	    ec2_making_refused(r, knob))
		return NULL;
	id = new_id("ami-");
	image = image_of(r, instance, id);
	put(ec2_images(r->region), id, image);
	ec2_being_made(image, knob, "image");
	take_snapshots(r, image, instance);
	ec2_copy_machine(instance, image);
	if (!yes(r->params, "NoReboot") && ec2_is(instance, "running"))
		ec2_reboot(instance);
	free(id);
	return json_pack("{s:s}", "imageId", str(image, "imageId"));
}
