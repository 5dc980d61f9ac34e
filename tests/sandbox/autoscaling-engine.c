/* SPDX-License-Identifier: ISC
 * What Auto Scaling does by itself as time goes: members come into service and leave it, the
 * number of them follows the desired one, deleted groups vanish. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool is_leaving(const json_t *member)
{
	return !strncmp(str(member, "LifecycleState"), "Terminating", 11);
}

static bool is_standby(const json_t *member)
{
	return !strcmp(str(member, "LifecycleState"), "Standby");
}

size_t members_active(const json_t *group)
{
	size_t i, n = 0;
	json_t *member;

	json_array_foreach(seq(group, "Instances"), i, member)
		n += !is_leaving(member) && !is_standby(member);
	return n;
}

const json_t *hook_of(struct site at, const json_t *group, const char *transition)
{
	const char *name;
	json_t *hook;

	json_object_foreach(sub(table(at.place, "hooks"), str(group, "AutoScalingGroupName")), name,
			    hook)
		if (!strcmp(str(hook, "LifecycleTransition"), transition))
			return hook;
	return NULL;
}

void member_serves(struct site at, json_t *group, json_t *member)
{
	const char *id = str(member, "InstanceId");
	size_t i;
	json_t *one;

	put_str(member, "LifecycleState", "InService");
	if (!has(member, "_since"))
		put_int(member, "_since", world_now());
	activity_end(at, str(member, "_activity"), "Successful", NULL);
	if (suspended(group, "AddToLoadBalancer"))
		return;
	json_array_foreach(seq(group, "LoadBalancerNames"), i, one)
		if (elb_find(at.place, text_of(one)))
			elb_register(elb_find(at.place, text_of(one)), id);
	json_array_foreach(seq(group, "TargetGroupARNs"), i, one)
		if (elbv2_find(at.place, text_of(one)))
			elbv2_register(elbv2_find(at.place, text_of(one)), id, 0);
}

int64_t balancers_leave(struct site at, json_t *group, const char *instance)
{
	int64_t drained = world_now(), until;
	size_t i;
	json_t *one;

	json_array_foreach(seq(group, "LoadBalancerNames"), i, one) {
		until = elb_deregister(elb_find(at.place, text_of(one)), instance);
		drained = until > drained ? until : drained;
	}
	json_array_foreach(seq(group, "TargetGroupARNs"), i, one) {
		until = elbv2_deregister(elbv2_find(at.place, text_of(one)), instance);
		drained = until > drained ? until : drained;
	}
	return drained;
}

void member_leaves(struct site at, json_t *group, json_t *member, const char *cause)
{
	const char *id = str(member, "InstanceId");
	char *description = mem_fmt("Terminating EC2 instance: %s", id), now[32], *text;
	json_t *activity;

	if (is_leaving(member)) {
		free(description);
		return;
	}
	text = mem_fmt("At %s %s", world_iso(world_now(), now), cause);
	activity_end(at, str(member, "_activity"), "Cancelled", NULL);
	activity = activity_begin(at, group, description, text);
	put_str(member, "_activity", str(activity, "ActivityId"));
	put_str(member, "LifecycleState", "Terminating");
	put_str(member, "_step", "drain");
	put_int(member, "_due", balancers_leave(at, group, id));
	free(text);
	free(description);
}

static int64_t wait_for_hook(json_t *member, const json_t *hook, const char *word)
{
	int64_t due = world_now() + num(hook, "HeartbeatTimeout", 3600) * 1000;

	put_str(member, "LifecycleState", word);
	put_str(member, "_hook", str(hook, "LifecycleHookName"));
	put_str(member, "_result", str(hook, "DefaultResult"));
	put_int(member, "_due", due);
	return due;
}

/* The steps of leaving: drain, hook, end; then it is gone: 0. */
static int64_t settle_leaving(struct site at, json_t *group, json_t *member)
{
	const char *step = str(member, "_step");
	json_t *instance = ec2_instance(at.place, str(member, "InstanceId"));
	const json_t *hook = hook_of(at, group, "autoscaling:EC2_INSTANCE_TERMINATING");

	if (world_now() < num(member, "_due", 0))
		return num(member, "_due", 0);
	if (!strcmp(step, "drain") && hook && !is_deleting(group)) {
		put_str(member, "_step", "hook");
		return wait_for_hook(member, hook, "Terminating:Wait");
	}
	if (strcmp(step, "end") != 0) {
		put_str(member, "LifecycleState",
			!strcmp(step, "hook") ? "Terminating:Proceed" : "Terminating");
		put_str(member, "_step", "end");
		if (instance)
			ec2_terminate(instance);
		put_int(member, "_due", instance ? num(instance, "_terminated_at", 0) : 0);
		return num(member, "_due", 0);
	}
	activity_end(at, str(member, "_activity"), "Successful", NULL);
	return 0;
}

