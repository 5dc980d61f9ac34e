/* SPDX-License-Identifier: ISC
 * Classic load balancers: as described, with "_registered": {ID: {"since", "until"}}, where
 * `until` is there while the connections of an instance are drained. */
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

json_t *elb_find(json_t *where, const char *name)
{
	return json_object_get(table(where, "load_balancers"), name);
}

static void forget_drained(json_t *lb)
{
	json_t *all = sub(lb, "_registered"), *one;
	const char *id;
	void *next;

	json_object_foreach_safe(all, next, id, one)
		if (num(one, "until", INT64_MAX) <= world_now())
			json_object_del(all, id);
}

void elb_register(json_t *lb, const char *instance)
{
	json_t *one;

	forget_drained(lb);
	one = sub(sub(lb, "_registered"), instance);
	json_object_del(one, "until");
	if (!has(one, "since"))
		put_int(one, "since", world_now());
}

/* The drain time follows the knob until somebody sets it. */
static json_t *attributes_of(json_t *lb)
{
	json_t *all = sub(lb, "_attributes");

	if (!yes(lb, "_attributes_set"))
		put_int(sub(all, "ConnectionDraining"), "Timeout", (long long)phase("drain"));
	return all;
}

int64_t elb_deregister(json_t *lb, const char *instance)
{
	json_t *one = lb ? json_object_get(sub(lb, "_registered"), instance) : NULL;
	const json_t *draining;
	int64_t until = world_now();

	if (!one)
		return 0;
	draining = json_object_get(attributes_of(lb), "ConnectionDraining");
	if (has(one, "until"))
		return num(one, "until", 0);
	if (yes(draining, "Enabled"))
		until += num(draining, "Timeout", 0) * 1000;
	put_int(one, "until", until);
	return until;
}

enum health knob_health(json_t *where, const char *kind, const char *name, const char *instance,
			int64_t since)
{
	const json_t *own = json_object_get(json_object_get(behave(), kind), name);
	const json_t *machine = ec2_instance(where, instance);
	const json_t *image =
	    json_object_get(json_object_get(behave(), "images"), str(machine, "imageId"));
	int64_t age = world_now() - since;

	if (!machine || strcmp(ec2_state(machine), "running") != 0)
		return HEALTH_BAD;
	if (age < phase_ms("healthy"))
		return HEALTH_STARTING;
	if (json_is_false(json_object_get(image, "healthy")) ||
	    !strcmp(str(own, "state"), "unhealthy") || age < num(own, "unhealthy_for", 0) * 1000 ||
	    age < num(image, "unhealthy_for", 0) * 1000)
		return HEALTH_BAD;
	return HEALTH_GOOD;
}

enum health elb_health(json_t *where, const json_t *lb, const char *instance)
{
	const json_t *one = json_object_get(json_object_get(lb, "_registered"), instance);

	if (!one || num(one, "until", INT64_MAX) <= world_now())
		return HEALTH_NONE;
	if (has(one, "until"))
		return HEALTH_DRAINING;
	return knob_health(where, "load_balancers", str(lb, "LoadBalancerName"), instance,
			   num(one, "since", 0));
}

static json_t *not_found(struct request *r, const char *name)
{
	return refuse(r, 400, "LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '%s'",
		      name);
}

static json_t *named(struct request *r)
{
	json_t *lb = elb_find(aws_place(r), arg(r, "LoadBalancerName"));

	if (!lb)
		not_found(r, arg(r, "LoadBalancerName"));
	return lb;
}

static json_t *instances_of(json_t *lb)
{
	json_t *all = json_array(), *one;
	const char *id;

	forget_drained(lb);
	json_object_foreach(sub(lb, "_registered"), id, one)
		add(all, json_pack("{s:s}", "InstanceId", id));
	return all;
}

