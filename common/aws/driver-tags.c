/* SPDX-License-Identifier: ISC
 * Tags: whose run a thing is and when it may go stand in tags of our own, which records tell as
 * members. */
#include <stdlib.h>
#include <string.h>

#include "../env.h"
#include "../mem.h"
#include "driver.h"

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

static void put_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		put(object, key, json_string(text));
}

/* Ours are made of members, the service's own cannot be given. */
static bool is_reserved(const char *key)
{
	return !strncmp(key, "sluice:", 7) || !strncmp(key, "aws:", 4);
}

char *ec2_run_of(const json_t *wanted)
{
	const char *own = json_string_value(json_object_get(wanted, "run"));

	return env_run_form(own ? own : env_run());
}

static json_t *all_tags(const json_t *wanted)
{
	char *run = ec2_run_of(wanted);
	json_t *tags = json_object(), *value;
	const char *key;

	json_object_foreach(json_object_get(wanted, "tags"), key, value) {
		const char *text = json_string_value(value);

		if (!is_reserved(key))
			put(tags, key, json_string(text ? text : ""));
	}
	put_text(tags, "distribution", aws_str(wanted, "distribution"));
	/* An image has a name besides. */
	if (strcmp(aws_str(wanted, "kind"), "image") != 0 || !json_object_get(tags, "Name"))
		put_text(tags, "Name", aws_str(wanted, "name"));
	put_text(tags, "sluice:run", run);
	put_text(tags, "sluice:expires", aws_str(wanted, "expires"));
	free(run);
	return tags;
}

json_t *ec2_tag_specs(const json_t *wanted, json_t *own, const char *const *types)
{
	json_auto_t *tags = all_tags(wanted);
	json_t *specs = json_array(), *list = json_array(), *value;
	const char *key;

	if (own && json_object_update(tags, own))
		mem_out();
	json_decref(own);
	json_object_foreach(tags, key, value)
		json_array_append_new(
		    list, ec2_sure(json_pack("{s:s, s:O}", "Key", key, "Value", value)));
	for (; *types && json_array_size(list); types++)
		json_array_append_new(
		    specs, ec2_sure(json_pack("{s:s, s:O}", "ResourceType", *types, "Tag", list)));
	json_decref(list);
	return specs;
}

json_t *ec2_tag_set(const json_t *wanted)
{
	json_auto_t *tags = all_tags(wanted);
	json_t *set = ec2_sure(json_array()), *value;
	const char *key;

	json_object_foreach(tags, key, value)
		json_array_append_new(
		    set, ec2_sure(json_pack("{s:s, s:O}", "key", key, "value", value)));
	return set;
}

const char *ec2_tag(const json_t *tag_set, const char *key)
{
	size_t i;
	json_t *tag;

	json_array_foreach(tag_set, i, tag)
		if (!strcmp(aws_str(tag, "key"), key))
			return aws_str(tag, "value");
	return "";
}
