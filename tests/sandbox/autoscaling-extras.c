/* SPDX-License-Identifier: ISC
 * What hangs on a group by a name of its own: scaling policies, scheduled actions, lifecycle
 * hooks, notifications; kept as given, in tables by group, then by name. And its processes. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

struct kind {
	const char *table, *name;   /* the member that names one */
	const char *result, *names; /* of the description, and its parameter */
};

static const struct kind policies = {"policies", "PolicyName", "ScalingPolicies", "PolicyNames"};
static const struct kind schedules = {"schedules", "ScheduledActionName",
				      "ScheduledUpdateGroupActions", "ScheduledActionNames"};
static const struct kind hooks = {"hooks", "LifecycleHookName", "LifecycleHooks",
				  "LifecycleHookNames"};
static const struct kind notifications = {"notifications", "TopicARN", "NotificationConfigurations",
					  ""};

static json_t *things_of(const struct request *r, const struct kind *k, const char *group)
{
	return sub(table(aws_place(r), k->table), group);
}

/* WISH over what is there by that name; Action and Version are the protocol's. */
static json_t *keep(struct request *r, const struct kind *k, const json_t *wish)
{
	const char *group = arg(r, "AutoScalingGroupName");
	json_t *thing = json_deep_copy(wish);

	json_object_del(thing, "Action");
	json_object_del(thing, "Version");
	put_str(thing, "AutoScalingGroupName", group);
	put(things_of(r, k, group), str(wish, k->name), thing);
	return thing;
}

static json_t *arn(const struct request *r, const char *kind, const char *name)
{
	return json_sprintf("arn:aws:autoscaling:%s:%s:%s:%016llx:autoScalingGroupName/%s:%s",
			    r->region, r->account, kind, (unsigned long long)fnv(name),
			    arg(r, "AutoScalingGroupName"), name);
}

static json_t *describe_kind(struct request *r, const struct kind *k)
{
	const json_t *names = seq(r->params, k->names);
	const char *wanted = arg(r, "AutoScalingGroupName"), *group, *name;
	json_t *found = json_array(), *things, *thing, *result = json_object();

	json_object_foreach(table(aws_place(r), k->table), group, things)
		json_object_foreach(things, name, thing)
			if ((!*wanted || !strcmp(wanted, group)) &&
			    (!json_array_size(names) || holds(names, name)))
				json_array_append(found, thing);
	if (page(r, result, k->result, found, 50))
		return result;
	json_decref(result);
	return NULL;
}

static json_t *delete_kind(struct request *r, const struct kind *k, const char *complaint)
{
	if (!group_of(r) || !args_given(r, k->name, NULL))
		return NULL;
	if (json_object_del(things_of(r, k, arg(r, "AutoScalingGroupName")), arg(r, k->name)))
		return refuse(r, 400, "ValidationError", complaint, arg(r, k->name));
	return json_null();
}

json_t *put_policy(struct request *r)
{
	json_t *policy;

	if (!group_alive(r) || !args_given(r, "PolicyName", NULL))
		return NULL;
	policy = keep(r, &policies, r->params);
	if (!has(policy, "PolicyType"))
		put_str(policy, "PolicyType", "SimpleScaling");
	if (!has(policy, "Enabled"))
		put(policy, "Enabled", json_true());
	list(policy, "StepAdjustments");
	list(policy, "Alarms");
	put(policy, "PolicyARN", arn(r, "scalingPolicy", arg(r, "PolicyName")));
	return json_pack("{s:s, s:[]}", "PolicyARN", str(policy, "PolicyARN"), "Alarms");
}

json_t *describe_policies(struct request *r)
{
	return describe_kind(r, &policies);
}

json_t *delete_policy(struct request *r)
{
	return delete_kind(r, &policies, "Scaling Policy Not Found - %s");
}

static void keep_schedule(struct request *r, const json_t *wish)
{
	json_t *schedule = keep(r, &schedules, wish);

	if (!has(schedule, "StartTime"))
		put(schedule, "StartTime", world_time(world_now() + 3600 * 1000));
	put(schedule, "Time", json_incref(json_object_get(schedule, "StartTime")));
	put(schedule, "ScheduledActionARN",
	    arn(r, "scheduledUpdateGroupAction", str(wish, "ScheduledActionName")));
}

json_t *put_schedule(struct request *r)
{
	if (!group_alive(r) || !args_given(r, "ScheduledActionName", NULL))
		return NULL;
	keep_schedule(r, r->params);
	return json_null();
}

json_t *put_schedules(struct request *r)
{
	size_t i;
	json_t *one;

	if (!group_alive(r) || !args_given(r, "ScheduledUpdateGroupActions", NULL))
		return NULL;
	json_array_foreach(seq(r->params, "ScheduledUpdateGroupActions"), i, one)
		keep_schedule(r, one);
	return json_pack("{s:[]}", "FailedScheduledUpdateGroupActions");
}

json_t *describe_schedules(struct request *r)
{
	return describe_kind(r, &schedules);
}

json_t *delete_schedule(struct request *r)
{
	return delete_kind(r, &schedules, "Scheduled action name not found - %s");
}

