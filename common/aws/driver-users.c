/* SPDX-License-Identifier: ISC
 * Who uses images: machines, the latest and default versions of launch templates, launch
 * configurations, and the groups that launch from what uses them. Each list is read once for all
 * images of a region. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "asg.h"
#include "driver.h"

/* Of w->held: "users", image -> [user]; "templates", "ID VERSION" -> image; "configurations", name
 * -> image; "groups", those whose numbered version is asked for. */

/* Those of other images are nobody's. */
static void add_user(struct ec2_work *w, const char *image, const char *kind, const char *id,
		     const char *name)
{
	json_t *users = json_object_get(json_object_get(w->held, "users"), image), *one, *user;
	size_t i;

	if (!users)
		return;
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
	for (size_t i = 0; i < w->n_group && !w->call.failure.status; i++) {
		struct cloud_item *item = w->group[i];

		json_decref(item->record);
		item->record = ec2_sure(
		    json_pack("{s:O}", "used_by",
			      json_object_get(json_object_get(w->held, "users"), item->id)));
	}
	ec2_end_round(w);
}

/* An image that a template names by a parameter is told only to who asks for that. */
static bool is_alias(const char *image)
{
	return !strncmp(image, "resolve:", 8);
}

/* ---- groups; numbered versions are asked for one by one */

static void ask_next_group(struct ec2_work *w);

static void add_group(struct ec2_work *w, const char *image, const json_t *group)
{
	add_user(w, image, "asg", asg_name(group), asg_name(group));
}

