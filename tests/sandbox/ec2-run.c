/* SPDX-License-Identifier: ISC
 * RunInstances: what it refuses, and the token that makes it one launch. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

/* What the request says in the form of a launch template's data, over the template that it names.
 */
static json_t *run_data(struct request *r)
{
	const json_t *from = json_object_get(r->params, "LaunchTemplate"), *card;
	json_t *data = wire_names(r->params), *template;
	long long version;

	if (from) {
		template = ec2_template(aws_place(r), str(from, "LaunchTemplateId"),
					str(from, "LaunchTemplateName"));
		json_object_update_missing(
		    data,
		    template ? ec2_template_data(template, str(from, "Version"), &version) : NULL);
	}
	card = json_array_get(seq(data, "networkInterfaceSet"), 0);
	if (has(card, "subnetId"))
		put_str(data, "subnetId", str(card, "subnetId"));
	if (has(card, "securityGroupIdSet"))
		put(data, "securityGroupIdSet",
		    json_deep_copy(json_object_get(card, "securityGroupIdSet")));
	if (!has(data, "instanceType"))
		put_str(data, "instanceType", "m1.small");
	return data;
}

static bool counts_good(struct request *r)
{
	long long min = num(r->params, "MinCount", 0), max = num(r->params, "MaxCount", 0);

	if (!args_given(r, "MinCount", "MaxCount", NULL))
		return false;
	if (min >= 1 && max >= min)
		return true;
	refuse(r, 400, "InvalidParameterValue", "Value (%lld) for parameter %s is invalid.",
	       min < 1 ? min : max, min < 1 ? "minCount" : "maxCount");
	return false;
}

static bool image_good(struct request *r, const json_t *data)
{
	const char *id = str(data, "imageId");
	const json_t *image = ec2_image(r->region, id);

	if (!*id)
		refuse(r, 400, "MissingParameter",
		       "The request must contain the parameter ImageId");
	else if (!ec2_image_usable(r, r->region, id, "cannot be run"))
		return false;
	else if (!ec2_may_launch(image, r->account))
		refuse(r, 400, "AuthFailure", "Not authorized for images: [%s]", id);
	else
		return true;
	return false;
}

static bool type_good(struct request *r, const json_t *data)
{
	const char *type = str(data, "instanceType");
	const json_t *image = ec2_image(r->region, str(data, "imageId"));
	regex_t re;
	bool good;

	if (regcomp(&re, "^[a-z]+[0-9]+[a-z0-9-]*\\.[a-z0-9-]+$", REG_EXTENDED | REG_NOSUB))
		mem_out();
	good = !regexec(&re, type, 0, NULL, 0);
	regfree(&re);
	if (!good)
		refuse(r, 400, "InvalidParameterValue", "Invalid value '%s' for InstanceType.",
		       type);
	else if (strcmp(ec2_architecture_of(type), str(image, "architecture")) != 0)
		refuse(r, 400, "InvalidParameterValue",
		       "The architecture '%s' of the specified instance type does not match the "
		       "architecture '%s' of the specified AMI. Specify an instance type and an "
		       "AMI that have matching architectures, and try again. You can use "
		       "'describe-instance-types' or 'describe-images' to discover the "
		       "architecture of the instance type or AMI.",
		       ec2_architecture_of(type), str(image, "architecture"));
	else
		return true;
	return false;
}

static bool groups_good(struct request *r, const json_t *data)
{
	static const char *const members[] = {"securityGroupIdSet", "securityGroupSet"};
	size_t i;
	json_t *one;

	for (int m = 0; m < 2; m++)
		json_array_foreach(seq(data, members[m]), i, one) {
			const json_t *group = ec2_group_named(aws_place(r), text_of(one));

			if (group && (m || !strcmp(str(group, "groupId"), text_of(one))))
				continue;
			if (!m && strncmp(text_of(one), "sg-", 3) != 0)
				refuse(r, 400, "InvalidGroupId.Malformed",
				       "Invalid id: \"%s\" (expecting \"sg-...\")", text_of(one));
			else
				refuse(r, 400, "InvalidGroup.NotFound",
				       "The security group '%s' does not exist", text_of(one));
			return false;
		}
	return true;
}