static json_t *new_balancer(const char *account, const char *region, const char *name)
{
	char now[32], *dns = mem_fmt("%s-1234567890.%s.elb.example.com", name, region);
	json_t *lb = json_pack(
	    "{s:s, s:s, s:[{s:{s:s, s:i, s:s, s:i}, s:[]}], s:{s:[], s:[], s:[]}, s:[], s:[], "
	    "s:[], s:[],"
	    " s:{s:s, s:i, s:i, s:i, s:i}, s:{s:s, s:s}, s:[], s:s, s:s, s:{s:{s:b, s:i},"
	    " s:{s:b}, s:{s:b}, s:{s:i}}}",
	    "LoadBalancerName", name, "DNSName", dns, "ListenerDescriptions", "Listener",
	    "Protocol", "HTTP", "LoadBalancerPort", 80, "InstanceProtocol", "HTTP", "InstancePort",
	    80, "PolicyNames", "Policies", "AppCookieStickinessPolicies",
	    "LBCookieStickinessPolicies", "OtherPolicies", "BackendServerDescriptions",
	    "AvailabilityZones", "Subnets", "Instances", "HealthCheck", "Target", "HTTP:80/",
	    "Interval", 10, "Timeout", 5, "UnhealthyThreshold", 2, "HealthyThreshold", 2,
	    "SourceSecurityGroup", "OwnerAlias", account, "GroupName", "default", "SecurityGroups",
	    "CreatedTime", world_iso(world_now(), now), "Scheme", "internet-facing", "_attributes",
	    "ConnectionDraining", "Enabled", 1, "Timeout", (int)phase("drain"),
	    "CrossZoneLoadBalancing", "Enabled", 1, "AccessLog", "Enabled", 0, "ConnectionSettings",
	    "IdleTimeout", 60);

	free(dns);
	put(table(place(account, region), "load_balancers"), name, lb);
	return lb;
}

static json_t *create(struct request *r)
{
	const char *name = arg(r, "LoadBalancerName");
	json_t *lb, *listener;
	size_t i;

	if (!args_given(r, "LoadBalancerName", "Listeners", NULL))
		return NULL;
	lb = elb_find(aws_place(r), name);
	if (!lb) {
		lb = new_balancer(r->account, r->region, name);
		json_array_clear(list(lb, "ListenerDescriptions"));
		json_array_foreach(seq(r->params, "Listeners"), i, listener)
			add(list(lb, "ListenerDescriptions"),
			    json_pack("{s:O, s:[]}", "Listener", listener, "PolicyNames"));
		put(lb, "AvailabilityZones", json_deep_copy(seq(r->params, "AvailabilityZones")));
		put(lb, "Subnets", json_deep_copy(seq(r->params, "Subnets")));
	}
	return json_pack("{s:s}", "DNSName", str(lb, "DNSName"));
}

static json_t *describe(struct request *r)
{
	const json_t *names = seq(r->params, "LoadBalancerNames");
	json_t *found, *lb, *one, *result;
	const char *name;
	size_t i;

	json_array_foreach(names, i, one)
		if (!elb_find(aws_place(r), text_of(one)))
			return not_found(r, text_of(one));
	found = json_array();
	json_object_foreach(table(aws_place(r), "load_balancers"), name, lb) {
		if (json_array_size(names) && !holds(names, name))
			continue;
		put(lb, "Instances", instances_of(lb));
		json_array_append(found, lb);
	}
	result = json_object();
	if (page(r, result, "LoadBalancerDescriptions", found, 400))
		return result;
	json_decref(result);
	return NULL;
}

static json_t *health_row(json_t *where, const json_t *lb, const char *id)
{
	enum health h = elb_health(where, lb, id);
	const char *word = "OutOfService", *code = "Instance", *text;

	if (h == HEALTH_NONE)
		return NULL;
	text = "Instance has failed at least the UnhealthyThreshold number of health checks "
	       "consecutively.";
	if (h == HEALTH_GOOD || h == HEALTH_DRAINING) {
		word = "InService";
		code = "N/A";
		text = h == HEALTH_GOOD ? "N/A" : "Instance deregistration currently in progress.";
	} else if (h == HEALTH_STARTING) {
		code = "ELB";
		text = "Instance registration is still in progress.";
	}
	return json_pack("{s:s, s:s, s:s, s:s}", "InstanceId", id, "State", word, "ReasonCode",
			 code, "Description", text);
}