static bool is_bad(struct site at, json_t *group, json_t *member)
{
	const char *id = str(member, "InstanceId");
	int64_t grace = num(group, "HealthCheckGracePeriod", 0) * 1000;
	size_t i;
	json_t *one;

	if (strcmp(str(group, "HealthCheckType"), "ELB") != 0 ||
	    world_now() < num(member, "_since", 0) + grace)
		return false;
	json_array_foreach(seq(group, "LoadBalancerNames"), i, one)
		if (elb_health(at.place, elb_find(at.place, text_of(one)), id) == HEALTH_BAD)
			return true;
	json_array_foreach(seq(group, "TargetGroupARNs"), i, one)
		if (elbv2_health(at.place, elbv2_find(at.place, text_of(one)), id) == HEALTH_BAD)
			return true;
	return false;
}

static const char *ailment(struct site at, json_t *group, json_t *member)
{
	const json_t *instance = ec2_instance(at.place, str(member, "InstanceId"));
	const char *word = instance ? ec2_state(instance) : "terminated";

	if (suspended(group, "HealthCheck"))
		return NULL;
	if (!strcmp(str(member, "HealthStatus"), "Unhealthy"))
		return "an instance was taken out of service in response to a user health-check.";
	if (strcmp(word, "running") != 0 && strcmp(word, "pending") != 0)
		return "an instance was taken out of service in response to an EC2 health check "
		       "indicating it has been terminated or stopped.";
	if (!strcmp(str(member, "LifecycleState"), "InService") && is_bad(at, group, member))
		return "an instance was taken out of service in response to an ELB system health "
		       "check "
		       "failure.";
	return NULL;
}

/* When something happens to a member next, when nothing did now. */
static int64_t next_of(struct site at, const json_t *group, const json_t *member)
{
	const json_t *instance = ec2_instance(at.place, str(member, "InstanceId"));
	int64_t due = INT64_MAX, shutdown = num(instance, "_shutdown_at", INT64_MAX);

	if (shutdown > world_now())
		due = shutdown;
	if (!strcmp(str(group, "HealthCheckType"), "ELB") &&
	    !strcmp(str(member, "LifecycleState"), "InService"))
		due = sooner(due, world_now() + phase_ms("health_check"));
	return due;
}

static int64_t settle_arriving(struct site at, json_t *group, json_t *member)
{
	const json_t *hook = hook_of(at, group, "autoscaling:EC2_INSTANCE_LAUNCHING");
	int64_t ready = num(member, "_ready_at", 0);

	if (!strcmp(str(member, "LifecycleState"), "Pending:Wait")) {
		if (world_now() < num(member, "_due", 0))
			return sooner(num(member, "_due", 0), next_of(at, group, member));
		if (strcmp(str(member, "_result"), "CONTINUE") != 0) {
			member_leaves(
			    at, group, member,
			    "an instance was taken out of service in response to a lifecycle "
			    "action that was abandoned.");
			return world_now();
		}
		put_str(member, "LifecycleState", "Pending:Proceed");
	} else if (world_now() < ready) {
		return sooner(ready, next_of(at, group, member));
	} else if (hook) {
		return wait_for_hook(member, hook, "Pending:Wait");
	}
	member_serves(at, group, member);
	return world_now();
}

