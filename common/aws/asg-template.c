/* SPDX-License-Identifier: ISC
 * What groups launch from: launch templates, and launch configurations of old. */
#include <string.h>

#include "../mem.h"
#include "asg.h"

static const json_t *template_of(const json_t *group)
{
	const json_t *mixed =
	    json_object_get(json_object_get(group, "MixedInstancesPolicy"), "LaunchTemplate");
	const json_t *plain = json_object_get(group, "LaunchTemplate");

	return json_is_object(plain) ? plain
				     : json_object_get(mixed, "LaunchTemplateSpecification");
}

json_t *asg_launches(const json_t *group)
{
	const json_t *from = template_of(group);
	const char *configuration = aws_str(group, "LaunchConfigurationName");

	if (json_is_object(from))
		return json_pack("{s:s, s:s, s:s}", "id", aws_str(from, "LaunchTemplateId"), "name",
				 aws_str(from, "LaunchTemplateName"), "version",
				 aws_str(from, "Version"));
	if (*configuration)
		return json_pack("{s:s}", "configuration", configuration);
	return json_null();
}

struct aws_call asg_image_call(const json_t *group)
{
	const json_t *from = template_of(group);
	const char *configuration = aws_str(group, "LaunchConfigurationName");
	const char *version = aws_str(from, "Version");
	struct aws_call call = {.effect = HTTP_READ};

	if (*configuration) {
		call.service = "autoscaling";
		call.action = "DescribeLaunchConfigurations";
		call.params = json_pack("{s:[s]}", "LaunchConfigurationNames", configuration);
	} else if (from) {
		call.service = "ec2";
		call.action = "DescribeLaunchTemplateVersions";
		call.params =
		    json_pack("{s:s, s:[s]}", "LaunchTemplateId", aws_str(from, "LaunchTemplateId"),
			      "LaunchTemplateVersion", *version ? version : "$Default");
	}
	return call;
}

char *asg_image(const struct aws_call *call)
{
	const json_t *old = json_array_get(aws_arr(call->result, "LaunchConfigurations"), 0);
	const json_t *new = json_array_get(aws_arr(call->result, "launchTemplateVersionSet"), 0);
	const char *image = old ? aws_str(old, "ImageId")
				: aws_str(json_object_get(new, "launchTemplateData"), "imageId");

	return *image ? mem_dup(image) : NULL;
}

static const char *template_tag(const json_t *template, const char *key)
{
	size_t i;
	json_t *tag;

	json_array_foreach(aws_arr(template, "tagSet"), i, tag)
		if (!strcmp(aws_str(tag, "key"), key))
			return aws_str(tag, "value");
	return "";
}

json_t *asg_templates(struct asg_cloud *c, const char *server, const char *env, struct failure *f)
{
	json_t *filters = json_pack("[{s:s, s:[s]}]", "Name", "tag-key", "Value", "sluice:content");
	json_auto_t *all = NULL;
	json_t *ours, *template;
	size_t i;

	if (server)
		json_array_append_new(
		    filters, json_pack("{s:s, s:[s]}", "Name", "tag:server", "Value", server));
	if (env)
		json_array_append_new(filters,
				      json_pack("{s:s, s:[s]}", "Name", "tag:env", "Value", env));
	all = aws_list(c->aws, "ec2", "DescribeLaunchTemplates",
		       json_pack("{s:o}", "Filter", filters), "launchTemplates", f);
	if (!all)
		return NULL;
	if (!(ours = json_array()))
		mem_out();
	json_array_foreach(all, i, template) /* a filter that was not understood deletes nothing */
		if ((!server || !strcmp(template_tag(template, "server"), server)) &&
		    (!env || !strcmp(template_tag(template, "env"), env)) &&
		    *template_tag(template, "sluice:content"))
			json_array_append(ours, template);
	return ours;
}

bool asg_uses_template(const json_t *groups, const char *id, const char *except)
{
	size_t i, k;
	json_t *group, *instance;

	json_array_foreach(groups, i, group) {
		if (except && !strcmp(asg_name(group), except))
			continue;
		if (!strcmp(aws_str(template_of(group), "LaunchTemplateId"), id))
			return true;
		json_array_foreach(aws_arr(group, "Instances"), k, instance)
			if (!strcmp(aws_str(json_object_get(instance, "LaunchTemplate"),
					    "LaunchTemplateId"),
				    id))
				return true;
	}
	return false;
}

bool asg_uses_configuration(const json_t *groups, const char *name, const char *except)
{
	size_t i;
	json_t *group;

	json_array_foreach(groups, i, group)
		if ((!except || strcmp(asg_name(group), except) != 0) &&
		    !strcmp(aws_str(group, "LaunchConfigurationName"), name))
			return true;
	return false;
}

bool asg_delete_template(struct asg_cloud *c, const char *id, const char *name, struct failure *f)
{
	bool gone;

	if (!asg_change(c, "ec2", "DeleteLaunchTemplate",
			json_pack("{s:s}", "LaunchTemplateId", id), &gone, f))
		return false;
	rec_event(c->io, "deleted", "launch-template", "aws", id,
		  json_pack("{s:s, s:s}", "region", c->region, "name", name));
	return true;
}

bool asg_delete_configuration(struct asg_cloud *c, const char *name, struct failure *f)
{
	bool gone;

	if (!asg_change(c, "autoscaling", "DeleteLaunchConfiguration",
			json_pack("{s:s}", "LaunchConfigurationName", name), &gone, f))
		return false;
	rec_event(c->io, "deleted", "launch-configuration", "aws", name,
		  json_pack("{s:s}", "region", c->region));
	return true;
}
