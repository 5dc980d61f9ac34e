/* SPDX-License-Identifier: ISC
 * Groups behind load balancers and target groups. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"

/* The two kinds differ in names and in who is asked. */
struct kind {
	const char *member, *removing;    /* of a group */
	const char *result, *name_member; /* of the description */
	json_t *(*find)(json_t *place, const char *name);
	void (*join)(json_t *balancer, const char *instance);
	int64_t (*leave)(json_t *balancer, const char *instance);
	enum health (*health)(json_t *place, const json_t *balancer, const char *instance);
	const char *complaint;
};

static void join_target_group(json_t *balancer, const char *instance)
{
	elbv2_register(balancer, instance, 0);
}

static const struct kind classic = {
    "LoadBalancerNames",
    "_removing_lbs",
    "LoadBalancers",
    "LoadBalancerName",
    elb_find,
    elb_register,
    elb_deregister,
    elb_health,
    "Provided Load Balancers may not be valid. Please ensure they exist and try again."};
static const struct kind target = {
    "TargetGroupARNs",
    "_removing_tgs",
    "LoadBalancerTargetGroups",
    "LoadBalancerTargetGroupARN",
    elbv2_find,
    join_target_group,
    elbv2_deregister,
    elbv2_health,
    "Provided Target Groups may not be valid. Please ensure they exist and try again."};

static bool is_serving(const json_t *member)
{
	return !strcmp(str(member, "LifecycleState"), "InService");
}

static json_t *attach(struct request *r, const struct kind *k)
{
	json_t *group = group_alive(r), *one, *member;
	size_t i, j;

	if (!group || !args_given(r, k->member, NULL))
		return NULL;
	json_array_foreach(seq(r->params, k->member), i, one)
		if (!k->find(aws_place(r), text_of(one)))
			return refuse(r, 400, "ValidationError", "%s", k->complaint);
	json_array_foreach(seq(r->params, k->member), i, one) {
		if (!holds(list(group, k->member), text_of(one)))
			add(list(group, k->member), json_incref(one));
		json_object_del(sub(group, k->removing), text_of(one));
		if (suspended(group, "AddToLoadBalancer"))
			continue;
		json_array_foreach(seq(group, "Instances"), j, member)
			if (is_serving(member))
				k->join(k->find(aws_place(r), text_of(one)),
					str(member, "InstanceId"));
	}
	return json_object();
}

static json_t *detach(struct request *r, const struct kind *k)
{
	json_t *group = group_alive(r), *one, *member;
	size_t i, j;

	if (!group || !args_given(r, k->member, NULL))
		return NULL;
	json_array_foreach(seq(r->params, k->member), i, one)
		if (!holds(list(group, k->member), text_of(one)))
			return refuse(r, 400, "ValidationError",
				      "Trying to remove %s that are not part of "
				      "the group: [%s]",
				      k == &classic ? "Load Balancers" : "Target Groups",
				      text_of(one));
	json_array_foreach(seq(r->params, k->member), i, one) {
		json_t *balancer = k->find(aws_place(r), text_of(one));
		int64_t until = world_now(), drained;

		drop(list(group, k->member), text_of(one));
		json_array_foreach(seq(group, "Instances"), j, member) {
			drained = k->leave(balancer, str(member, "InstanceId"));
			until = drained > until ? drained : until;
		}
		put_int(sub(group, k->removing), text_of(one), until);
	}
	return json_object();
}

static const char *state_of(struct request *r, const struct kind *k, const json_t *group,
			    const char *name)
{
	json_t *balancer = k->find(aws_place(r), name), *member;
	bool adding = false, good = false;
	size_t i;

	json_array_foreach(seq(group, "Instances"), i, member) {
		enum health h = k->health(aws_place(r), balancer, str(member, "InstanceId"));

		adding = adding || (is_serving(member) && h == HEALTH_NONE);
		good = good || h == HEALTH_GOOD;
	}
	return good ? "InService" : adding ? "Adding" : "Added";
}

static json_t *describe_attached(struct request *r, const struct kind *k)
{
	json_t *group = group_of(r), *all, *one, *result;
	const char *name;
	size_t i;

	if (!group)
		return NULL;
	all = json_array();
	json_array_foreach(seq(group, k->member), i, one)
		add(all, json_pack("{s:s, s:s}", k->name_member, text_of(one), "State",
				   state_of(r, k, group, text_of(one))));
	json_object_foreach(sub(group, k->removing), name, one)
		if (world_now() < json_integer_value(one))
			add(all,
			    json_pack("{s:s, s:s}", k->name_member, name, "State", "Removing"));
	result = json_object();
	if (page(r, result, k->result, all, 100))
		return result;
	json_decref(result);
	return NULL;
}

json_t *attach_balancers(struct request *r)
{
	return attach(r, &classic);
}

json_t *detach_balancers(struct request *r)
{
	return detach(r, &classic);
}

json_t *describe_balancers(struct request *r)
{
	return describe_attached(r, &classic);
}

json_t *attach_target_groups(struct request *r)
{
	return attach(r, &target);
}

json_t *detach_target_groups(struct request *r)
{
	return detach(r, &target);
}

json_t *describe_target_groups_of(struct request *r)
{
	return describe_attached(r, &target);
}
