/* SPDX-License-Identifier: ISC
 * Settings that the new group takes over from the one that it replaces: lifecycle hooks, policies,
 * scheduled actions, notifications, suspended processes. */
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "roll.h"

/* Without what is empty: an answer has empty elements where a request has none. */
static json_t *without_empty(const json_t *value)
{
	json_t *copy, *member, *clean;
	const char *key;
	size_t i;

	if (json_is_object(value)) {
		copy = json_object();
		json_object_foreach((json_t *)(uintptr_t)value, key, member) {
			if ((clean = without_empty(member)))
				json_object_set_new(copy, key, clean);
		}
		if (json_object_size(copy))
			return copy;
		json_decref(copy);
		return NULL;
	}
	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, i, member)
			if ((clean = without_empty(member)))
				json_array_append_new(copy, clean);
		if (json_array_size(copy))
			return copy;
		json_decref(copy);
		return NULL;
	}
	if (json_is_string(value) && !json_string_length(value))
		return NULL;
	return json_incref((json_t *)(uintptr_t)value);
}

/* The members named in `keys` (NULL-terminated), for the group of that name (NULL: for none). */
static json_t *pick(const json_t *from, const char *const *keys, const char *group)
{
	json_t *params = json_object(), *value;

	if (group)
		json_object_set_new(params, "AutoScalingGroupName", json_string(group));
	for (; *keys; keys++)
		if ((value = without_empty(json_object_get(from, *keys))))
			json_object_set_new(params, *keys, value);
	return params;
}

static const char *const hook_keys[] = {
    "LifecycleHookName",    "LifecycleTransition", "RoleARN",       "NotificationTargetARN",
    "NotificationMetadata", "HeartbeatTimeout",    "DefaultResult", NULL};

/* A deployment at the same time may have retired the old group already: then nothing is taken. */
static json_t *none_if_gone(json_t *list, const char *name, struct failure *f)
{
	if (list || !asg_not_there(f))
		return list;
	cli_warn("cannot take over more from '%s': it is gone", name);
	fail_free(f);
	return json_array();
}

/* DescribeLifecycleHooks has no pages. */
static json_t *hooks_of(struct roll *r, const char *name, struct failure *f)
{
	json_auto_t *answer =
	    aws_do(r->cloud.aws, "autoscaling", "DescribeLifecycleHooks", HTTP_READ,
		   json_pack("{s:s}", "AutoScalingGroupName", name), f, NULL);

	return none_if_gone(answer ? json_incref(aws_arr(answer, "LifecycleHooks")) : NULL, name,
			    f);
}

json_t *carry_hooks(struct roll *r, struct failure *f)
{
	const json_t *from = carry_source(r);
	json_auto_t *hooks = from ? hooks_of(r, asg_name(from), f) : json_array();
	json_t *list, *hook;
	size_t i;

	if (!hooks)
		return NULL;
	list = json_array();
	json_array_foreach(hooks, i, hook)
		json_array_append_new(list, pick(hook, hook_keys, NULL));
	return list;
}

static bool has(const json_t *list, const char *key, const json_t *entry)
{
	size_t i;
	json_t *other;

	json_array_foreach(list, i, other)
		if (!strcmp(aws_str(other, key), aws_str(entry, key)))
			return true;
	return false;
}

static json_t *list_of(struct roll *r, const char *action, const char *member, const char *group,
		       struct failure *f)
{
	return none_if_gone(aws_list(r->cloud.aws, "autoscaling", action,
				     json_pack("{s:s}", "AutoScalingGroupName", group), member, f),
			    group, f);
}

/* One kind of settings: what of `theirs` the own list lacks, by its name. */
struct setting {
	const char *what, *put, *name;
	const char *const *keys;
};

