/* SPDX-License-Identifier: ISC
 * Machines as they are listed, and what is done to those that are there. */
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

static const struct filter filters[] = {
    {"architecture", "architecture"},
    {"availability-zone", "placement.availabilityZone"},
    {"block-device-mapping.volume-id", "blockDeviceMapping.ebs.volumeId"},
    {"client-token", "clientToken"},
    {"dns-name", "dnsName"},
    {"group-id", "groupSet.groupId"},
    {"iam-instance-profile.arn", "iamInstanceProfile.arn"},
    {"image-id", "imageId"},
    {"instance-id", "instanceId"},
    {"instance-state-code", "instanceState.code"},
    {"instance-state-name", "instanceState.name"},
    {"instance-type", "instanceType"},
    {"instance.group-id", "groupSet.groupId"},
    {"instance.group-name", "groupSet.groupName"},
    {"ip-address", "ipAddress"},
    {"key-name", "keyName"},
    {"launch-time", "launchTime"},
    {"network-interface.network-interface-id", "networkInterfaceSet.networkInterfaceId"},
    {"owner-id", "_account"},
    {"private-dns-name", "privateDnsName"},
    {"private-ip-address", "privateIpAddress"},
    {"reservation-id", "_reservation"},
    {"root-device-type", "rootDeviceType"},
    {"state-reason-code", "stateReason.code"},
    {"subnet-id", "subnetId"},
    {"vpc-id", "vpcId"},
    {NULL, NULL},
};

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
		ec2_show(i);
		if (filters_hold(r, i, filters))
			json_array_append(found, i);
	}
	return found;
}

/* Machines of one launch follow each other. */
static void add_to_reservation(const struct request *r, json_t *reservations, json_t *one)
{
	json_t *last = json_array_get(reservations, json_array_size(reservations) - 1);
	char *id = has(one, "_reservation") ? mem_dup(str(one, "_reservation"))
					    : mem_fmt("r-%s", str(one, "instanceId") + 2);

	if (last && !strcmp(str(last, "reservationId"), id))
		json_array_append(list(last, "instancesSet"), one);
	else
		add(reservations,
		    json_pack("{s:s, s:s, s:[], s:[O]}", "reservationId", id, "ownerId", r->account,
			      "groupSet", "instancesSet", one));
	free(id);
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
		add_to_reservation(r, reservations, one);
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
				      "instanceState", ec2_state_object(ec2_state(one)),
				      "systemStatus", status_of(one), "instanceStatus",
				      status_of(one)));
	json_decref(found);
	result = json_object();
	if (page(r, result, "instanceStatusSet", all, 0))
		return result;
	json_decref(result);
	return NULL;
}

/* Does it to all that InstanceId names. */
static json_t *change_states(struct request *r, void (*change)(json_t *i))
{
	json_t *id, *changes = json_array();
	size_t i;

	json_array_foreach(seq(r->params, "InstanceId"), i, id) {
		json_t *one = ec2_instance(aws_place(r), text_of(id));
		json_t *before = ec2_state_object(ec2_state(one));

		change(one);
		if (strcmp(str(before, "name"), ec2_state(one)) != 0)
			ec2_entered(aws_place(r), one);
		add(changes, json_pack("{s:s, s:o, s:o}", "instanceId", text_of(id), "currentState",
				       ec2_state_object(ec2_state(one)), "previousState", before));
	}
	return json_pack("{s:o}", "instancesSet", changes);
}

static bool all_unprotected(struct request *r)
{
	json_t *id;
	size_t i;

	json_array_foreach(seq(r->params, "InstanceId"), i, id)
		if (yes(ec2_instance(aws_place(r), text_of(id)), "_protected")) {
			refuse(r, 400, "OperationNotPermitted",
			       "The instance '%s' may not be terminated. Modify its "
			       "'disableApiTermination' instance attribute and try again.",
			       text_of(id));
			return false;
		}
	return true;
}

json_t *terminate_instances(struct request *r)
{
	if (!args_given(r, "InstanceId", NULL) || !ids_known(r) || !all_unprotected(r))
		return NULL;
	return change_states(r, ec2_terminate);
}

/* Whether all are in one of these states, else refused. */
static bool all_in(struct request *r, const char *const states[], const char *verb)
{
	json_t *id;
	size_t i;

	json_array_foreach(seq(r->params, "InstanceId"), i, id) {
		const json_t *one = ec2_instance(aws_place(r), text_of(id));
		size_t s = 0;

		while (states[s] && !ec2_is(one, states[s]))
			s++;
		if (states[s])
			continue;
		refuse(r, 400, "IncorrectInstanceState",
		       ec2_is(one, "pending") ? "Instance '%s' cannot be %s as it has never "
						"reached the 'running' state."
					      : "The instance '%s' is not in a state from which it "
						"can be %s.",
		       text_of(id), verb);
		return false;
	}
	return true;
}

static void stop_running(json_t *i)
{
	if (ec2_is(i, "running"))
		ec2_stop(i);
}

static void start_stopped(json_t *i)
{
	if (ec2_is(i, "stopped"))
		ec2_start(i);
}

json_t *stop_instances(struct request *r)
{
	static const char *const states[] = {"running", "stopping", "stopped", NULL};

	if (!args_given(r, "InstanceId", NULL) || !ids_known(r) || !all_in(r, states, "stopped"))
		return NULL;
	return change_states(r, stop_running);
}

json_t *start_instances(struct request *r)
{
	static const char *const states[] = {"stopped", "pending", "running", NULL};

	if (!args_given(r, "InstanceId", NULL) || !ids_known(r) || !all_in(r, states, "started"))
		return NULL;
	return change_states(r, start_stopped);
}

json_t *reboot_instances(struct request *r)
{
	static const char *const states[] = {"running", NULL};
	json_t *id;
	size_t i;

	if (!args_given(r, "InstanceId", NULL) || !ids_known(r) || !all_in(r, states, "rebooted"))
		return NULL;
	json_array_foreach(seq(r->params, "InstanceId"), i, id)
		ec2_reboot(ec2_instance(aws_place(r), text_of(id)));
	return json_pack("{s:b}", "return", 1);
}
