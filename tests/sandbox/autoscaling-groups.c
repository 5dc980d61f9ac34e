/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

static bool sizes_good(struct request *r, long long min, long long max, long long desired)
{
	if (min < 0 || max < 0)
		refuse(r, 400, "ValidationError", "MinSize and MaxSize must not be negative");
	else if (min > max)
		refuse(r, 400, "ValidationError",
		       "Max bound, %lld, must be greater than or equal to min bound, %lld", max,
		       min);
	else if (desired < min || desired > max)
		refuse(r, 400, "ValidationError",
		       "Desired capacity:%lld must be between the specified min size:%lld and max "
		       "size:%lld",
		       desired, min, max);
	else
		return true;
	return false;
}

/* The zones that the parameters give: named, or those of the subnets. NULL: refused. */
static json_t *zones_of(struct request *r)
{
	json_t *zones = json_deep_copy(seq(r->params, "AvailabilityZones")), *one, *subnet = NULL;
	char *ids = mem_dup(arg(r, "VPCZoneIdentifier")), *rest = ids, *id;
	const char *wrong = NULL;
	size_t i;

	json_array_foreach(zones, i, one)
		if (!ec2_zone_is(r->region, text_of(one)))
			wrong = text_of(one);
	if (wrong)
		refuse(r, 400, "ValidationError", "Invalid availability zones: [%s]", wrong);
	while (!wrong && (id = strsep(&rest, ", "))) {
		if (!*id)
			continue;
		subnet = ec2_subnet(aws_place(r), id);
		if (!subnet) {
			wrong = id;
			refuse(r, 400, "ValidationError", "The subnet ID '%s' does not exist", id);
		} else if (!holds(zones, str(subnet, "availabilityZone"))) {
			add(zones, json_string(str(subnet, "availabilityZone")));
		}
	}
	if (wrong) {
		json_decref(zones);
		zones = NULL;
	}
	free(ids);
	return zones;
}

static bool balancers_exist(struct request *r)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(r->params, "LoadBalancerNames"), i, one)
		if (!elb_find(aws_place(r), text_of(one))) {
			refuse(r, 400, "ValidationError",
			       "Provided Load Balancers may not be valid. Please ensure they exist "
			       "and "
			       "try again.");
			return false;
		}
	json_array_foreach(seq(r->params, "TargetGroupARNs"), i, one)
		if (!elbv2_find(aws_place(r), text_of(one))) {
			refuse(
			    r, 400, "ValidationError",
			    "Provided Target Groups may not be valid. Please ensure they exist and "
			    "try again.");
			return false;
		}
	return true;
}

/* LaunchTemplate as groups show it (new), NULL: refused. */
static json_t *template_of(struct request *r)
{
	const json_t *wanted = json_object_get(r->params, "LaunchTemplate");
	json_t *template = ec2_template(aws_place(r), str(wanted, "LaunchTemplateId"),
					str(wanted, "LaunchTemplateName"));
	const char *version = has(wanted, "Version") ? str(wanted, "Version") : "$Default";
	char *wrong;
	long long number;
	json_t *data;

	if (!template)
		return refuse(
		    r, 400, "ValidationError",
		    "You must use a valid fully-formed launch template. The specified launch "
		    "template, with template %s %s, does not exist.",
		    has(wanted, "LaunchTemplateId") ? "ID" : "name",
		    has(wanted, "LaunchTemplateId") ? str(wanted, "LaunchTemplateId")
						    : str(wanted, "LaunchTemplateName"));
	data = ec2_template_data(template, version, &number);
	if (!data)
		return refuse(
		    r, 400, "ValidationError",
		    "You must use a valid fully-formed launch template. Could not find the "
		    "specified version %s for the launch template with ID %s.",
		    version, str(template, "launchTemplateId"));
	wrong = ec2_wrong_data(aws_place(r), r->region, data);
	if (wrong) {
		refuse(r, 400, "ValidationError",
		       "You must use a valid fully-formed launch template. %s", wrong);
		free(wrong);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s}", "LaunchTemplateId", str(template, "launchTemplateId"),
			 "LaunchTemplateName", str(template, "launchTemplateName"), "Version",
			 version);
}

/* What is launched, put into the group. */
static bool set_launch(struct request *r, json_t *group)
{
	const char *config = arg(r, "LaunchConfigurationName");
	json_t *template;

	if (*config) {
		if (!json_object_get(table(aws_place(r), "configurations"), config)) {
			refuse(r, 400, "ValidationError",
			       "Launch configuration name not found - Launch configuration %s not "
			       "found",
			       config);
			return false;
		}
		put_str(group, "LaunchConfigurationName", config);
		json_object_del(group, "LaunchTemplate");
		return true;
	}
	template = template_of(r);
	if (!template)
		return false;
	put(group, "LaunchTemplate", template);
	json_object_del(group, "LaunchConfigurationName");
	return true;
}