static bool put_missing(struct roll *r, const struct setting *s, const json_t *theirs,
			const json_t *ours, struct failure *f)
{
	size_t i;
	json_t *entry;

	json_array_foreach(theirs, i, entry) {
		if (has(ours, s->name, entry))
			continue;
		if (!asg_change(&r->cloud, "autoscaling", s->put, pick(entry, s->keys, r->name),
				NULL, f)) {
			fail_prefix(f, "cannot take over %s '%s'", s->what,
				    aws_str(entry, s->name));
			return false;
		}
		asg_event(
		    &r->cloud, "carried", r->own,
		    json_pack("{s:s, s:s}", "setting", s->what, "value", aws_str(entry, s->name)));
	}
	return true;
}

static bool carry_lifecycle(struct roll *r, const char *from, struct failure *f)
{
	static const struct setting s = {"lifecycle hook", "PutLifecycleHook", "LifecycleHookName",
					 hook_keys};
	json_auto_t *theirs = hooks_of(r, from, f), *ours = NULL;

	if (!theirs || !json_array_size(theirs))
		return theirs != NULL;
	ours = hooks_of(r, r->name, f);
	return ours && put_missing(r, &s, theirs, ours, f);
}

/* An alarm calls one policy by its ARN: it cannot be shared. */
static void tell_alarms(const json_t *policies, const char *from)
{
	size_t i, k;
	json_t *policy, *alarm;

	json_array_foreach(policies, i, policy)
		if (strcmp(aws_str(policy, "PolicyType"), "TargetTrackingScaling") != 0)
			json_array_foreach(aws_arr(policy, "Alarms"), k, alarm)
				cli_warn("alarm '%s' still calls policy '%s' of '%s': point it to "
					 "the new group's",
					 aws_str(alarm, "AlarmName"), aws_str(policy, "PolicyName"),
					 from);
}

static bool carry_policies(struct roll *r, const char *from, struct failure *f)
{
	static const char *const keys[] = {"PolicyName",
					   "PolicyType",
					   "AdjustmentType",
					   "MinAdjustmentMagnitude",
					   "ScalingAdjustment",
					   "Cooldown",
					   "MetricAggregationType",
					   "StepAdjustments",
					   "EstimatedInstanceWarmup",
					   "TargetTrackingConfiguration",
					   "Enabled",
					   "PredictiveScalingConfiguration",
					   NULL};
	static const struct setting s = {"scaling policy", "PutScalingPolicy", "PolicyName", keys};
	json_auto_t *theirs = list_of(r, "DescribePolicies", "ScalingPolicies", from, f),
		    *ours = NULL;

	if (!theirs || !json_array_size(theirs))
		return theirs != NULL;
	tell_alarms(theirs, from);
	ours = list_of(r, "DescribePolicies", "ScalingPolicies", r->name, f);
	return ours && put_missing(r, &s, theirs, ours, f);
}

/* A start in the past is refused: a recurring action goes without it, one that is over is left. */
static json_t *still_to_come(const json_t *actions)
{
	json_t *list = json_array(), *action;
	int64_t now = clk_now();
	size_t i;

	json_array_foreach(actions, i, action) {
		int64_t start = clk_parse_iso(aws_str(action, "StartTime"));
		json_t *copy = json_copy(action);

		if (start >= 0 && start <= now) {
			json_object_del(copy, "StartTime");
			if (!*aws_str(action, "Recurrence")) {
				json_decref(copy);
				continue;
			}
		}
		json_array_append_new(list, copy);
	}
	return list;
}

static bool carry_schedule(struct roll *r, const char *from, struct failure *f)
{
	static const char *const keys[] = {"ScheduledActionName", "StartTime", "EndTime",
					   "Recurrence",          "MinSize",   "MaxSize",
					   "DesiredCapacity",     "TimeZone",  NULL};
	static const struct setting s = {"scheduled action", "PutScheduledUpdateGroupAction",
					 "ScheduledActionName", keys};
	const char *action = "DescribeScheduledActions", *member = "ScheduledUpdateGroupActions";
	json_auto_t *theirs = list_of(r, action, member, from, f), *ours = NULL, *wanted = NULL;

	if (!theirs || !json_array_size(theirs))
		return theirs != NULL;
	wanted = still_to_come(theirs);
	ours = list_of(r, action, member, r->name, f);
	return ours && put_missing(r, &s, wanted, ours, f);
}

