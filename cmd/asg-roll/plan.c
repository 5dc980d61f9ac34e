/* SPDX-License-Identifier: ISC
 * What the steps would do, as plan records. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "plan.h"
#include "roll.h"
#include "status.h"

static json_t *or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static const char *because_of(const struct roll *r)
{
	const json_t *from = carry_source(r);

	return from ? asg_name(from) : NULL;
}

static json_t *sizes(long long min, long long max, long long desired)
{
	return json_pack("{s:I, s:I, s:I}", "min_size", (json_int_t)min, "max_size",
			 (json_int_t)max, "desired_capacity", (json_int_t)desired);
}

static bool plan_new(struct roll *r, struct failure *f)
{
	long long carried = carry_capacity(r), desired, max;
	json_auto_t *template = template_find(r, f);
	json_t *after, *more;
	const char *from = because_of(r);
	char *because = from ? mem_fmt("in place of %s, whose settings it takes over", from) : NULL;

	if (!template) {
		free(because);
		return false;
	}
	after = json_pack("{s:s, s:s?, s:o, s:o, s:o, s:s?}", "image", r->want.image,
			  "instance_type", rec_string(r->rec, "instance_type"), "key_pair",
			  or_null(json_object_get(r->rec->json, "key_pair")), "security_groups",
			  or_null(r->want.security_groups), "instance_profile",
			  or_null(json_object_get(r->rec->json, "instance_profile")),
			  "user_data_sha256", *r->want.user_data ? r->want.user_data : NULL);
	plan_add(r->plan, json_is_object(template) ? "keep" : "create", "launch-template", "aws",
		 r->want.region, r->want.template_name,
		 json_is_object(template) ? aws_str(template, "launchTemplateId") : NULL, NULL,
		 after, NULL);
	desired = carried > r->want.desired ? carried : r->want.desired;
	max = r->want.max > desired ? r->want.max : desired;
	after = sizes(r->want.min, max, desired);
	more = json_pack("{s:s, s:o, s:o, s:o}", "image", r->want.image, "load_balancers",
			 or_null(r->want.load_balancers), "target_groups",
			 or_null(r->want.target_groups), "tags",
			 or_null(json_object_get(r->rec->json, "tags")));
	json_object_update(after, more);
	json_decref(more);
	plan_add(r->plan, "create", "asg", "aws", r->want.region, r->name, NULL, NULL, after,
		 because);
	free(because);
	return true;
}

static void plan_own(struct roll *r)
{
	json_auto_t *note = asg_note(r->own, ASG_NOTE_RETIRED);
	const char *arn = aws_str(r->own, "AutoScalingGroupARN");
	long long desired = asg_note_number(note, "desired"), max = asg_note_number(note, "max");
	long long carried = carry_capacity(r);
	json_t *after;

	if (r->how != HOW_KEPT) {
		plan_add(r->plan, "keep", "asg", "aws", r->want.region, r->name, arn, NULL, NULL,
			 r->resumed ? "its deployment is gone on with"
				    : "it is there, with the same content");
		return;
	}
	if (desired < carried)
		desired = carried;
	after = sizes(asg_note_number(note, "min"), max > desired ? max : desired, desired);
	json_object_set_new(after, "load_balancers", or_null(json_object_get(note, "elb")));
	json_object_set_new(after, "target_groups", or_null(json_object_get(note, "tg")));
	plan_add(r->plan, "change", "asg", "aws", r->want.region, r->name, arn,
		 sizes(aws_int(r->own, "MinSize"), aws_int(r->own, "MaxSize"),
		       aws_int(r->own, "DesiredCapacity")),
		 after, "it was kept, and is brought back");
}

static void plan_victim(struct roll *r, const json_t *group, bool keep)
{
	const char *arn = aws_str(group, "AutoScalingGroupARN");
	char *because = mem_fmt("%s takes its place", r->name);
	json_t *before = sizes(aws_int(group, "MinSize"), aws_int(group, "MaxSize"),
			       aws_int(group, "DesiredCapacity"));

	if (!keep)
		plan_add(r->plan, "delete", "asg", "aws", r->want.region, asg_name(group), arn,
			 before, NULL, because);
	else if (asg_kept(group) && !aws_int(group, "MaxSize")) {
		json_decref(before);
		plan_add(r->plan, "keep", "asg", "aws", r->want.region, asg_name(group), arn, NULL,
			 NULL, "kept to go back to");
	} else
		plan_add(r->plan, "change", "asg", "aws", r->want.region, asg_name(group), arn,
			 before, sizes(0, 0, 0), "kept to go back to");
	free(because);
}

/* A template or configuration goes when all groups that launch from it go. */
static bool only_of(const struct roll *r, const json_t *gone, const char *id, bool template)
{
	json_auto_t *rest = json_array();
	size_t i, k;
	json_t *group, *other;

	json_array_foreach(r->groups, i, group) {
		bool goes = false;

		json_array_foreach(gone, k, other)
			goes = goes || !strcmp(asg_name(group), asg_name(other));
		if (!goes)
			json_array_append(rest, group);
	}
	return template ? !asg_uses_template(rest, id, NULL)
			: !asg_uses_configuration(rest, id, NULL);
}

static bool plan_launchers(struct roll *r, const json_t *gone, struct failure *f)
{
	json_auto_t *templates = asg_templates(&r->cloud, r->want.server, r->want.env, f);
	json_t *template, *id;
	size_t i, k;

	if (!templates)
		return false;
	json_array_foreach(json_object_get(r->replaces, "lt"), i, id)
		json_array_foreach(templates, k, template) {
			const char *text = aws_str(template, "launchTemplateId");

			if (!strcmp(text, json_string_value(id)) && only_of(r, gone, text, true))
				plan_add(r->plan, "delete", "launch-template", "aws",
					 r->want.region, aws_str(template, "launchTemplateName"),
					 text, NULL, NULL, "nothing uses it then");
		}
	json_array_foreach(json_object_get(r->replaces, "lc"), i, id)
		if (only_of(r, gone, json_string_value(id), false))
			plan_add(r->plan, "delete", "launch-configuration", "aws", r->want.region,
				 json_string_value(id), json_string_value(id), NULL, NULL,
				 "nothing uses it then");
	return true;
}

void roll_plan_conflict(struct roll *r, const char *because)
{
	plan_add(r->plan, "conflict", "asg", "aws", r->want.region, r->name,
		 aws_str(r->own, "AutoScalingGroupARN"), NULL, NULL, because);
}

bool roll_plan(struct roll *r, struct failure *f)
{
	json_auto_t *victims = NULL, *gone = json_array();
	json_t *group;
	size_t i;

	if (json_is_object(r->own))
		plan_own(r);
	else if (!plan_new(r, f))
		return false;
	if (r->o->hold)
		return true;
	if (!(victims = roll_victims(r, f)))
		return false;
	json_array_foreach(victims, i, group) {
		plan_victim(r, group, roll_keeps(r, i));
		if (!roll_keeps(r, i))
			json_array_append(gone, group);
	}
	return !json_array_size(victims) || plan_launchers(r, gone, f);
}