static bool names_good(struct request *r, const json_t *data)
{
	const char *key = str(data, "keyName"),
		   *how = str(data, "instanceInitiatedShutdownBehavior");
	const json_t *profile = json_object_get(data, "iamInstanceProfile");
	const char *arn = str(profile, "arn"), *name = strrchr(arn, '/');

	name = name ? name + 1 : str(profile, "name");
	if (*key && !ec2_key_named(aws_place(r), key))
		refuse(r, 400, "InvalidKeyPair.NotFound", "The key pair '%s' does not exist", key);
	else if (profile && strcmp(name, "tmtt") != 0)
		refuse(r, 400, "InvalidParameterValue",
		       "Value (%s) for parameter iamInstanceProfile.%s is invalid. Invalid IAM "
		       "Instance Profile %s",
		       *arn ? arn : name, *arn ? "arn" : "name", *arn ? "ARN" : "name");
	else if (*how && strcmp(how, "stop") != 0 && strcmp(how, "terminate") != 0)
		refuse(r, 400, "InvalidParameterValue",
		       "Invalid value '%s' for instanceInitiatedShutdownBehavior.", how);
	else
		return true;
	return false;
}

static bool disks_good(struct request *r, const json_t *data)
{
	const json_t *image = ec2_image(r->region, str(data, "imageId"));
	size_t i, j;
	json_t *wish, *own;

	json_array_foreach(seq(data, "blockDeviceMappingSet"), i, wish)
		json_array_foreach(seq(image, "blockDeviceMapping"), j, own) {
			const json_t *ebs = json_object_get(own, "ebs");
			long long least = num(ebs, "volumeSize", 0);
			long long size = num(json_object_get(wish, "ebs"), "volumeSize", least);

			if (strcmp(str(wish, "deviceName"), str(own, "deviceName")) != 0 ||
			    size >= least)
				continue;
			refuse(r, 400, "InvalidBlockDeviceMapping",
			       "Volume of size %lldGB is smaller than snapshot '%s', expect size "
			       ">= %lldGB",
			       size, str(ebs, "snapshotId"), least);
			return false;
		}
	return true;
}

