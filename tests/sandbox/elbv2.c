/* SPDX-License-Identifier: ISC
 * Target groups, with "_targets": {ID: {"since", "until", "port"}}, and the load balancers that
 * they belong to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

json_t *elbv2_find(json_t *where, const char *arn)
{
	return json_object_get(table(where, "target_groups"), arn);
}

static void forget_drained(json_t *tg)
{
	json_t *all = sub(tg, "_targets"), *one;
	const char *id;
	void *next;

	json_object_foreach_safe(all, next, id, one)
		if (num(one, "until", INT64_MAX) <= world_now())
			json_object_del(all, id);
}

void elbv2_register(json_t *tg, const char *instance, long long port)
{
	json_t *one;

	forget_drained(tg);
	one = sub(sub(tg, "_targets"), instance);
	if (has(one, "until"))
		json_object_clear(one);
	put_int(one, "port", port ? port : num(tg, "Port", 80));
	if (!has(one, "since"))
		put_int(one, "since", world_now());
}

static const char drain_key[] = "deregistration_delay.timeout_seconds";

/* The drain time follows the knob until somebody sets it. */
static json_t *attributes(json_t *tg)
{
	json_t *all = sub(tg, "_attributes");
	char delay[24];

	snprintf(delay, sizeof delay, "%lld", (long long)phase("drain"));
	if (!yes(tg, "_drain_set"))
		put_str(all, drain_key, delay);
	return all;
}

int64_t elbv2_deregister(json_t *tg, const char *instance)
{
	json_t *one = tg ? json_object_get(sub(tg, "_targets"), instance) : NULL;

	if (!one)
		return 0;
	if (!has(one, "until"))
		put_int(one, "until", world_now() + num(attributes(tg), drain_key, 0) * 1000);
	return num(one, "until", 0);
}

enum health elbv2_health(json_t *where, const json_t *tg, const char *instance)
{
	const json_t *one = json_object_get(json_object_get(tg, "_targets"), instance);

	if (!one || num(one, "until", INT64_MAX) <= world_now())
		return HEALTH_NONE;
	if (has(one, "until"))
		return HEALTH_DRAINING;
	return knob_health(where, "target_groups", str(tg, "TargetGroupName"), instance,
			   num(one, "since", 0));
}

static json_t *new_group(const char *account, const char *region, const char *name, json_t *wish)
{
	char *arn = mem_fmt("arn:aws:elasticloadbalancing:%s:%s:targetgroup/%s/%016llx", region,
			    account, name, (unsigned long long)fnv(name));
	char *balancer =
	    mem_fmt("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/app/sandbox/%016llx", region,
		    account, (unsigned long long)fnv(region));
	json_t *tg = json_pack(
	    "{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:i, s:s, s:[s], s:s,"
	    " s:{s:s}}",
	    "TargetGroupArn", arn, "TargetGroupName", name, "Protocol", "HTTP", "Port",
	    (int)num(wish, "Port", 80), "VpcId", str(wish, "VpcId"), "HealthCheckProtocol", "HTTP",
	    "HealthCheckPort", "traffic-port", "HealthCheckEnabled", 1,
	    "HealthCheckIntervalSeconds", 10, "HealthCheckTimeoutSeconds", 5,
	    "HealthyThresholdCount", 2, "UnhealthyThresholdCount", 2, "HealthCheckPath", "/",
	    "LoadBalancerArns", balancer, "TargetType", "instance", "_attributes",
	    "stickiness.enabled", "false");

	put(table(place(account, region), "target_groups"), arn, tg);
	free(balancer);
	free(arn);
	return tg;
}

static json_t *group_named(struct request *r, const char *name)
{
	const char *arn;
	json_t *tg;

	json_object_foreach(table(aws_place(r), "target_groups"), arn, tg)
		if (!strcmp(str(tg, "TargetGroupName"), name))
			return tg;
	return NULL;
}

static json_t *none(struct request *r)
{
	return refuse(r, 400, "TargetGroupNotFound", "One or more target groups not found");
}

static json_t *group(struct request *r)
{
	json_t *tg = elbv2_find(aws_place(r), arg(r, "TargetGroupArn"));

	return tg ? tg : none(r);
}