json_t *put_hook(struct request *r)
{
	json_t *hook;

	if (!group_alive(r) || !args_given(r, "LifecycleHookName", "LifecycleTransition", NULL))
		return NULL;
	hook = keep(r, &hooks, r->params);
	if (!has(hook, "HeartbeatTimeout"))
		put_int(hook, "HeartbeatTimeout", 3600);
	if (!has(hook, "DefaultResult"))
		put_str(hook, "DefaultResult", "ABANDON");
	put_int(hook, "GlobalTimeout", 172800);
	return json_object();
}

json_t *describe_hooks(struct request *r)
{
	json_t *result = group_of(r) ? describe_kind(r, &hooks) : NULL;

	return result;
}

json_t *delete_hook(struct request *r)
{
	json_t *result = delete_kind(r, &hooks, "No Lifecycle Hook found: %s");

	return result && json_is_null(result) ? json_object() : result;
}

json_t *complete_hook(struct request *r)
{
	json_t *group = group_of(r), *member;

	if (!group ||
	    !args_given(r, "LifecycleHookName", "LifecycleActionResult", "InstanceId", NULL))
		return NULL;
	member = member_of(group, arg(r, "InstanceId"));
	if (!member || !strstr(str(member, "LifecycleState"), ":Wait") ||
	    strcmp(str(member, "_hook"), arg(r, "LifecycleHookName")) != 0)
		return refuse(r, 400, "ValidationError",
			      "No active Lifecycle Action found with instance ID %s",
			      arg(r, "InstanceId"));
	put_str(member, "_result", arg(r, "LifecycleActionResult"));
	put_int(member, "_due", world_now());
	return json_object();
}

/* One TopicARN with several types is several configurations. */
json_t *put_notification(struct request *r)
{
	const char *topic = arg(r, "TopicARN");
	json_t *all, *type;
	size_t i;

	if (!group_alive(r) || !args_given(r, "TopicARN", "NotificationTypes", NULL))
		return NULL;
	all = things_of(r, &notifications, arg(r, "AutoScalingGroupName"));
	json_array_foreach(seq(r->params, "NotificationTypes"), i, type) {
		char *key = mem_fmt("%s %s", topic, text_of(type));

		put(all, key,
		    json_pack("{s:s, s:s, s:s}", "AutoScalingGroupName",
			      arg(r, "AutoScalingGroupName"), "TopicARN", topic, "NotificationType",
			      text_of(type)));
		free(key);
	}
	return json_null();
}

json_t *describe_notifications(struct request *r)
{
	const json_t *names = seq(r->params, "AutoScalingGroupNames");
	json_t *found = json_array(), *things, *thing, *result = json_object();
	const char *group, *key;

	json_object_foreach(table(aws_place(r), "notifications"), group, things)
		json_object_foreach(things, key, thing)
			if (!json_array_size(names) || holds(names, group))
				json_array_append(found, thing);
	if (page(r, result, notifications.result, found, 50))
		return result;
	json_decref(result);
	return NULL;
}

json_t *delete_notification(struct request *r)
{
	json_t *all, *thing;
	const char *key;
	void *next;

	if (!group_of(r) || !args_given(r, "TopicARN", NULL))
		return NULL;
	all = things_of(r, &notifications, arg(r, "AutoScalingGroupName"));
	json_object_foreach_safe(all, next, key, thing)
		if (!strcmp(str(thing, "TopicARN"), arg(r, "TopicARN")))
			json_object_del(all, key);
	return json_null();
}

static const char *const processes[] = {"Launch",           "Terminate",
					"HealthCheck",      "ReplaceUnhealthy",
					"AZRebalance",      "AlarmNotification",
					"ScheduledActions", "AddToLoadBalancer",
					"InstanceRefresh",  NULL};

static bool processes_known(struct request *r)
{
	size_t i, j;
	json_t *one;

	json_array_foreach(seq(r->params, "ScalingProcesses"), i, one) {
		for (j = 0; processes[j] && strcmp(processes[j], text_of(one)) != 0; j++)
			;
		if (processes[j])
			continue;
		refuse(r, 400, "ValidationError", "%s is not a valid scaling process",
		       text_of(one));
		return false;
	}
	return true;
}

static bool is_named(const struct request *r, const char *process)
{
	const json_t *named = seq(r->params, "ScalingProcesses");

	return !json_array_size(named) || holds(named, process);
}

static void resume(struct request *r, json_t *group)
{
	json_t *all = list(group, "SuspendedProcesses");

	for (size_t i = json_array_size(all); i-- > 0;)
		if (is_named(r, str(json_array_get(all, i), "ProcessName")))
			json_array_remove(all, i);
}

json_t *suspend_processes(struct request *r)
{
	json_t *group = group_alive(r);
	char now[32];

	if (!group || !processes_known(r))
		return NULL;
	resume(r, group);
	for (size_t i = 0; processes[i]; i++)
		if (is_named(r, processes[i]))
			add(list(group, "SuspendedProcesses"),
			    json_pack("{s:s, s:s+}", "ProcessName", processes[i],
				      "SuspensionReason", "User suspended at ",
				      world_iso(world_now(), now)));
	return json_null();
}

json_t *resume_processes(struct request *r)
{
	json_t *group = group_alive(r);

	if (!group || !processes_known(r))
		return NULL;
	resume(r, group);
	return json_null();
}