static void set_plain(struct request *r, json_t *group)
{
	static const char *const numbers[] = {"MinSize",
					      "MaxSize",
					      "DesiredCapacity",
					      "DefaultCooldown",
					      "HealthCheckGracePeriod",
					      "DefaultInstanceWarmup",
					      "MaxInstanceLifetime"};
	static const char *const texts[] = {"HealthCheckType", "VPCZoneIdentifier",
					    "PlacementGroup", "ServiceLinkedRoleARN"};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (has(r->params, numbers[i]))
			put_int(group, numbers[i], num(r->params, numbers[i], 0));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (has(r->params, texts[i]))
			put_str(group, texts[i], arg(r, texts[i]));
	if (has(r->params, "NewInstancesProtectedFromScaleIn"))
		put(group, "NewInstancesProtectedFromScaleIn",
		    json_boolean(yes(r->params, "NewInstancesProtectedFromScaleIn")));
	if (json_array_size(seq(r->params, "TerminationPolicies")))
		put(group, "TerminationPolicies",
		    json_incref(json_object_get(r->params, "TerminationPolicies")));
}

static json_t *new_group(struct request *r, json_t *zones)
{
	const char *name = arg(r, "AutoScalingGroupName");
	char now[32], *uuid = new_uuid();
	json_t *tag,
	    *group = json_pack(
		"{s:s, s:s+++++++, s:i, s:i, s:i, s:i, s:o, s:[], s:[], s:s, s:i, s:[], s:s, s:[], "
		"s:s,"
		" s:[], s:[], s:[s], s:b}",
		"AutoScalingGroupName", name, "AutoScalingGroupARN",
		"arn:aws:autoscaling:", r->region, ":", r->account, ":autoScalingGroup:", uuid,
		":autoScalingGroupName/", name, "MinSize", 0, "MaxSize", 0, "DesiredCapacity", 0,
		"DefaultCooldown", 300, "AvailabilityZones", zones, "LoadBalancerNames",
		"TargetGroupARNs", "HealthCheckType", "EC2", "HealthCheckGracePeriod", 0,
		"Instances", "CreatedTime", world_iso(world_now(), now), "SuspendedProcesses",
		"VPCZoneIdentifier", "", "EnabledMetrics", "Tags", "TerminationPolicies", "Default",
		"NewInstancesProtectedFromScaleIn", 0);
	size_t i;

	free(uuid);
	set_plain(r, group);
	if (!has(r->params, "DesiredCapacity"))
		put_int(group, "DesiredCapacity", num(group, "MinSize", 0));
	put(group, "LoadBalancerNames", json_deep_copy(seq(r->params, "LoadBalancerNames")));
	put(group, "TargetGroupARNs", json_deep_copy(seq(r->params, "TargetGroupARNs")));
	json_array_foreach(seq(r->params, "Tags"), i, tag)
		group_tag(group, tag);
	return group;
}

static bool create_good(struct request *r)
{
	const char *name = arg(r, "AutoScalingGroupName");
	json_t *existing;
	long long min = num(r->params, "MinSize", 0);

	if (!args_given(r, "AutoScalingGroupName", "MinSize", "MaxSize", NULL))
		return false;
	existing = json_object_get(table(aws_place(r), "groups"), name);
	if (existing)
		refuse(
		    r, 400, "AlreadyExists",
		    is_deleting(existing)
			? "AutoScalingGroup by this name already exists and is pending delete - %s"
			: "AutoScalingGroup by this name already exists - A group with the name %s "
			  "already exists",
		    name);
	else if (!has(r->params, "LaunchTemplate") == !has(r->params, "LaunchConfigurationName"))
		refuse(
		    r, 400, "ValidationError",
		    "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
		    "InstanceId or MixedInstancesPolicy parameter.");
	else if (!has(r->params, "AvailabilityZones") && !has(r->params, "VPCZoneIdentifier"))
		refuse(r, 400, "ValidationError",
		       "At least one Availability Zone or VPC Subnet is required.");
	else
		return sizes_good(r, min, num(r->params, "MaxSize", 0),
				  num(r->params, "DesiredCapacity", min)) &&
		       balancers_exist(r);
	return false;
}

json_t *create_group(struct request *r)
{
	json_t *zones = create_good(r) ? zones_of(r) : NULL, *group;

	if (!zones)
		return NULL;
	group = new_group(r, zones);
	if (!set_launch(r, group)) {
		json_decref(group);
		return NULL;
	}
	note_cause(
	    group,
	    "a user request created an AutoScalingGroup changing the desired capacity from 0 to "
	    "%lld",
	    num(group, "DesiredCapacity", 0));
	put(table(aws_place(r), "groups"), arg(r, "AutoScalingGroupName"), group);
	return json_null();
}

