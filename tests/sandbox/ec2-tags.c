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

json_t *tags_of_new(const struct request *r, const char *type)
{
	size_t i;
	json_t *spec;

	json_array_foreach(seq(r->params, "TagSpecification"), i, spec)
		if (!strcmp(str(spec, "ResourceType"), type))
			return tag_set(seq(spec, "Tag"));
	return json_array();
}

static const struct {
	const char *prefix, *table, *type;
} kinds[] = {
    {"i-", "instances", "instance"},
    {"lt-", "templates", "launch-template"},
    {"subnet-", "subnets", "subnet"},
    {"vpc-", "vpcs", "vpc"},
    {"sg-", "security_groups", "security-group"},
    {"key-", "key_pairs", "key-pair"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static json_t *resource(struct request *r, const char *id)
{
	json_t *image = ec2_image(r->region, id);

	if (image)
		return strcmp(str(image, "imageOwnerId"), r->account) ? NULL : image;
	for (int i = 0; i < KINDS; i++)
		if (!strncmp(kinds[i].prefix, id, strlen(kinds[i].prefix)))
			return json_object_get(table(aws_place(r), kinds[i].table), id);
	return NULL;
}

static bool resources_known(struct request *r)
{
	size_t i;
	json_t *id;

	json_array_foreach(seq(r->params, "ResourceId"), i, id)
		if (!resource(r, text_of(id))) {
			refuse(r, 400,
			       !strncmp(text_of(id), "i-", 2)     ? "InvalidInstanceID.NotFound"
			       : !strncmp(text_of(id), "ami-", 4) ? "InvalidAMIID.NotFound"
								  : "InvalidID",
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
		if (!strncmp(str(tag, "Key"), "aws:", 4))
			return refuse(r, 400, "InvalidParameterValue",
				      "Tag keys starting with 'aws:' are "
				      "reserved for internal use");
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
		json_object_foreach(table(aws_place(r), kinds[i].table), id, thing)
			if (strcmp(kinds[i].type, "instance") != 0 ||
			    ec2_instance(aws_place(r), id))
				list_tags(r, all, id, kinds[i].type, thing);
	json_object_foreach(sub(sub(state(), "images"), r->region), id, thing)
		if (!strcmp(str(thing, "imageOwnerId"), r->account))
			list_tags(r, all, id, "image", thing);
	result = json_object();
	if (page(r, result, "tagSet", all, 1000))
		return result;
	json_decref(result);
	return NULL;
}
