/* SPDX-License-Identifier: ISC
 * Who uses an image: machines, the latest and default versions of launch templates, launch
 * configurations, and the groups that launch from what uses it. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "asg.h"
#include "driver.h"

static void add_user(struct ec2_work *w, const char *kind, const char *id, const char *name)
{
	json_t *users = json_object_get(w->held, "used_by"), *one, *user;
	size_t i;

	user = ec2_sure(
	    json_pack("{s:s, s:s, s:s*}", "kind", kind, "id", id, "name", *name ? name : NULL));
	json_array_foreach(users, i, one)
		if (json_equal(one, user)) {
			json_decref(user);
			return;
		}
	json_array_append_new(users, user);
}

static void finish(struct ec2_work *w)
{
	json_decref(w->item->record);
	w->item->record =
	    ec2_sure(json_pack("{s:O}", "used_by", json_object_get(w->held, "used_by")));
	ec2_end(w);
}

/* ---- groups; those of a numbered version are asked for it one by one */

static void ask_next_group(struct ec2_work *w);

static void add_group(struct ec2_work *w, const json_t *group)
{
	add_user(w, "asg", asg_name(group), asg_name(group));
}

static void on_version(struct ec2_work *w)
{
	const json_t *group = json_array_get(json_object_get(w->held, "groups"), w->next - 1);
	char *image;

	if (w->call.failure.status && !asg_not_there(&w->call.failure)) {
		ec2_fail(w);
		return;
	}
	image = w->call.result ? asg_image(&w->call) : NULL;
	if (image && !strcmp(image, w->item->id))
		add_group(w, group);
	free(image);
	ask_next_group(w);
}

static void ask_next_group(struct ec2_work *w)
{
	const json_t *groups = json_object_get(w->held, "groups");

	while (w->next < json_array_size(groups)) {
		struct aws_call call = asg_image_call(json_array_get(groups, w->next++));

		if (call.service) {
			ec2_ask_of(w, call.service, call.action, HTTP_READ, call.params,
				   on_version);
			return;
		}
	}
	finish(w);
}

static bool uses(const struct ec2_work *w, const char *list, const char *key)
{
	return json_object_get(json_object_get(w->held, list), key);
}

/* -1: only the version itself can tell. */
static int group_uses(const struct ec2_work *w, const json_t *group)
{
	json_auto_t *from = asg_launches(group);
	const char *version = aws_str(from, "version");
	char *key;
	int known;

	if (!json_is_object(from))
		return 0;
	if (*aws_str(from, "configuration"))
		return uses(w, "configurations", aws_str(from, "configuration"));
	if (*version && *version != '$')
		return -1;
	key = mem_fmt("%s %s", aws_str(from, "id"), *version ? version : "$Default");
	known = uses(w, "templates", key);
	free(key);
	return known;
}

/* Instance types of a mixed group may have templates of their own. */
static json_t *own_templates(const json_t *group)
{
	const json_t *mixed =
	    json_object_get(json_object_get(group, "MixedInstancesPolicy"), "LaunchTemplate");
	json_t *all = ec2_sure(json_array()), *one;
	size_t i;

	json_array_foreach(aws_arr(mixed, "Overrides"), i, one) {
		json_t *from = json_object_get(one, "LaunchTemplateSpecification");

		if (from)
			json_array_append_new(
			    all, ec2_sure(json_pack("{s:O, s:O}", "AutoScalingGroupName",
						    json_object_get(group, "AutoScalingGroupName"),
						    "LaunchTemplate", from)));
	}
	return all;
}

static void sort_group(struct ec2_work *w, json_t *group, json_t *unsure)
{
	json_t *parts = own_templates(group), *one;
	size_t i;

	json_array_insert(parts, 0, group);
	json_array_foreach(parts, i, one) {
		int known = group_uses(w, one);

		if (known > 0)
			add_group(w, one);
		else if (known < 0)
			json_array_append(unsure, one);
	}
	json_decref(parts);
}

