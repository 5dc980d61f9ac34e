/* SPDX-License-Identifier: ISC
 * What a group launches, and where. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

/* A launch configuration as the data of a launch template. */
static json_t *configuration_data(const json_t *config)
{
	json_t *data = json_pack("{s:s, s:s}", "imageId", str(config, "ImageId"), "instanceType",
				 str(config, "InstanceType"));
	size_t i;
	json_t *one;

	if (has(config, "KeyName"))
		put_str(data, "keyName", str(config, "KeyName"));
	if (has(config, "UserData"))
		put_str(data, "userData", str(config, "UserData"));
	if (has(config, "IamInstanceProfile"))
		put(data, "iamInstanceProfile",
		    json_pack("{s:s}", "name", str(config, "IamInstanceProfile")));
	json_array_foreach(seq(config, "SecurityGroups"), i, one)
		add(list(data, strncmp(text_of(one), "sg-", 3) ? "securityGroupSet"
							       : "securityGroupIdSet"),
		    json_incref(one));
	return data;
}

json_t *launch_data(struct site at, const json_t *group, long long *version)
{
	const json_t *wanted = json_object_get(group, "LaunchTemplate");
	json_t *template, *config;

	*version = 0;
	if (!wanted) {
		config = json_object_get(table(at.place, "configurations"),
					 str(group, "LaunchConfigurationName"));
		return config ? configuration_data(config) : NULL;
	}
	template = ec2_template(at.place, str(wanted, "LaunchTemplateId"),
				str(wanted, "LaunchTemplateName"));
	return template ? json_incref(ec2_template_data(template, str(wanted, "Version"), version))
			: NULL;
}

static size_t members_in(const json_t *group, const char *zone)
{
	size_t i, n = 0;
	json_t *member;

	json_array_foreach(seq(group, "Instances"), i, member)
		n += !strcmp(str(member, "AvailabilityZone"), zone) &&
		     strncmp(str(member, "LifecycleState"), "Terminating", 11) != 0;
	return n;
}

static const char *emptiest_zone(const json_t *group)
{
	const char *best = "";
	size_t i, least = SIZE_MAX;
	json_t *zone;

	json_array_foreach(seq(group, "AvailabilityZones"), i, zone)
		if (members_in(group, text_of(zone)) < least) {
			least = members_in(group, text_of(zone));
			best = text_of(zone);
		}
	return best;
}

/* The group's own subnet in the zone, else the zone's default one. */
static const char *subnet_in(struct site at, const json_t *group, const char *zone)
{
	const char *own = str(group, "VPCZoneIdentifier"), *id;
	json_t *subnet;

	json_object_foreach(table(at.place, "subnets"), id, subnet)
		if (!strcmp(str(subnet, "availabilityZone"), zone) && (!*own || strstr(own, id)))
			return id;
	return "";
}

static json_t *propagated_tags(const json_t *group)
{
	json_t *tags = json_array(), *tag;
	size_t i;

	tag_put(tags, "aws:autoscaling:groupName", str(group, "AutoScalingGroupName"));
	json_array_foreach(seq(group, "Tags"), i, tag)
		if (yes(tag, "PropagateAtLaunch"))
			tag_put(tags, str(tag, "Key"), str(tag, "Value"));
	return tags;
}

static void launch_failed(struct site at, json_t *group, const char *why)
{
	char *message = mem_fmt("%s Launching EC2 instance failed.", why);
	char *description = mem_fmt("Launching a new EC2 instance.  Status Reason: %s", message);
	json_t *activity = activity_begin(at, group, description, str(group, "_cause"));

	activity_end(at, str(activity, "ActivityId"), "Failed", message);
	put_int(group, "_retry_at", world_now() + phase_ms("launch_retry"));
	free(description);
	free(message);
}

static json_t *new_member(struct site at, const json_t *group, const json_t *instance,
			  long long version)
{
	const json_t *wanted = json_object_get(group, "LaunchTemplate");
	json_t *member =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "InstanceId", str(instance, "instanceId"),
		      "InstanceType", str(instance, "instanceType"), "AvailabilityZone",
		      str(json_object_get(instance, "placement"), "availabilityZone"),
		      "LifecycleState", "Pending", "HealthStatus", "Healthy",
		      "ProtectedFromScaleIn", yes(group, "NewInstancesProtectedFromScaleIn"));

	(void)at;
	if (wanted) {
		char *number = mem_fmt("%lld", version);

		put(member, "LaunchTemplate", json_deep_copy(wanted));
		put_str(json_object_get(member, "LaunchTemplate"), "Version", number);
		free(number);
	} else {
		put_str(member, "LaunchConfigurationName", str(group, "LaunchConfigurationName"));
	}
	return member;
}

bool launch_one(struct site at, json_t *group)
{
	long long version;
	json_t *data = launch_data(at, group, &version), *tags, *instance, *activity, *member;
	struct ec2_launch l = {at.account, at.region, emptiest_zone(group), "", data, NULL, false};
	char *why = NULL, *text, now[32];

	if (!data) {
		launch_failed(
		    at, group,
		    "You must use a valid fully-formed launch template. The specified launch "
		    "template or launch configuration does not exist.");
		return false;
	}
	l.subnet = subnet_in(at, group, l.zone);
	l.tags = tags = propagated_tags(group);
	instance = ec2_launch(at.place, &l, &why);
	json_decref(data);
	json_decref(tags);
	if (!instance) {
		launch_failed(at, group, why);
		free(why);
		return false;
	}
	member = new_member(at, group, instance, version);
	add(list(group, "Instances"), member);
	put_int(member, "_ready_at", num(instance, "_running_at", 0) + phase_ms("in_service"));
	text =
	    mem_fmt("%s  At %s an instance was started in response to a difference between desired "
		    "and actual capacity.",
		    str(group, "_cause"), world_iso(world_now(), now));
	why = mem_fmt("Launching a new EC2 instance: %s", str(instance, "instanceId"));
	activity = activity_begin(at, group, why, text);
	put_str(member, "_activity", str(activity, "ActivityId"));
	free(text);
	free(why);
	return true;
}
