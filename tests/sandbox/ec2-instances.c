/* SPDX-License-Identifier: ISC
 * Machines. Their state follows from the moments written on them, so that it is right at any time
 * without being moved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

json_t *ec2_instance(json_t *where, const char *id)
{
	json_t *i = json_object_get(table(where, "instances"), id);

	return i && num(i, "_gone_at", INT64_MAX) > world_now() ? i : NULL;
}

const char *ec2_state(const json_t *i)
{
	int64_t now = world_now();

	if (now >= num(i, "_terminated_at", INT64_MAX))
		return "terminated";
	if (now >= num(i, "_shutdown_at", INT64_MAX))
		return "shutting-down";
	return now >= num(i, "_running_at", 0) ? "running" : "pending";
}

static json_t *state_object(const char *name)
{
	int code = !strcmp(name, "running")         ? 16
		   : !strcmp(name, "shutting-down") ? 32
		   : !strcmp(name, "terminated")    ? 48
						    : 0;

	return json_pack("{s:i, s:s}", "code", code, "name", name);
}

static void shut_down(json_t *i, int64_t at)
{
	if (num(i, "_shutdown_at", INT64_MAX) <= at)
		return;
	put_int(i, "_shutdown_at", at);
	put_int(i, "_terminated_at", at + phase_ms("terminating"));
	put_int(i, "_gone_at", at + phase_ms("terminating") + phase_ms("gone"));
}

void ec2_terminate(json_t *i)
{
	shut_down(i, world_now());
}

static json_t *group_set(json_t *where, const json_t *data)
{
	json_t *groups = json_array(), *group, *one;
	static const char *const members[] = {"securityGroupIdSet", "securityGroupSet"};
	size_t i;

	for (int m = 0; m < 2; m++)
		json_array_foreach(seq(data, members[m]), i, one)
			if ((group = ec2_group_named(where, text_of(one))))
				add(groups,
				    json_pack("{s:s, s:s}", "groupId", str(group, "groupId"),
					      "groupName", str(group, "groupName")));
	return groups;
}

static bool has_key_pair(json_t *where, const char *name)
{
	const char *id;
	json_t *pair;

	json_object_foreach(table(where, "key_pairs"), id, pair)
		if (!strcmp(str(pair, "keyName"), name))
			return true;
	return false;
}

char *ec2_wrong_data(json_t *where, const char *region, const json_t *data)
{
	static const char *const members[] = {"securityGroupIdSet", "securityGroupSet"};
	size_t i;
	json_t *one;

	if (!ec2_image(region, str(data, "imageId")))
		return mem_fmt("The image id '[%s]' does not exist", str(data, "imageId"));
	if (has(data, "keyName") && !has_key_pair(where, str(data, "keyName")))
		return mem_fmt("The key pair '%s' does not exist", str(data, "keyName"));
	for (int m = 0; m < 2; m++)
		json_array_foreach(seq(data, members[m]), i, one)
			if (!ec2_group_named(where, text_of(one)))
				return mem_fmt("The security group '%s' does not exist",
					       text_of(one));
	return NULL;
}

/* A refusal at launch as the Auto Scaling activities word it. */
static char *wont_launch(json_t *where, const struct ec2_launch *l)
{
	const json_t *knob =
	    json_object_get(json_object_get(behave(), "images"), str(l->data, "imageId"));

	if (!strcmp(str(knob, "launch"), "InsufficientInstanceCapacity"))
		return mem_fmt("We currently do not have sufficient %s capacity in the "
			       "Availability Zone you requested (%s). Our system will be working "
			       "on provisioning additional capacity.",
			       str(l->data, "instanceType"), l->zone);
	if (has(knob, "launch"))
		return mem_dup(str(knob, "launch"));
	return ec2_wrong_data(where, l->region, l->data);
}

static void tag_all(json_t *set, const json_t *tags)
{
	size_t i;
	json_t *tag;

	json_array_foreach(tags, i, tag)
		tag_put(set, str(tag, "key"), str(tag, "value"));
}

static void tag_new(json_t *instance, const struct ec2_launch *l)
{
	json_t *set = list(instance, "tagSet"), *spec;
	size_t i;

	json_array_foreach(seq(l->data, "tagSpecificationSet"), i, spec)
		if (!strcmp(str(spec, "resourceType"), "instance"))
			tag_all(set, seq(spec, "tagSet"));
	tag_all(set, l->tags);
}