static json_t *create(struct request *r)
{
	json_t *tg;

	if (!args_given(r, "Name", NULL))
		return NULL;
	tg = group_named(r, arg(r, "Name"));
	if (tg && num(tg, "Port", 80) != num(r->params, "Port", 80))
		return refuse(
		    r, 400, "DuplicateTargetGroupName",
		    "A target group with the same name '%s' exists, but with different settings",
		    arg(r, "Name"));
	if (!tg)
		tg = new_group(r->account, r->region, arg(r, "Name"), r->params);
	return json_pack("{s:[O]}", "TargetGroups", tg);
}

static json_t *describe_groups(struct request *r)
{
	const json_t *arns = seq(r->params, "TargetGroupArns"), *names = seq(r->params, "Names");
	bool all = !json_array_size(arns) && !json_array_size(names);
	json_t *found, *tg, *one, *result;
	const char *arn;
	size_t i;

	json_array_foreach(arns, i, one)
		if (!elbv2_find(aws_place(r), text_of(one)))
			return none(r);
	json_array_foreach(names, i, one)
		if (!group_named(r, text_of(one)))
			return none(r);
	found = json_array();
	json_object_foreach(table(aws_place(r), "target_groups"), arn, tg)
		if ((all || holds(arns, arn) || holds(names, str(tg, "TargetGroupName"))) &&
		    (!has(r->params, "LoadBalancerArn") ||
		     holds(seq(tg, "LoadBalancerArns"), arg(r, "LoadBalancerArn"))))
			json_array_append(found, tg);
	result = json_object();
	if (page(r, result, "TargetGroups", found, 400))
		return result;
	json_decref(result);
	return NULL;
}

static json_t *health_row(json_t *where, const json_t *tg, const char *id)
{
	static const char *const words[][3] = {
	    [HEALTH_NONE] = {"unused", "Target.NotRegistered",
			     "Target is not registered to the target group"},
	    [HEALTH_STARTING] = {"initial", "Elb.RegistrationInProgress",
				 "Target registration is in progress"},
	    [HEALTH_GOOD] = {"healthy", NULL, NULL},
	    [HEALTH_BAD] = {"unhealthy", "Target.FailedHealthChecks", "Health checks failed"},
	    [HEALTH_DRAINING] = {"draining", "Target.DeregistrationInProgress",
				 "Target deregistration is in progress"},
	};
	enum health h = elbv2_health(where, tg, id);
	const json_t *one = json_object_get(json_object_get(tg, "_targets"), id);
	char port[24];

	snprintf(port, sizeof port, "%lld", num(one, "port", num(tg, "Port", 80)));
	return json_pack("{s:{s:s, s:I}, s:s, s:{s:s, s:s*, s:s*}}", "Target", "Id", id, "Port",
			 (json_int_t)num(one, "port", num(tg, "Port", 80)), "HealthCheckPort", port,
			 "TargetHealth", "State", words[h][0], "Reason", words[h][1], "Description",
			 words[h][2]);
}

static json_t *describe_health(struct request *r)
{
	json_t *tg = group(r), *rows, *one;
	const char *id;
	size_t i;

	if (!tg)
		return NULL;
	forget_drained(tg);
	rows = json_array();
	if (has(r->params, "Targets")) {
		json_array_foreach(seq(r->params, "Targets"), i, one)
			add(rows, health_row(aws_place(r), tg, str(one, "Id")));
	} else {
		json_object_foreach(sub(tg, "_targets"), id, one)
			add(rows, health_row(aws_place(r), tg, id));
	}
	return json_pack("{s:o}", "TargetHealthDescriptions", rows);
}

static json_t *join(struct request *r)
{
	json_t *tg = group(r), *one, *machine;
	size_t i;

	if (!tg)
		return NULL;
	json_array_foreach(seq(r->params, "Targets"), i, one) {
		machine = ec2_instance(aws_place(r), str(one, "Id"));
		if (!machine || strcmp(ec2_state(machine), "running") != 0)
			return refuse(
			    r, 400, "InvalidTarget",
			    "The following targets are not in a running state and cannot be "
			    "registered: '%s'",
			    str(one, "Id"));
	}
	json_array_foreach(seq(r->params, "Targets"), i, one)
		elbv2_register(tg, str(one, "Id"), num(one, "Port", 0));
	return json_object();
}

