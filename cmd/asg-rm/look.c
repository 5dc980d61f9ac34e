/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mem.h"
#include "plan.h"
#include "rm.h"
#include "status.h"

static const json_t *find(const struct rm *r)
{
	const char *id = rec_string(r->rec, "id");
	size_t i;
	json_t *group;

	json_array_foreach(r->groups, i, group)
		if (!strcmp(asg_name(group), r->name))
			/* another group of that name is not the one that was meant */
			return !id || !strcmp(id, aws_str(group, "AutoScalingGroupARN")) ? group
											 : NULL;
	return NULL;
}

/* asg-roll names a template from the group and twelve digits. */
static bool named_after(const struct rm *r, const json_t *template)
{
	const char *name = aws_str(template, "launchTemplateName");
	size_t len = strlen(r->name);

	return !strncmp(name, r->name, len) && name[len] == '-' && strlen(name + len + 1) == 12 &&
	       strspn(name + len + 1, "0123456789abcdef") == 12;
}

static bool look_at_launchers(struct rm *r, struct failure *f)
{
	json_auto_t *from = r->group ? asg_launches(r->group) : NULL;
	const json_t *launches = from ? from : json_object_get(r->rec->json, "launch_template");
	const char *id = aws_str(launches, "id"),
		   *configuration = aws_str(launches, "configuration");
	json_auto_t *all = asg_templates(&r->cloud, NULL, NULL, f);
	json_t *template;
	size_t i;

	if (!all)
		return false;
	r->templates = json_array();
	r->configurations = json_array();
	json_array_foreach(all, i, template) {
		const char *text = aws_str(template, "launchTemplateId");

		if ((!strcmp(text, id) || (!*id && named_after(r, template))) &&
		    !asg_uses_template(r->groups, text, r->name))
			json_array_append(r->templates, template);
	}
	if (*configuration && !asg_uses_configuration(r->groups, configuration, r->name))
		json_array_append_new(r->configurations, json_string(configuration));
	return true;
}

bool rm_look(struct rm *r, struct failure *f)
{
	if (!(r->groups = asg_all(&r->cloud, f)))
		return false;
	r->group = find(r);
	return look_at_launchers(r, f);
}

void rm_plan(const struct rm *r, json_t *plan)
{
	const char *region = r->cloud.region;
	json_t *entry;
	size_t i;

	if (r->group)
		plan_add(plan, "delete", "asg", "aws", region, r->name,
			 aws_str(r->group, "AutoScalingGroupARN"),
			 json_pack("{s:I, s:I, s:I}", "min_size",
				   (json_int_t)aws_int(r->group, "MinSize"), "max_size",
				   (json_int_t)aws_int(r->group, "MaxSize"), "desired_capacity",
				   (json_int_t)aws_int(r->group, "DesiredCapacity")),
			 NULL, NULL);
	json_array_foreach(r->templates, i, entry)
		plan_add(plan, "delete", "launch-template", "aws", region,
			 aws_str(entry, "launchTemplateName"), aws_str(entry, "launchTemplateId"),
			 NULL, NULL, "nothing uses it then");
	json_array_foreach(r->configurations, i, entry)
		plan_add(plan, "delete", "launch-configuration", "aws", region,
			 json_string_value(entry), json_string_value(entry), NULL, NULL,
			 "nothing uses it then");
}

bool rm_do(struct rm *r, struct failure *f)
{
	json_t *entry;
	size_t i;

	if (r->group && !asg_going(r->group) &&
	    (!asg_deregister(&r->cloud, r->group, "delete", r->name, f) ||
	     !asg_drain(&r->cloud, r->group, f)))
		return false;
	if (r->group && !asg_delete(&r->cloud, r->group, f))
		return false;
	json_array_foreach(r->templates, i, entry)
		if (!asg_delete_template(&r->cloud, aws_str(entry, "launchTemplateId"),
					 aws_str(entry, "launchTemplateName"), f))
			return false;
	json_array_foreach(r->configurations, i, entry)
		if (!asg_delete_configuration(&r->cloud, json_string_value(entry), f))
			return false;
	return true;
}
