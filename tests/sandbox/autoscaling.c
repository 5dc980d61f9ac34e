/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

static const struct aws_action actions[] = {
    {"AttachLoadBalancerTargetGroups", attach_target_groups, true},
    {"AttachLoadBalancers", attach_balancers, true},
    {"BatchPutScheduledUpdateGroupAction", put_schedules, true},
    {"CompleteLifecycleAction", complete_hook, true},
    {"CreateAutoScalingGroup", create_group, true},
    {"CreateLaunchConfiguration", create_configuration, true},
    {"CreateOrUpdateTags", tag_groups, true},
    {"DeleteAutoScalingGroup", delete_group, true},
    {"DeleteLaunchConfiguration", delete_configuration, true},
    {"DeleteLifecycleHook", delete_hook, true},
    {"DeleteNotificationConfiguration", delete_notification, true},
    {"DeletePolicy", delete_policy, true},
    {"DeleteScheduledAction", delete_schedule, true},
    {"DeleteTags", untag_groups, true},
    {"DescribeAutoScalingGroups", describe_groups, false},
    {"DescribeAutoScalingInstances", describe_members, false},
    {"DescribeLaunchConfigurations", describe_configurations, false},
    {"DescribeLifecycleHooks", describe_hooks, false},
    {"DescribeLoadBalancerTargetGroups", describe_target_groups_of, false},
    {"DescribeLoadBalancers", describe_balancers, false},
    {"DescribeNotificationConfigurations", describe_notifications, false},
    {"DescribePolicies", describe_policies, false},
    {"DescribeScalingActivities", describe_activities, false},
    {"DescribeScheduledActions", describe_schedules, false},
    {"DescribeTags", describe_group_tags, false},
    {"DetachLoadBalancerTargetGroups", detach_target_groups, true},
    {"DetachLoadBalancers", detach_balancers, true},
    {"EnterStandby", enter_standby, true},
    {"ExitStandby", exit_standby, true},
    {"PutLifecycleHook", put_hook, true},
    {"PutNotificationConfiguration", put_notification, true},
    {"PutScalingPolicy", put_policy, true},
    {"PutScheduledUpdateGroupAction", put_schedule, true},
    {"ResumeProcesses", resume_processes, true},
    {"SetDesiredCapacity", set_desired, true},
    {"SetInstanceHealth", set_health, true},
    {"SetInstanceProtection", set_protection, true},
    {"SuspendProcesses", suspend_processes, true},
    {"TerminateInstanceInAutoScalingGroup", terminate_member, true},
    {"UpdateAutoScalingGroup", update_group, true},
    {NULL, NULL, false},
};

const struct aws_service autoscaling_service = {"autoscaling",
						"autoscaling",
						"2011-01-01",
						AWS_QUERY,
						"http://autoscaling.amazonaws.com/doc/2011-01-01/",
						true,
						actions};

struct site site_of(const struct request *r)
{
	return (struct site){r->account, r->region, aws_place(r)};
}

bool is_deleting(const json_t *group)
{
	return has(group, "Status");
}

json_t *group_of(struct request *r)
{
	json_t *group;

	if (!args_given(r, "AutoScalingGroupName", NULL))
		return NULL;
	group = json_object_get(table(aws_place(r), "groups"), arg(r, "AutoScalingGroupName"));
	if (!group)
		refuse(r, 400, "ValidationError",
		       "AutoScalingGroup name not found - AutoScalingGroup '%s' not found",
		       arg(r, "AutoScalingGroupName"));
	return group;
}

json_t *group_alive(struct request *r)
{
	json_t *group = group_of(r);

	if (group && is_deleting(group))
		return refuse(r, 400, "ValidationError",
			      "AutoScalingGroup '%s' is pending delete and cannot be changed",
			      arg(r, "AutoScalingGroupName"));
	return group;
}

json_t *member_of(json_t *group, const char *instance)
{
	size_t i;
	json_t *member;

	json_array_foreach(list(group, "Instances"), i, member)
		if (!strcmp(str(member, "InstanceId"), instance))
			return member;
	return NULL;
}

json_t *member_anywhere(struct site at, const char *instance, json_t **group)
{
	const char *name;
	json_t *one, *member;

	json_object_foreach(table(at.place, "groups"), name, one)
		if ((member = member_of(one, instance))) {
			*group = one;
			return member;
		}
	return NULL;
}

bool suspended(const json_t *group, const char *process)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(group, "SuspendedProcesses"), i, one)
		if (!strcmp(str(one, "ProcessName"), process))
			return true;
	return false;
}

void note_cause(json_t *group, const char *format, ...)
{
	va_list args;
	char *text, *cause, now[32];

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_out();
	va_end(args);
	cause = mem_fmt("At %s %s.", world_iso(world_now(), now), text);
	put_str(group, "_cause", cause);
	free(cause);
	free(text);
}
