/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../mem.h"
#include "asg.h"

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

/* arn:aws:autoscaling:REGION:ACCOUNT:… */
static json_t *account_of(const char *arn)
{
	const char *at = arn;

	for (int colons = 0; colons < 4; colons++)
		if (!(at = strchr(at, ':')) || !*++at)
			return NULL;
	return json_stringn(at, strcspn(at, ":"));
}

static json_t *tags_of(const json_t *group)
{
	json_t *tags = json_object(), *tag;
	size_t i;

	json_array_foreach(aws_arr(group, "Tags"), i, tag)
		json_object_set_new(tags, aws_str(tag, "Key"), json_string(aws_str(tag, "Value")));
	return tags;
}

static json_t *members_of(const json_t *group)
{
	json_t *list = json_array(), *instance;
	size_t i;

	json_array_foreach(aws_arr(group, "Instances"), i, instance)
		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:s, s:s}", "id", aws_str(instance, "InstanceId"),
				    "zone", aws_str(instance, "AvailabilityZone"), "state",
				    aws_str(instance, "LifecycleState"), "health",
				    strcasecmp(aws_str(instance, "HealthStatus"), "healthy")
					? "unhealthy"
					: "healthy"));
	return list;
}

json_t *asg_record(const char *region, const json_t *group, const struct asg_health *h,
		   const char *image)
{
	const char *run = asg_tag(group, "sluice:run"),
		   *arn = aws_str(group, "AutoScalingGroupARN");
	json_t *account = account_of(arn);
	json_t *record = json_pack(
	    "{s:s, s:s, s:o*, s:s, s:o, s:s, s:s?, s:o, s:o, s:I, s:I, s:I, s:O, s:O, s:o, s:s, "
	    "s:s?}",
	    "kind", "asg", "provider", "aws", "account", account, "region", region, "id",
	    text_or_null(arn), "name", asg_name(group), "image", image, "tags", tags_of(group),
	    "launch_template", asg_launches(group), "min_size",
	    (json_int_t)aws_int(group, "MinSize"), "max_size",
	    (json_int_t)aws_int(group, "MaxSize"), "desired_capacity",
	    (json_int_t)aws_int(group, "DesiredCapacity"), "load_balancers",
	    aws_arr(group, "LoadBalancerNames"), "target_groups", aws_arr(group, "TargetGroupARNs"),
	    "instances", h ? json_incref(h->instances) : members_of(group), "created",
	    aws_str(group, "CreatedTime"), "run", run);

	if (!record)
		mem_out();
	json_object_set_new(record, "status",
			    json_string(asg_going(group)  ? "deleting"
					: asg_kept(group) ? "off"
							  : "active"));
	return record;
}