/* Some stand-ins for AWS do not know this action and answer 500 with a page of their own. AWS's own
 * faults name themselves (InternalFailure) and stop the run. */
static bool unknown_action(const struct failure *f)
{
	const char *code = f->code ? f->code : "";

	return !strcmp(code, "http-500") || !strcmp(code, "http-501") ||
	       !strcmp(code, "InvalidAction") || !strncmp(code, "UnknownOperation", 16);
}

static bool put_topic(struct roll *r, const json_t *rows, const char *topic, struct failure *f)
{
	json_t *types = json_array(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
		if (!strcmp(aws_str(row, "TopicARN"), topic))
			json_array_append_new(types, json_string(aws_str(row, "NotificationType")));
	if (!asg_change(&r->cloud, "autoscaling", "PutNotificationConfiguration",
			json_pack("{s:s, s:s, s:o}", "AutoScalingGroupName", r->name, "TopicARN",
				  topic, "NotificationTypes", types),
			NULL, f)) {
		fail_prefix(f, "cannot take over notification '%s'", topic);
		return false;
	}
	asg_event(&r->cloud, "carried", r->own,
		  json_pack("{s:s, s:s}", "setting", "notification", "value", topic));
	return true;
}

static bool carry_notifications(struct roll *r, const char *from, struct failure *f)
{
	json_auto_t *theirs =
	    aws_list(r->cloud.aws, "autoscaling", "DescribeNotificationConfigurations",
		     json_pack("{s:[s, s]}", "AutoScalingGroupNames", from, r->name),
		     "NotificationConfigurations", f);
	json_auto_t *rows = json_array(), *done = json_object();
	json_t *row;
	size_t i;

	if (!theirs && unknown_action(f)) {
		cli_warn("cannot take over notifications of '%s': %s", from, f->message);
		fail_free(f);
		return true;
	}
	json_array_foreach(theirs, i, row) {
		if (!strcmp(aws_str(row, "AutoScalingGroupName"), from))
			json_array_append(rows, row);
		else if (!strcmp(aws_str(row, "AutoScalingGroupName"), r->name))
			json_object_set_new(done, aws_str(row, "TopicARN"), json_true());
	}
	json_array_foreach(rows, i, row) {
		const char *topic = aws_str(row, "TopicARN");

		if (!json_object_get(done, topic) && !put_topic(r, rows, topic, f))
			return false;
		json_object_set_new(done, topic, json_true());
	}
	return theirs != NULL;
}

/* Last of all: a suspended Launch or AddToLoadBalancer would have kept the group from its health.
 */
static bool carry_suspended(struct roll *r, const json_t *from, struct failure *f)
{
	json_t *names = json_array(), *process;
	size_t i;

	json_array_foreach(aws_arr(from, "SuspendedProcesses"), i, process)
		if (!has(aws_arr(r->own, "SuspendedProcesses"), "ProcessName", process))
			json_array_append_new(names, json_string(aws_str(process, "ProcessName")));
	if (!json_array_size(names)) {
		json_decref(names);
		return true;
	}
	return asg_change(
	    &r->cloud, "autoscaling", "SuspendProcesses",
	    json_pack("{s:s, s:o}", "AutoScalingGroupName", r->name, "ScalingProcesses", names),
	    NULL, f);
}

bool carry_settings(struct roll *r, struct failure *f)
{
	const json_t *from = carry_source(r);
	const char *name;

	if (!from)
		return true;
	name = asg_name(from);
	return carry_lifecycle(r, name, f) && carry_notifications(r, name, f) &&
	       carry_policies(r, name, f) && carry_schedule(r, name, f) &&
	       carry_suspended(r, from, f);
}
