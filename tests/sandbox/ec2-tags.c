/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"

void tag_put(json_t *set, const char *key, const char *value)
{
	size_t i;
	json_t *tag;

	json_array_foreach(set, i, tag)
		if (!strcmp(str(tag, "key"), key)) {
			put_str(tag, "value", value);
			return;
		}
	add(set, json_pack("{s:s, s:s}", "key", key, "value", value));
}

json_t *tag_set(const json_t *tags)
{
	json_t *set = json_array(), *tag;
	size_t i;

	json_array_foreach(tags, i, tag)
		tag_put(set, str(tag, "Key"), str(tag, "Value"));
	return set;
}

static bool tag_good(struct request *r, const json_t *tag)
{
	if (!strncmp(str(tag, "Key"), "aws:", 4))
		refuse(r, 400, "InvalidParameterValue",
		       "Tag keys starting with 'aws:' are reserved for internal use");
	else if (!has(tag, "Key") || strlen(str(tag, "Key")) > 127)
		refuse(r, 400, "InvalidParameterValue",
		       "Tag key %s. Must be between 1 and 127 characters in length.",
		       has(tag, "Key") ? "exceeds the maximum length of 127 characters"
				       : "cannot be empty");
	else if (strlen(str(tag, "Value")) > 255)
		refuse(r, 400, "InvalidParameterValue",
		       "Tag value exceeds the maximum length of 255 characters");
	else
		return true;
	return false;
}

json_t *tags_of_new(const struct request *r, const char *type)
{
	size_t i;
	json_t *spec;

	json_array_foreach(seq(r->params, "TagSpecification"), i, spec)
		if (!strcmp(str(spec, "ResourceType"), type))
			return tag_set(seq(spec, "Tag"));
	return json_array();
}

bool ec2_tag_types_good(struct request *r, const char *types)
{
	size_t i;
	json_t *spec;

	json_array_foreach(seq(r->params, "TagSpecification"), i, spec) {
		const char *type = str(spec, "ResourceType"), *at = strstr(types, type);
		size_t len = strlen(type), j;
		json_t *tag;

		if (!len || !at || (at[len] && at[len] != ' ') || (at > types && at[-1] != ' ')) {
			refuse(r, 400, "InvalidParameterValue",
			       "'%s' is not a valid taggable resource type for this operation.",
			       type);
			return false;
		}
		json_array_foreach(seq(spec, "Tag"), j, tag)
			if (!tag_good(r, tag))
				return false;
	}
	return true;
}