static json_t *leave(struct request *r)
{
	json_t *tg = group(r), *one;
	size_t i;

	if (!tg)
		return NULL;
	json_array_foreach(seq(r->params, "Targets"), i, one)
		elbv2_deregister(tg, str(one, "Id"));
	return json_object();
}

static json_t *delete (struct request *r)
{
	json_object_del(table(aws_place(r), "target_groups"), arg(r, "TargetGroupArn"));
	return json_object();
}

static json_t *attributes_of(json_t *tg)
{
	json_t *rows = json_array(), *value;
	const char *key;

	json_object_foreach(attributes(tg), key, value)
		add(rows, json_pack("{s:s, s:O}", "Key", key, "Value", value));
	return json_pack("{s:o}", "Attributes", rows);
}

static json_t *describe_attributes(struct request *r)
{
	json_t *tg = group(r);

	return tg ? attributes_of(tg) : NULL;
}

static bool names_drain(const struct request *r)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(r->params, "Attributes"), i, one)
		if (!strcmp(str(one, "Key"), drain_key))
			return true;
	return false;
}

static json_t *modify_attributes(struct request *r)
{
	json_t *tg = group(r), *one;
	size_t i;

	if (!tg)
		return NULL;
	json_array_foreach(seq(r->params, "Attributes"), i, one)
		put_str(attributes(tg), str(one, "Key"), str(one, "Value"));
	put(tg, "_drain_set", json_boolean(yes(tg, "_drain_set") || names_drain(r)));
	return attributes_of(tg);
}

/* The one application load balancer that all target groups here belong to. */
static json_t *describe_balancers(struct request *r)
{
	json_t *found = json_array(), *one, *result = json_object();
	char *arn = mem_fmt("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/app/sandbox/%016llx",
			    r->region, r->account, (unsigned long long)fnv(r->region));
	char now[32];

	one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:{s:s}, s:[], s:s}", "LoadBalancerArn", arn,
			"LoadBalancerName", "sandbox", "Type", "application", "Scheme",
			"internet-facing", "DNSName", "sandbox.elb.example.com", "State", "Code",
			"active", "AvailabilityZones", "CreatedTime", world_iso(world_now(), now));
	if ((!has(r->params, "Names") || holds(seq(r->params, "Names"), "sandbox")) &&
	    (!has(r->params, "LoadBalancerArns") || holds(seq(r->params, "LoadBalancerArns"), arn)))
		json_array_append(found, one);
	json_decref(one);
	free(arn);
	if (page(r, result, "LoadBalancers", found, 400))
		return result;
	json_decref(result);
	return NULL;
}

void elbv2_seed(json_t *seed)
{
	static const char *const names[] = {"tmtt-web", "tmtt-api"};
	const char *account = has(seed, "account") ? str(seed, "account") : "123456789012";
	const char *region = has(seed, "region") ? str(seed, "region") : "us-west-2";
	size_t i;
	json_t *one;

	for (i = 0; !seed && i < 2; i++)
		new_group(account, region, names[i], NULL);
	json_array_foreach(seq(seed, "target_groups"), i, one)
		new_group(account, region, text_of(one), NULL);
}

static const struct aws_action actions[] = {
    {"CreateTargetGroup", create, true},
    {"DeleteTargetGroup", delete, true},
    {"DeregisterTargets", leave, true},
    {"DescribeLoadBalancers", describe_balancers, false},
    {"DescribeTargetGroupAttributes", describe_attributes, false},
    {"DescribeTargetGroups", describe_groups, false},
    {"DescribeTargetHealth", describe_health, false},
    {"ModifyTargetGroupAttributes", modify_attributes, true},
    {"RegisterTargets", join, true},
    {NULL, NULL, false},
};

const struct aws_service elbv2_service = {
    "elbv2",
    "elasticloadbalancing",
    "2015-12-01",
    AWS_QUERY,
    "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    true,
    actions};