static json_t *describe_health(struct request *r)
{
	json_t *lb = named(r), *wanted, *rows, *one, *row;
	size_t i;

	if (!lb)
		return NULL;
	wanted = has(r->params, "Instances") ? json_incref(json_object_get(r->params, "Instances"))
					     : instances_of(lb);
	rows = json_array();
	json_array_foreach(wanted, i, one) {
		row = health_row(aws_place(r), lb, str(one, "InstanceId"));
		if (row) {
			add(rows, row);
			continue;
		}
		if (ec2_instance(aws_place(r), str(one, "InstanceId")))
			refuse(r, 400, "InvalidInstance", "Could not find EC2 instance %s.",
			       str(one, "InstanceId"));
		else
			refuse(r, 400, "InvalidInstance", "Invalid instance id %s",
			       str(one, "InstanceId"));
		json_decref(rows);
		rows = NULL;
		break;
	}
	json_decref(wanted);
	return rows ? json_pack("{s:o}", "InstanceStates", rows) : NULL;
}

static json_t *change_instances(struct request *r, bool in)
{
	json_t *lb = named(r), *one;
	size_t i;

	if (!lb)
		return NULL;
	json_array_foreach(seq(r->params, "Instances"), i, one)
		if (!ec2_instance(aws_place(r), str(one, "InstanceId")) && in)
			return refuse(r, 400, "InvalidInstance", "Invalid instance id %s",
				      str(one, "InstanceId"));
	json_array_foreach(seq(r->params, "Instances"), i, one) {
		if (in)
			elb_register(lb, str(one, "InstanceId"));
		else
			elb_deregister(lb, str(one, "InstanceId"));
	}
	return json_pack("{s:o}", "Instances", instances_of(lb));
}

static json_t *join(struct request *r)
{
	return change_instances(r, true);
}

static json_t *leave(struct request *r)
{
	return change_instances(r, false);
}

static json_t *delete (struct request *r)
{
	json_object_del(table(aws_place(r), "load_balancers"), arg(r, "LoadBalancerName"));
	return json_object();
}

static json_t *describe_attributes(struct request *r)
{
	json_t *lb = named(r);

	return lb ? json_pack("{s:O}", "LoadBalancerAttributes", attributes_of(lb)) : NULL;
}

static json_t *modify_attributes(struct request *r)
{
	json_t *lb = named(r);

	if (!lb)
		return NULL;
	put(lb, "_attributes_set", json_true());
	json_object_update_recursive(attributes_of(lb),
				     json_object_get(r->params, "LoadBalancerAttributes"));
	return json_pack("{s:s, s:O}", "LoadBalancerName", arg(r, "LoadBalancerName"),
			 "LoadBalancerAttributes", attributes_of(lb));
}

void elb_seed(json_t *seed)
{
	static const char *const names[] = {"tmtt-development", "tmtt-staging", "tmtt-production"};
	const char *account = has(seed, "account") ? str(seed, "account") : "123456789012";
	const char *region = has(seed, "region") ? str(seed, "region") : "us-west-2";
	size_t i;
	json_t *one;

	for (i = 0; !seed && i < 3; i++)
		new_balancer(account, region, names[i]);
	json_array_foreach(seq(seed, "load_balancers"), i, one)
		new_balancer(account, region, text_of(one));
}

static const struct aws_action actions[] = {
    {"CreateLoadBalancer", create, true},
    {"DeleteLoadBalancer", delete, true},
    {"DeregisterInstancesFromLoadBalancer", leave, true},
    {"DescribeInstanceHealth", describe_health, false},
    {"DescribeLoadBalancerAttributes", describe_attributes, false},
    {"DescribeLoadBalancers", describe, false},
    {"ModifyLoadBalancerAttributes", modify_attributes, true},
    {"RegisterInstancesWithLoadBalancer", join, true},
    {NULL, NULL, false},
};

const struct aws_service elb_service = {"elb",
					"elasticloadbalancing",
					"2012-06-01",
					AWS_QUERY,
					"http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/",
					true,
					actions};