static json_t *new_instance(json_t *where, const struct ec2_launch *l, const char *id)
{
	unsigned host = (unsigned)(fnv(id) % 60000);
	char private[16], public[16], now[32];
	json_t *subnet = ec2_subnet(where, l->subnet),
	       *image = ec2_image(l->region, str(l->data, "imageId"));

	snprintf(private, sizeof private, "172.31.%u.%u", host / 250, host % 250 + 4);
	snprintf(public, sizeof public, "203.0.%u.%u", host / 250 % 250, host % 250 + 4);
	return json_pack(
	    "{s:s, s:s, s:{}, s:s++, s:s++, s:s, s:s*, s:i, s:s, s:s, s:{s:s, s:s},"
	    " s:{s:s}, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:[]}",
	    "instanceId", id, "imageId", str(l->data, "imageId"), "instanceState", "privateDnsName",
	    "ip-", private, ".internal", "dnsName", "ec2-", public, ".example.com", "reason", "",
	    "keyName", has(l->data, "keyName") ? str(l->data, "keyName") : NULL, "amiLaunchIndex",
	    0, "instanceType", str(l->data, "instanceType"), "launchTime",
	    world_iso(world_now(), now), "placement", "availabilityZone", l->zone, "tenancy",
	    "default", "monitoring", "state", "disabled", "subnetId", l->subnet, "vpcId",
	    str(subnet, "vpcId"), "privateIpAddress", private, "ipAddress", public, "groupSet",
	    group_set(where, l->data), "architecture",
	    has(image, "architecture") ? str(image, "architecture") : "x86_64", "rootDeviceType",
	    "ebs", "rootDeviceName", "/dev/xvda", "virtualizationType", "hvm", "tagSet");
}

json_t *ec2_launch(json_t *where, const struct ec2_launch *l, char **why)
{
	const json_t *knob =
	    json_object_get(json_object_get(behave(), "images"), str(l->data, "imageId"));
	json_t *instance;
	char *id;

	*why = wont_launch(where, l);
	if (*why)
		return NULL;
	id = new_id("i-");
	instance = new_instance(where, l, id);
	put(table(where, "instances"), id, instance);
	free(id);
	put_int(instance, "_running_at", world_now() + phase_ms("pending"));
	if (has(l->data, "iamInstanceProfile"))
		put(instance, "iamInstanceProfile",
		    json_incref(json_object_get(l->data, "iamInstanceProfile")));
	if (has(l->data, "userData"))
		put_str(instance, "_user_data", str(l->data, "userData"));
	tag_new(instance, l);
	if (has(knob, "dies"))
		shut_down(instance, world_now() + num(knob, "dies", 0) * 1000);
	return instance;
}

static const struct filter filters[] = {
    {"image-id", "imageId"},
    {"instance-id", "instanceId"},
    {"instance-state-name", "instanceState.name"},
    {"instance-state-code", "instanceState.code"},
    {"instance-type", "instanceType"},
    {"instance.group-id", "groupSet.groupId"},
    {"instance.group-name", "groupSet.groupName"},
    {"key-name", "keyName"},
    {"availability-zone", "placement.availabilityZone"},
    {"private-ip-address", "privateIpAddress"},
    {"ip-address", "ipAddress"},
    {"subnet-id", "subnetId"},
    {"vpc-id", "vpcId"},
    {NULL, NULL},
};

void ec2_settle(json_t *where)
{
	json_t *all = json_object_get(where, "instances"), *i;
	const char *id;
	void *next;

	json_object_foreach_safe(all, next, id, i) {
		const char *word = ec2_state(i);

		if (num(i, "_gone_at", INT64_MAX) <= world_now())
			json_object_del(all, id);
		else if (strcmp(str(json_object_get(i, "instanceState"), "name"), word) != 0)
			put(i, "instanceState", state_object(word));
	}
}

static bool ids_known(struct request *r)
{
	size_t i;
	json_t *id;

	json_array_foreach(seq(r->params, "InstanceId"), i, id) {
		if (strncmp(text_of(id), "i-", 2) != 0)
			refuse(r, 400, "InvalidInstanceID.Malformed", "Invalid id: \"%s\"",
			       text_of(id));
		else if (!ec2_instance(aws_place(r), text_of(id)))
			refuse(r, 400, "InvalidInstanceID.NotFound",
			       "The instance ID '%s' does not exist", text_of(id));
		else
			continue;
		return false;
	}
	return true;
}

