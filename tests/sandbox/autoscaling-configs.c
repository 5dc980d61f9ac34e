/* SPDX-License-Identifier: ISC
 * Launch configurations, and the tags of groups. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"

static json_t *configurations(const struct request *r)
{
	return table(aws_place(r), "configurations");
}

json_t *create_configuration(struct request *r)
{
	const char *name = arg(r, "LaunchConfigurationName");
	json_t *config;

	if (!args_given(r, "LaunchConfigurationName", "ImageId", "InstanceType", NULL))
		return NULL;
	if (json_object_get(configurations(r), name))
		return refuse(
		    r, 400, "AlreadyExists",
		    "Launch Configuration by this name already exists - A launch configuration "
		    "already exists with the name %s",
		    name);
	if (!ec2_image(r->region, arg(r, "ImageId")))
		return refuse(r, 400, "ValidationError", "The image id '[%s]' does not exist",
			      arg(r, "ImageId"));
	config = json_deep_copy(r->params);
	json_object_del(config, "Action");
	json_object_del(config, "Version");
	put(config, "CreatedTime", world_time(world_now()));
	list(config, "SecurityGroups");
	list(config, "BlockDeviceMappings");
	put(configurations(r), name, config);
	return json_null();
}

json_t *describe_configurations(struct request *r)
{
	const json_t *names = seq(r->params, "LaunchConfigurationNames");
	json_t *found = json_array(), *config, *result = json_object();
	const char *name;

	json_object_foreach(configurations(r), name, config)
		if (!json_array_size(names) || holds(names, name))
			json_array_append(found, config);
	if (page(r, result, "LaunchConfigurations", found, 50))
		return result;
	json_decref(result);
	return NULL;
}

json_t *delete_configuration(struct request *r)
{
	const char *name = arg(r, "LaunchConfigurationName"), *key;
	json_t *group;

	if (!args_given(r, "LaunchConfigurationName", NULL))
		return NULL;
	if (!json_object_get(configurations(r), name))
		return refuse(
		    r, 400, "ValidationError",
		    "Launch configuration name not found - Launch configuration %s not found",
		    name);
	json_object_foreach(table(aws_place(r), "groups"), key, group)
		if (!strcmp(str(group, "LaunchConfigurationName"), name))
			return refuse(r, 400, "ResourceInUse",
				      "Cannot delete launch configuration %s because "
				      "it is attached to "
				      "AutoScalingGroup %s",
				      name, key);
	json_object_del(configurations(r), name);
	return json_null();
}

static size_t tag_index(const json_t *group, const char *key)
{
	size_t i;
	json_t *tag;

	json_array_foreach(seq(group, "Tags"), i, tag)
		if (!strcmp(str(tag, "Key"), key))
			return i;
	return SIZE_MAX;
}

void group_tag(json_t *group, const json_t *tag)
{
	json_t *tags = list(group, "Tags");
	size_t i = tag_index(group, str(tag, "Key"));
	json_t *fresh =
	    json_pack("{s:s, s:s, s:s, s:s, s:b}", "ResourceId", str(group, "AutoScalingGroupName"),
		      "ResourceType", "auto-scaling-group", "Key", str(tag, "Key"), "Value",
		      str(tag, "Value"), "PropagateAtLaunch", yes(tag, "PropagateAtLaunch"));

	if (i != SIZE_MAX)
		json_array_set_new(tags, i, fresh);
	else
		add(tags, fresh);
}

static json_t *tagged_group(struct request *r, const json_t *tag)
{
	json_t *group = json_object_get(table(aws_place(r), "groups"), str(tag, "ResourceId"));

	if (!group)
		refuse(r, 400, "ValidationError",
		       "AutoScalingGroup name not found - AutoScalingGroup '%s' not found",
		       str(tag, "ResourceId"));
	return group;
}

json_t *tag_groups(struct request *r)
{
	size_t i;
	json_t *tag;

	if (!args_given(r, "Tags", NULL))
		return NULL;
	json_array_foreach(seq(r->params, "Tags"), i, tag)
		if (!tagged_group(r, tag))
			return NULL;
	json_array_foreach(seq(r->params, "Tags"), i, tag)
		group_tag(tagged_group(r, tag), tag);
	return json_null();
}

json_t *untag_groups(struct request *r)
{
	size_t i;
	json_t *tag, *group;

	if (!args_given(r, "Tags", NULL))
		return NULL;
	json_array_foreach(seq(r->params, "Tags"), i, tag)
		if (!tagged_group(r, tag))
			return NULL;
	json_array_foreach(seq(r->params, "Tags"), i, tag) {
		group = tagged_group(r, tag);
		if (tag_index(group, str(tag, "Key")) != SIZE_MAX)
			json_array_remove(list(group, "Tags"), tag_index(group, str(tag, "Key")));
	}
	return json_null();
}

json_t *describe_group_tags(struct request *r)
{
	static const struct filter filters[] = {{"auto-scaling-group", "ResourceId"},
						{"key", "Key"},
						{"value", "Value"},
						{"propagate-at-launch", "PropagateAtLaunch"},
						{NULL, NULL}};
	json_t *found, *group, *tag, *result;
	const char *name;
	size_t i;

	if (!filters_known(r, filters))
		return NULL;
	found = json_array();
	json_object_foreach(table(aws_place(r), "groups"), name, group)
		json_array_foreach(seq(group, "Tags"), i, tag)
			if (filters_hold(r, tag, filters))
				json_array_append(found, tag);
	result = json_object();
	if (page(r, result, "Tags", found, 50))
		return result;
	json_decref(result);
	return NULL;
}