static void on_groups(struct ec2_work *w)
{
	json_t *unsure = ec2_sure(json_array()), *group;
	size_t i;

	json_object_set_new(w->held, "groups", unsure);
	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	json_array_foreach(w->all, i, group)
		sort_group(w, group, unsure);
	ask_next_group(w);
}

/* ---- what launches */

static void on_configurations(struct ec2_work *w)
{
	json_t *used = json_object_get(w->held, "configurations"), *one;
	size_t i;

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	json_array_foreach(w->all, i, one) {
		const char *name = aws_str(one, "LaunchConfigurationName");

		if (strcmp(aws_str(one, "ImageId"), w->item->id) != 0)
			continue;
		json_object_set_new(used, name, json_true());
		add_user(w, "launch-configuration", name, name);
	}
	ec2_read(w, "autoscaling", "DescribeAutoScalingGroups",
		 json_pack("{s:i}", "MaxRecords", 100), "AutoScalingGroups", on_groups);
}

/* Template id -> the newest of the versions that were listed. */
static json_t *newest_versions(const json_t *versions)
{
	json_t *newest = ec2_sure(json_object()), *one;
	size_t i;

	json_array_foreach(versions, i, one) {
		const char *id = aws_str(one, "launchTemplateId");
		long long number = aws_int(one, "versionNumber");

		if (number > json_integer_value(json_object_get(newest, id)))
			json_object_set_new(newest, id, json_integer(number));
	}
	return newest;
}

static void note_version(struct ec2_work *w, const char *id, const char *version)
{
	char *key = mem_fmt("%s %s", id, version);

	json_object_set_new(json_object_get(w->held, "templates"), key, json_true());
	free(key);
}

static void on_templates(struct ec2_work *w)
{
	json_auto_t *newest = newest_versions(w->all);
	size_t i;
	json_t *one;

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	json_array_foreach(w->all, i, one) {
		const char *id = aws_str(one, "launchTemplateId");
		const char *image = aws_str(json_object_get(one, "launchTemplateData"), "imageId");

		if (strcmp(image, w->item->id) != 0)
			continue;
		add_user(w, "launch-template", id, aws_str(one, "launchTemplateName"));
		if (aws_bool(one, "defaultVersion"))
			note_version(w, id, "$Default");
		if (aws_int(one, "versionNumber") ==
		    json_integer_value(json_object_get(newest, id)))
			note_version(w, id, "$Latest");
	}
	ec2_read(w, "autoscaling", "DescribeLaunchConfigurations",
		 json_pack("{s:i}", "MaxRecords", 100), "LaunchConfigurations", on_configurations);
}

static void take_machine(void *ctx, json_t *instance)
{
	struct ec2_work *w = ctx;
	const char *state = aws_str(json_object_get(instance, "instanceState"), "name");

	if (strcmp(state, "terminated") != 0 && strcmp(state, "shutting-down") != 0)
		add_user(w, "instance", aws_str(instance, "instanceId"),
			 ec2_tag(aws_arr(instance, "tagSet"), "Name"));
}

static void on_machines(struct ec2_work *w)
{
	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	for (size_t i = 0; i < json_array_size(w->all); i++)
		ec2_each(CLOUD_INSTANCES, json_array_get(w->all, i), take_machine, w);
	ec2_read(w, "ec2", "DescribeLaunchTemplateVersions",
		 json_pack("{s:[s, s]}", "LaunchTemplateVersion", "$Latest", "$Default"),
		 "launchTemplateVersionSet", on_templates);
}

void ec2_cloud_users(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		if (!w)
			continue;
		w->held = ec2_sure(
		    json_pack("{s:[], s:{}, s:{}}", "used_by", "templates", "configurations"));
		ec2_look(w, CLOUD_INSTANCES, "image-id", items[i]->id, on_machines);
	}
	ec2_run(items, n);
}