/* Those asked for, each with its state of now. */
static json_t *chosen(struct request *r)
{
	const json_t *ids = seq(r->params, "InstanceId");
	json_t *found, *i;
	const char *id;

	if (!filters_known(r, filters) || !ids_known(r))
		return NULL;
	found = json_array();
	json_object_foreach(table(aws_place(r), "instances"), id, i) {
		if (!ec2_instance(aws_place(r), id) || (json_array_size(ids) && !holds(ids, id)))
			continue;
		put(i, "instanceState", state_object(ec2_state(i)));
		if (filters_hold(r, i, filters))
			json_array_append(found, i);
	}
	return found;
}

json_t *describe_instances(struct request *r)
{
	json_t *found = chosen(r), *result, *one, *reservations;
	size_t i;

	if (!found)
		return NULL;
	if (json_array_size(seq(r->params, "InstanceId")) && has(r->params, "MaxResults")) {
		json_decref(found);
		return refuse(
		    r, 400, "InvalidParameterCombination",
		    "The parameter instancesSet cannot be used with the parameter maxResults");
	}
	reservations = json_array();
	json_array_foreach(found, i, one)
		add(reservations, json_pack("{s:s+, s:s, s:[], s:[O]}", "reservationId", "r-",
					    str(one, "instanceId") + 2, "ownerId", r->account,
					    "groupSet", "instancesSet", one));
	json_decref(found);
	result = json_object();
	if (page(r, result, "reservationSet", reservations, 1000))
		return result;
	json_decref(result);
	return NULL;
}

static json_t *status_of(const json_t *i)
{
	const json_t *knob =
	    json_object_get(json_object_get(behave(), "images"), str(i, "imageId"));
	bool settled = world_now() >= num(i, "_running_at", 0) + phase_ms("healthy");
	const char *word = !settled ? "initializing" : yes(knob, "impaired") ? "impaired" : "ok";

	return json_pack("{s:s, s:[{s:s, s:s}]}", "status", word, "details", "name", "reachability",
			 "status",
			 !settled                ? "initializing"
			 : yes(knob, "impaired") ? "failed"
						 : "passed");
}

json_t *describe_instance_status(struct request *r)
{
	json_t *found = chosen(r), *result, *all, *one;
	size_t i;

	if (!found)
		return NULL;
	all = json_array();
	json_array_foreach(found, i, one)
		if (!strcmp(ec2_state(one), "running") || yes(r->params, "IncludeAllInstances"))
			add(all,
			    json_pack("{s:s, s:s, s:o, s:o, s:o}", "instanceId",
				      str(one, "instanceId"), "availabilityZone",
				      str(json_object_get(one, "placement"), "availabilityZone"),
				      "instanceState", state_object(ec2_state(one)), "systemStatus",
				      status_of(one), "instanceStatus", status_of(one)));
	json_decref(found);
	result = json_object();
	if (page(r, result, "instanceStatusSet", all, 0))
		return result;
	json_decref(result);
	return NULL;
}

json_t *terminate_instances(struct request *r)
{
	json_t *id, *changes;
	size_t i;

	if (!args_given(r, "InstanceId", NULL) || !ids_known(r))
		return NULL;
	changes = json_array();
	json_array_foreach(seq(r->params, "InstanceId"), i, id) {
		json_t *one = ec2_instance(aws_place(r), text_of(id));
		json_t *before = state_object(ec2_state(one));

		ec2_terminate(one);
		add(changes, json_pack("{s:s, s:o, s:o}", "instanceId", text_of(id), "currentState",
				       state_object(ec2_state(one)), "previousState", before));
	}
	return json_pack("{s:o}", "instancesSet", changes);
}

json_t *get_console_output(struct request *r)
{
	static const char text[] = "[    0.000000] Linux version 6.1.0\ncloud-init: finished\n";
	struct buf output = {0};
	json_t *result;
	char now[32];

	if (!args_given(r, "InstanceId", NULL))
		return NULL;
	if (!ec2_instance(aws_place(r), arg(r, "InstanceId")))
		return refuse(r, 400, "InvalidInstanceID.NotFound",
			      "The instance ID '%s' does not exist", arg(r, "InstanceId"));
	buf_base64(&output, text, sizeof text - 1);
	result = json_pack("{s:s, s:s, s:s}", "instanceId", arg(r, "InstanceId"), "timestamp",
			   world_iso(world_now(), now), "output", output.data);
	buf_free(&output);
	return result;
}