/* Filters of DescribeAutoScalingGroups: tag-key, tag-value, tag:KEY. */
static json_t *as_tagged(const json_t *group)
{
	return json_pack("{s:o}", "tagSet", tag_set(seq(group, "Tags")));
}

json_t *describe_groups(struct request *r)
{
	static const struct filter filters[] = {{"tag-value", "tagSet.value"}, {NULL, NULL}};
	const json_t *names = seq(r->params, "AutoScalingGroupNames");
	json_t *found, *group, *tagged, *result;
	const char *name;

	if (!filters_known(r, filters))
		return NULL;
	found = json_array();
	json_object_foreach(table(aws_place(r), "groups"), name, group) {
		tagged = as_tagged(group);
		if ((!json_array_size(names) || holds(names, name)) &&
		    filters_hold(r, tagged, filters))
			json_array_append(found, group);
		json_decref(tagged);
	}
	result = json_object();
	if (page(r, result, "AutoScalingGroups", found, 50))
		return result;
	json_decref(result);
	return NULL;
}

static void change_desired(struct request *r, json_t *group, long long before)
{
	long long after = num(group, "DesiredCapacity", 0);

	(void)r;
	json_object_del(group, "_retry_at");
	if (before != after)
		note_cause(
		    group,
		    "a user request explicitly set group desired capacity changing the desired "
		    "capacity from %lld to %lld",
		    before, after);
}

json_t *update_group(struct request *r)
{
	json_t *group = group_alive(r), *zones = NULL;
	long long before, min, max, desired;

	if (!group)
		return NULL;
	before = num(group, "DesiredCapacity", 0);
	min = num(r->params, "MinSize", num(group, "MinSize", 0));
	max = num(r->params, "MaxSize", num(group, "MaxSize", 0));
	desired = num(r->params, "DesiredCapacity",
		      before < min   ? min
		      : before > max ? max
				     : before);
	if (!sizes_good(r, min, max, desired))
		return NULL;
	if (has(r->params, "AvailabilityZones") || has(r->params, "VPCZoneIdentifier")) {
		zones = zones_of(r);
		if (!zones)
			return NULL;
	}
	if ((has(r->params, "LaunchTemplate") || has(r->params, "LaunchConfigurationName")) &&
	    !set_launch(r, group)) {
		json_decref(zones);
		return NULL;
	}
	set_plain(r, group);
	put_int(group, "DesiredCapacity", desired);
	if (zones)
		put(group, "AvailabilityZones", zones);
	change_desired(r, group, before);
	return json_null();
}

json_t *set_desired(struct request *r)
{
	json_t *group = group_alive(r);
	long long before, desired = num(r->params, "DesiredCapacity", 0);

	if (!group || !args_given(r, "DesiredCapacity", NULL))
		return NULL;
	before = num(group, "DesiredCapacity", 0);
	if (desired > num(group, "MaxSize", 0))
		return refuse(r, 400, "ValidationError",
			      "New SetDesiredCapacity value %lld is above max value %lld for the "
			      "AutoScalingGroup.",
			      desired, num(group, "MaxSize", 0));
	if (desired < num(group, "MinSize", 0))
		return refuse(r, 400, "ValidationError",
			      "New SetDesiredCapacity value %lld is below min value %lld for the "
			      "AutoScalingGroup.",
			      desired, num(group, "MinSize", 0));
	put_int(group, "DesiredCapacity", desired);
	change_desired(r, group, before);
	return json_null();
}

json_t *delete_group(struct request *r)
{
	json_t *group = group_of(r);

	if (!group)
		return NULL;
	if (is_deleting(group))
		return yes(r->params, "ForceDelete")
			   ? json_null()
			   : refuse(r, 400, "ScalingActivityInProgress",
				    "You cannot delete an AutoScalingGroup while there are scaling "
				    "activities in progress for that group.");
	if (json_array_size(seq(group, "Instances")) && !yes(r->params, "ForceDelete"))
		return refuse(
		    r, 400, members_active(group) ? "ResourceInUse" : "ScalingActivityInProgress",
		    members_active(group)
			? "You cannot delete an AutoScalingGroup while there are instances or "
			  "pending Spot instance request(s) still in the group."
			: "You cannot delete an AutoScalingGroup while there are scaling "
			  "activities in progress for that group.");
	put_str(group, "Status", "Delete in progress");
	put_int(group, "MinSize", 0);
	put_int(group, "DesiredCapacity", 0);
	return json_null();
}