static void on_version(struct ec2_work *w)
{
	const json_t *group = json_array_get(json_object_get(w->held, "groups"), w->next - 1);
	json_t *params;
	char *image;

	if (w->call.failure.status && !asg_not_there(&w->call.failure)) {
		ec2_end_round(w);
		return;
	}
	image = w->call.result ? asg_image(&w->call) : NULL;
	if (image && is_alias(image) && !json_object_get(w->call.params, "ResolveAlias")) {
		params = json_copy(w->call.params);
		json_object_set_new(params, "ResolveAlias", json_true());
		ec2_ask(w, "DescribeLaunchTemplateVersions", HTTP_READ, params, on_version);
	} else {
		if (image)
			add_group(w, image, group);
		ask_next_group(w);
	}
	free(image);
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

/* Of what launches; "" when none of the images is meant. */
static const char *image_of(const struct ec2_work *w, const char *list, const char *key)
{
	return aws_str(json_object_get(w->held, list), key);
}

/* False: only the numbered version itself can tell. */
static bool sort_part(struct ec2_work *w, const json_t *group)
{
	json_auto_t *from = asg_launches(group);
	const char *version = aws_str(from, "version");
	char *key;

	if (!json_is_object(from))
		return true;
	if (*aws_str(from, "configuration")) {
		add_group(w, image_of(w, "configurations", aws_str(from, "configuration")), group);
		return true;
	}
	if (*version && *version != '$')
		return false;
	key = mem_fmt("%s %s", aws_str(from, "id"), *version ? version : "$Default");
	add_group(w, image_of(w, "templates", key), group);
	free(key);
	return true;
}

/* Instance types of a mixed group may have templates and images of their own. */
static json_t *parts_of(struct ec2_work *w, json_t *group)
{
	const json_t *mixed =
	    json_object_get(json_object_get(group, "MixedInstancesPolicy"), "LaunchTemplate");
	json_t *all = ec2_sure(json_pack("[O]", group)), *one;
	size_t i;

	json_array_foreach(aws_arr(mixed, "Overrides"), i, one) {
		json_t *from = json_object_get(one, "LaunchTemplateSpecification");

		add_group(w, aws_str(one, "ImageId"), group);
		if (from)
			json_array_append_new(
			    all, ec2_sure(json_pack("{s:O, s:O}", "AutoScalingGroupName",
						    json_object_get(group, "AutoScalingGroupName"),
						    "LaunchTemplate", from)));
	}
	return all;
}

static void on_groups(struct ec2_work *w)
{
	json_t *unsure = ec2_sure(json_array()), *group, *part;
	size_t i, k;

	json_object_set_new(w->held, "groups", unsure);
	if (w->call.failure.status) {
		ec2_end_round(w);
		return;
	}
	json_array_foreach(w->all, i, group) {
		json_auto_t *parts = parts_of(w, group);

		json_array_foreach(parts, k, part)
			if (!sort_part(w, part))
				json_array_append(unsure, part);
	}
	ask_next_group(w);
}

/* ---- what launches */

static void note(struct ec2_work *w, const char *list, const char *key, const char *image)
{
	json_object_set_new(json_object_get(w->held, list), key, ec2_sure(json_string(image)));
}

static void on_configurations(struct ec2_work *w)
{
	json_t *one;
	size_t i;

	if (w->call.failure.status) {
		ec2_end_round(w);
		return;
	}
	json_array_foreach(w->all, i, one) {
		const char *name = aws_str(one, "LaunchConfigurationName");

		note(w, "configurations", name, aws_str(one, "ImageId"));
		add_user(w, aws_str(one, "ImageId"), "launch-configuration", name, name);
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

static void note_version(struct ec2_work *w, const char *id, const char *version, const char *image)
{
	char *key = mem_fmt("%s %s", id, version);

	note(w, "templates", key, image);
	free(key);
}

static const char *template_image(const json_t *version)
{
	return aws_str(json_object_get(version, "launchTemplateData"), "imageId");
}

static void take_templates(struct ec2_work *w)
{
	json_auto_t *newest = newest_versions(w->all);
	size_t i;
	json_t *one;

	json_array_foreach(w->all, i, one) {
		const char *id = aws_str(one, "launchTemplateId"), *image = template_image(one);

		add_user(w, image, "launch-template", id, aws_str(one, "launchTemplateName"));
		if (aws_bool(one, "defaultVersion"))
			note_version(w, id, "$Default", image);
		if (aws_int(one, "versionNumber") ==
		    json_integer_value(json_object_get(newest, id)))
			note_version(w, id, "$Latest", image);
	}
}

static void ask_for_templates(struct ec2_work *w, bool resolved);

static void on_templates(struct ec2_work *w)
{
	bool resolved = json_object_get(w->call.params, "ResolveAlias");
	size_t i;
	json_t *one;

	if (w->call.failure.status) {
		ec2_end_round(w);
		return;
	}
	json_array_foreach(w->all, i, one)
		if (!resolved && is_alias(template_image(one))) {
			ask_for_templates(w, true);
			return;
		}
	take_templates(w);
	ec2_read(w, "autoscaling", "DescribeLaunchConfigurations",
		 json_pack("{s:i}", "MaxRecords", 100), "LaunchConfigurations", on_configurations);
}

static void ask_for_templates(struct ec2_work *w, bool resolved)
{
	json_t *params = ec2_sure(json_pack("{s:[s, s], s:i}", "LaunchTemplateVersion", "$Latest",
					    "$Default", "MaxResults", 200));

	if (resolved)
		json_object_set_new(params, "ResolveAlias", json_true());
	ec2_read(w, "ec2", "DescribeLaunchTemplateVersions", params, "launchTemplateVersionSet",
		 on_templates);
}

static void take_machine(void *ctx, json_t *instance)
{
	struct ec2_work *w = ctx;
	const char *state = aws_str(json_object_get(instance, "instanceState"), "name");

	if (strcmp(state, "terminated") != 0 && strcmp(state, "shutting-down") != 0)
		add_user(w, aws_str(instance, "imageId"), "instance",
			 aws_str(instance, "instanceId"),
			 ec2_tag(aws_arr(instance, "tagSet"), "Name"));
}

static void on_machines(struct ec2_work *w)
{
	if (w->call.failure.status) {
		ec2_end_round(w);
		return;
	}
	for (size_t i = 0; i < json_array_size(w->all); i++)
		ec2_each(CLOUD_INSTANCES, json_array_get(w->all, i), take_machine, w);
	ask_for_templates(w, false);
}

static void ask_for_users(struct ec2_work *w)
{
	json_t *params = ec2_sure(json_pack("{s:i}", "MaxResults", 1000));

	w->held = ec2_sure(json_pack("{s:{}, s:{}, s:{}}", "users", "templates", "configurations"));
	for (size_t i = 0; i < w->n_group; i++)
		json_object_set_new(json_object_get(w->held, "users"), w->group[i]->id,
				    ec2_sure(json_array()));
	ec2_filter_ids(w, params, "image-id");
	ec2_read(w, "ec2", "DescribeInstances", params, "reservationSet", on_machines);
}

void ec2_cloud_users(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	struct ec2_work **works;
	size_t n_works;

	for (size_t i = 0; i < n; i++)
		items[i]->kind = CLOUD_IMAGES;
	works = ec2_begin_rounds(items, n, done, &n_works);
	for (size_t i = 0; i < n_works; i++)
		ask_for_users(works[i]);
	free(works);
	ec2_run(items, n);
}
