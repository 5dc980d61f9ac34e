/* SPDX-License-Identifier: ISC
 * What is done to single instances of groups. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

json_t *describe_members(struct request *r)
{
	const json_t *ids = seq(r->params, "InstanceIds");
	json_t *all = json_array(), *group, *member, *result;
	const char *name;
	size_t i;

	json_object_foreach(table(aws_place(r), "groups"), name, group)
		json_array_foreach(seq(group, "Instances"), i, member) {
			json_t *one;

			if (json_array_size(ids) && !holds(ids, str(member, "InstanceId")))
				continue;
			one = json_copy(member);
			put_str(one, "AutoScalingGroupName", name);
			put_str(one, "HealthStatus",
				strcmp(str(member, "HealthStatus"), "Healthy") ? "UNHEALTHY"
									       : "HEALTHY");
			add(all, one);
		}
	result = json_object();
	if (page(r, result, "AutoScalingInstances", all, 50))
		return result;
	json_decref(result);
	return NULL;
}

static json_t *not_a_member(struct request *r, const char *instance)
{
	return refuse(r, 400, "ValidationError",
		      "Instance Id not found - No managed instance found for instance ID: %s",
		      instance);
}

json_t *terminate_member(struct request *r)
{
	struct site at = site_of(r);
	json_t *group, *member;
	long long desired;

	if (!args_given(r, "InstanceId", "ShouldDecrementDesiredCapacity", NULL))
		return NULL;
	member = member_anywhere(at, arg(r, "InstanceId"), &group);
	if (!member)
		return not_a_member(r, arg(r, "InstanceId"));
	desired = num(group, "DesiredCapacity", 0);
	if (yes(r->params, "ShouldDecrementDesiredCapacity")) {
		if (desired - 1 < num(group, "MinSize", 0))
			return refuse(
			    r, 400, "ValidationError",
			    "Currently, desiredSize equals minSize (%lld). Terminating instance "
			    "without replacement will violate group's min size constraint. "
			    "Either set shouldDecrementDesiredCapacity flag to false or lower "
			    "group's min size.",
			    desired);
		put_int(group, "DesiredCapacity", desired - 1);
	}
	note_cause(group, "an instance was taken out of service in response to a user request");
	member_leaves(at, group, member,
		      "an instance was taken out of service in response to a user request.");
	return json_pack("{s:O}", "Activity", shown_activity(at, str(member, "_activity")));
}

static bool all_members(struct request *r, json_t *group)
{
	size_t i;
	json_t *id;

	json_array_foreach(seq(r->params, "InstanceIds"), i, id)
		if (!member_of(group, text_of(id))) {
			refuse(r, 400, "ValidationError",
			       "The instance %s is not part of Auto Scaling group %s.", text_of(id),
			       str(group, "AutoScalingGroupName"));
			return false;
		}
	return true;
}

static json_t *stand(struct request *r, bool enter)
{
	struct site at = site_of(r);
	json_t *group = group_alive(r), *id, *done;
	const char *from = enter ? "InService" : "Standby";
	long long desired;
	size_t i;

	if (!group || !all_members(r, group))
		return NULL;
	json_array_foreach(seq(r->params, "InstanceIds"), i, id)
		if (strcmp(str(member_of(group, text_of(id)), "LifecycleState"), from) != 0)
			return refuse(r, 400, "ValidationError", "The instance %s is not in %s.",
				      text_of(id), from);
	done = json_array();
	desired = num(group, "DesiredCapacity", 0);
	json_array_foreach(seq(r->params, "InstanceIds"), i, id) {
		char *text = mem_fmt("Moving EC2 instance %s Standby: %s", enter ? "to" : "out of",
				     text_of(id));
		json_t *activity = activity_begin(at, group, text, "a user request");
		json_t *member = member_of(group, text_of(id));

		free(text);
		add(done, json_incref(activity));
		if (enter) {
			balancers_leave(at, group, text_of(id));
			put_str(member, "LifecycleState", "Standby");
			desired -= yes(r->params, "ShouldDecrementDesiredCapacity");
		} else {
			member_serves(at, group, member);
			desired++;
		}
		activity_end(at, str(activity, "ActivityId"), "Successful", NULL);
	}
	put_int(group, "DesiredCapacity", desired);
	return json_pack("{s:o}", "Activities", done);
}

json_t *enter_standby(struct request *r)
{
	return stand(r, true);
}

json_t *exit_standby(struct request *r)
{
	return stand(r, false);
}

json_t *set_protection(struct request *r)
{
	json_t *group = group_alive(r), *id;
	size_t i;

	if (!group || !all_members(r, group))
		return NULL;
	json_array_foreach(seq(r->params, "InstanceIds"), i, id)
		put(member_of(group, text_of(id)), "ProtectedFromScaleIn",
		    json_boolean(yes(r->params, "ProtectedFromScaleIn")));
	return json_object();
}

json_t *set_health(struct request *r)
{
	json_t *group, *member;

	if (!args_given(r, "InstanceId", "HealthStatus", NULL))
		return NULL;
	member = member_anywhere(site_of(r), arg(r, "InstanceId"), &group);
	if (!member)
		return not_a_member(r, arg(r, "InstanceId"));
	put_str(member, "HealthStatus", arg(r, "HealthStatus"));
	return json_null();
}