static bool place_good(struct request *r, const json_t *data)
{
	const char *zone = str(json_object_get(data, "placement"), "availabilityZone");
	const char *id = str(data, "subnetId");
	const json_t *subnet = ec2_subnet(aws_place(r), id);

	if (*zone && !ec2_zone_is(r->region, zone))
		refuse(r, 400, "InvalidParameterValue", "Invalid availability zone: [%s]", zone);
	else if (*id && !subnet)
		refuse(r, 400, "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id);
	else if (*id && *zone && strcmp(str(subnet, "availabilityZone"), zone) != 0)
		refuse(r, 400, "InvalidParameterValue",
		       "Value (%s) for parameter availabilityZone is invalid. Subnet '%s' is in "
		       "the availability zone %s",
		       zone, id, str(subnet, "availabilityZone"));
	else
		return true;
	return false;
}

static bool request_good(struct request *r, const json_t *data)
{
	const json_t *knob =
	    json_object_get(json_object_get(behave(), "images"), str(data, "imageId"));
	const char *launch = str(knob, "launch");

	if (!counts_good(r) || !image_good(r, data) || !type_good(r, data) ||
	    !names_good(r, data) || !groups_good(r, data) || !place_good(r, data) ||
	    !disks_good(r, data) || !ec2_user_data_good(r, str(data, "userData")) ||
	    !ec2_tag_types_good(r, "instance volume network-interface spot-instances-request"))
		return false;
	if (!*launch || !strcmp(launch, "InsufficientInstanceCapacity"))
		return true;
	refuse(r, 400, strchr(launch, ' ') ? "InternalError" : launch, "%s", launch);
	return false;
}

/* The zone that was asked for, by name or by the subnet; "": any. */
static const char *zone_asked(struct request *r, const json_t *data)
{
	const char *zone = str(json_object_get(data, "placement"), "availabilityZone");

	return *zone ? zone
		     : str(ec2_subnet(aws_place(r), str(data, "subnetId")), "availabilityZone");
}

static const char *default_subnet(json_t *where, const char *zone)
{
	const char *id;
	json_t *subnet;

	json_object_foreach(table(where, "subnets"), id, subnet)
		if (!strcmp(str(subnet, "availabilityZone"), zone) && yes(subnet, "defaultForAz"))
			return id;
	return "";
}

/* Fills in the place of the launch; false: there is no room, refused. */
static bool find_room(struct request *r, struct ec2_launch *l)
{
	const char *zone = zone_asked(r, l->data), *id, *subnet_zone;
	char *why = *zone ? ec2_no_capacity(zone, l->data) : NULL;
	json_t *subnet;

	if (*zone && !why)
		l->zone = zone;
	if (!*zone)
		json_object_foreach(table(aws_place(r), "subnets"), id, subnet) {
			subnet_zone = str(subnet, "availabilityZone");
			free(why);
			why = ec2_no_capacity(subnet_zone, l->data);
			if (!why) {
				l->zone = subnet_zone;
				break;
			}
		}
	l->subnet = has(l->data, "subnetId") ? str(l->data, "subnetId")
					     : default_subnet(aws_place(r), l->zone);
	if (!why)
		return true;
	refuse(r, 500, "InsufficientInstanceCapacity", "%s", why);
	free(why);
	return false;
}

static json_t *reservation(struct request *r, const json_t *ids)
{
	json_t *all = json_array(), *id, *one = NULL;
	size_t i;

	json_array_foreach(ids, i, id) {
		one = ec2_instance(aws_place(r), text_of(id));
		json_array_append(all, one);
	}
	return json_pack("{s:s, s:s, s:[], s:o}", "reservationId", str(one, "_reservation"),
			 "ownerId", r->account, "groupSet", "instancesSet", all);
}

static json_t *launch_all(struct request *r, struct ec2_launch *l)
{
	json_t *ids = json_array(), *one;
	char *id = new_id("r-"), *why = NULL;
	const json_t *card = json_array_get(seq(l->data, "networkInterfaceSet"), 0);

	for (long long i = 0; i < num(r->params, "MaxCount", 1); i++) {
		one = ec2_launch(aws_place(r), l, &why);
		free(why);
		if (!one)
			break;
		put_str(one, "_reservation", id);
		put_int(one, "amiLaunchIndex", i);
		if (has(r->params, "ClientToken"))
			put_str(one, "clientToken", arg(r, "ClientToken"));
		if (has(card, "associatePublicIpAddress") && !yes(card, "associatePublicIpAddress"))
			json_object_del(one, "_public_ip");
		add(ids, json_string(str(one, "instanceId")));
	}
	free(id);
	return ids;
}

/* Whether what a token made has ended: the token stays taken. */
static bool has_ended(struct request *r, const json_t *token)
{
	const char *id = text_of(json_array_get(seq(token, "ids"), 0));
	json_t *instance = ec2_instance(aws_place(r), id);

	return !instance || ec2_is(instance, "terminated") || ec2_is(instance, "shutting-down");
}

static json_t *run(struct request *r, json_t *data, const char *key)
{
	struct ec2_launch l = {r->account, r->region, "", "", data, NULL, true};
	json_t *ids;

	if (!request_good(r, data) || !find_room(r, &l))
		return NULL;
	if (yes(r->params, "DryRun"))
		return refuse(r, 412, "DryRunOperation",
			      "Request would have succeeded, but DryRun flag is set.");
	ids = launch_all(r, &l);
	if (has(r->params, "ClientToken"))
		put(table(aws_place(r), "_run_tokens"), key,
		    json_pack("{s:O, s:O}", "ids", ids, "params", r->params));
	return ids;
}

json_t *run_instances(struct request *r)
{
	json_t *data = run_data(r), *ids, *result = NULL;
	/* a zone that is asked for has tokens of its own */
	char *key = mem_fmt("%s/%s", zone_asked(r, data), arg(r, "ClientToken"));
	const json_t *token = has(r->params, "ClientToken")
				  ? json_object_get(table(aws_place(r), "_run_tokens"), key)
				  : NULL;

	if (!token) {
		ids = run(r, data, key);
		result = ids ? reservation(r, ids) : NULL;
		json_decref(ids);
	} else if (json_equal(json_object_get(token, "params"), r->params) && has_ended(r, token)) {
		refuse(r, 400, "IdempotentInstanceTerminated",
		       "The client token you have provided is associated with a terminated "
		       "instance. Please use a different client token.");
	} else if (json_equal(json_object_get(token, "params"), r->params)) {
		result = reservation(r, seq(token, "ids"));
	} else {
		refuse(r, 400, "IdempotentParameterMismatch",
		       "Arguments on this idempotent request are inconsistent with arguments used "
		       "in previous request(s).");
	}
	free(key);
	json_decref(data);
	return result;
}