static int64_t settle_member(struct site at, json_t *group, json_t *member)
{
	const char *cause;

	if (is_leaving(member))
		return settle_leaving(at, group, member);
	cause = ailment(at, group, member);
	if (cause) {
		put_str(member, "HealthStatus", "Unhealthy");
		if (suspended(group, "ReplaceUnhealthy") || is_standby(member))
			return INT64_MAX;
		member_leaves(at, group, member, cause);
		return world_now();
	}
	if (!strncmp(str(member, "LifecycleState"), "Pending", 7))
		return settle_arriving(at, group, member);
	return next_of(at, group, member);
}

static json_t *one_too_many(const json_t *group)
{
	size_t i, j, n, most = 0;
	json_t *member, *other, *found = NULL;

	json_array_foreach(seq(group, "Instances"), i, member) {
		if (is_leaving(member) || is_standby(member) || yes(member, "ProtectedFromScaleIn"))
			continue;
		n = 0;
		json_array_foreach(seq(group, "Instances"), j, other)
			n += !is_leaving(other) && !strcmp(str(other, "AvailabilityZone"),
							   str(member, "AvailabilityZone"));
		if (n > most) {
			most = n;
			found = member;
		}
	}
	return found;
}

static int64_t settle_capacity(struct site at, json_t *group)
{
	size_t active = members_active(group), desired = (size_t)num(group, "DesiredCapacity", 0);
	json_t *member;
	char *cause;

	for (; active > desired && !suspended(group, "Terminate"); active--) {
		member = one_too_many(group);
		if (!member)
			return INT64_MAX;
		cause = mem_fmt(
		    "an instance was taken out of service in response to a difference between "
		    "desired and actual capacity, shrinking the capacity from %zu to %zu.",
		    active, desired);
		member_leaves(at, group, member, cause);
		free(cause);
		if (active - 1 == desired)
			return world_now();
	}
	if (active >= desired || suspended(group, "Launch"))
		return INT64_MAX;
	if (world_now() < num(group, "_retry_at", 0))
		return num(group, "_retry_at", 0);
	for (; active < desired; active++)
		if (!launch_one(at, group))
			return num(group, "_retry_at", 0);
	return world_now();
}

static int64_t settle_deleting(struct site at, json_t *group)
{
	size_t i;
	json_t *member;

	json_array_foreach(seq(group, "Instances"), i, member)
		member_leaves(at, group, member,
			      "an instance was taken out of service in response to a user request, "
			      "the group being deleted.");
	if (json_array_size(seq(group, "Instances")))
		return INT64_MAX;
	if (!has(group, "_gone_at"))
		put_int(group, "_gone_at", world_now() + phase_ms("deleting"));
	return num(group, "_gone_at", 0);
}

static void forget_group(struct site at, const char *name)
{
	static const char *const tables[] = {"policies", "schedules", "hooks", "notifications",
					     "groups"};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		json_object_del(table(at.place, tables[i]), name);
}

static int64_t settle_group(struct site at, json_t *group)
{
	int64_t due = INT64_MAX, one;
	json_t *members = list(group, "Instances");

	for (size_t i = json_array_size(members); i-- > 0;) {
		one = settle_member(at, group, json_array_get(members, i));
		if (!one)
			json_array_remove(members, i);
		due = sooner(due, one ? one : world_now());
	}
	one = is_deleting(group) ? settle_deleting(at, group) : settle_capacity(at, group);
	return sooner(due, one);
}

int64_t autoscaling_settle(const char *account, const char *region, json_t *where)
{
	struct site at = {account, region, where};
	int64_t due = INT64_MAX, one;
	const char *name;
	json_t *group;
	void *next;

	json_object_foreach_safe(json_object_get(where, "groups"), next, name, group) {
		one = settle_group(at, group);
		if (is_deleting(group) && num(group, "_gone_at", INT64_MAX) <= world_now()) {
			char *copy = mem_dup(name);

			forget_group(at, copy);
			free(copy);
			continue;
		}
		due = sooner(due, one);
	}
	return due;
}