static const struct {
	const char *prefix, *table, *type, *missing;
} kinds[] = {
    {"i-", "instances", "instance", "InvalidInstanceID.NotFound"},
    {"lt-", "templates", "launch-template", "InvalidLaunchTemplateId.NotFound"},
    {"subnet-", "subnets", "subnet", "InvalidSubnetID.NotFound"},
    {"vpc-", "vpcs", "vpc", "InvalidVpcID.NotFound"},
    {"sg-", "security_groups", "security-group", "InvalidGroup.NotFound"},
    {"key-", "key_pairs", "key-pair", "InvalidKeyPair.NotFound"},
    {"vol-", "volumes", "volume", "InvalidVolume.NotFound"},
    {"eni-", "network_interfaces", "network-interface", "InvalidNetworkInterfaceID.NotFound"},
    {"ami-", NULL, "image", "InvalidAMIID.NotFound"},
    {"snap-", NULL, "snapshot", "InvalidSnapshot.NotFound"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int kind_of(const char *id)
{
	int i = 0;

	while (i < KINDS && strncmp(kinds[i].prefix, id, strlen(kinds[i].prefix)) != 0)
		i++;
	return i;
}

/* What the caller owns of that id, NULL. */
static json_t *resource(struct request *r, const char *id)
{
	json_t *image = ec2_image(r->region, id), *snapshot = ec2_snapshot(r->region, id);
	int kind = kind_of(id);

	if (image)
		return strcmp(str(image, "imageOwnerId"), r->account) ? NULL : image;
	if (snapshot)
		return strcmp(str(snapshot, "ownerId"), r->account) ? NULL : snapshot;
	return kind < KINDS && kinds[kind].table
		   ? json_object_get(table(aws_place(r), kinds[kind].table), id)
		   : NULL;
}

static bool resources_known(struct request *r)
{
	size_t i;
	json_t *id;

	json_array_foreach(seq(r->params, "ResourceId"), i, id) {
		int kind = kind_of(text_of(id));

		if (resource(r, text_of(id)))
			continue;
		refuse(r, 400, kind < KINDS ? kinds[kind].missing : "InvalidID",
		       "The ID '%s' does not exist", text_of(id));
		return false;
	}
	return true;
}

json_t *create_tags(struct request *r)
{
	size_t i, j;
	json_t *id, *tag;

	if (!args_given(r, "ResourceId", "Tag", NULL) || !resources_known(r))
		return NULL;
	json_array_foreach(seq(r->params, "Tag"), i, tag)
		if (!tag_good(r, tag))
			return NULL;
	json_array_foreach(seq(r->params, "ResourceId"), i, id)
		json_array_foreach(seq(r->params, "Tag"), j, tag)
			tag_put(list(resource(r, text_of(id)), "tagSet"), str(tag, "Key"),
				str(tag, "Value"));
	return json_pack("{s:b}", "return", 1);
}

static void untag(json_t *set, const json_t *tag)
{
	for (size_t i = json_array_size(set); i-- > 0;) {
		const json_t *one = json_array_get(set, i);

		if (!strcmp(str(one, "key"), str(tag, "Key")) &&
		    (!json_object_get(tag, "Value") ||
		     !strcmp(str(one, "value"), str(tag, "Value"))))
			json_array_remove(set, i);
	}
}

json_t *delete_tags(struct request *r)
{
	size_t i, j;
	json_t *id, *tag;

	if (!args_given(r, "ResourceId", NULL) || !resources_known(r))
		return NULL;
	json_array_foreach(seq(r->params, "ResourceId"), i, id) {
		json_t *set = list(resource(r, text_of(id)), "tagSet");

		if (!has(r->params, "Tag"))
			json_array_clear(set);
		json_array_foreach(seq(r->params, "Tag"), j, tag)
			untag(set, tag);
	}
	return json_pack("{s:b}", "return", 1);
}

static void list_tags(const struct request *r, json_t *all, const char *id, const char *type,
		      const json_t *thing)
{
	static const struct filter filters[] = {{"resource-id", "resourceId"},
						{"resource-type", "resourceType"},
						{"key", "key"},
						{"value", "value"},
						{NULL, NULL}};
	size_t i;
	json_t *tag, *row;

	json_array_foreach(seq(thing, "tagSet"), i, tag) {
		row = json_pack("{s:s, s:s, s:s, s:s}", "resourceId", id, "resourceType", type,
				"key", str(tag, "key"), "value", str(tag, "value"));
		if (filters_hold(r, row, filters))
			json_array_append(all, row);
		json_decref(row);
	}
}

json_t *describe_tags(struct request *r)
{
	static const struct filter filters[] = {
	    {"resource-id", ""}, {"resource-type", ""}, {"key", ""}, {"value", ""}, {NULL, NULL}};
	json_t *all, *thing, *result;
	const char *id;

	if (!filters_known(r, filters))
		return NULL;
	all = json_array();
	for (int i = 0; i < KINDS; i++)
		if (kinds[i].table)
			json_object_foreach(table(aws_place(r), kinds[i].table), id, thing)
				if (strcmp(kinds[i].type, "instance") != 0 ||
				    ec2_instance(aws_place(r), id))
					list_tags(r, all, id, kinds[i].type, thing);
	json_object_foreach(ec2_images(r->region), id, thing)
		if (resource(r, id))
			list_tags(r, all, id, "image", thing);
	json_object_foreach(ec2_snapshots(r->region), id, thing)
		if (resource(r, id))
			list_tags(r, all, id, "snapshot", thing);
	result = json_object();
	if (page(r, result, "tagSet", all, 1000))
		return result;
	json_decref(result);
	return NULL;
}
