/* SPDX-License-Identifier: ISC
 * The states of machines follow from the moments written on them, so that they are right at any
 * time without being moved: _running_at, _stopping_at, _stopped_at, _shutdown_at, _terminated_at,
 * _gone_at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

const char *ec2_state(const json_t *i)
{
	int64_t now = world_now();

	if (now >= num(i, "_terminated_at", INT64_MAX))
		return "terminated";
	if (now >= num(i, "_shutdown_at", INT64_MAX))
		return "shutting-down";
	if (now >= num(i, "_stopped_at", INT64_MAX))
		return "stopped";
	if (now >= num(i, "_stopping_at", INT64_MAX))
		return "stopping";
	return now >= num(i, "_running_at", 0) ? "running" : "pending";
}

bool ec2_is(const json_t *i, const char *state)
{
	return !strcmp(ec2_state(i), state);
}

json_t *ec2_state_object(const char *name)
{
	static const struct {
		const char *name;
		int code;
	} codes[] = {{"pending", 0},     {"running", 16},  {"shutting-down", 32},
		     {"terminated", 48}, {"stopping", 64}, {"stopped", 80}};
	size_t i = 0;

	while (strcmp(codes[i].name, name) != 0)
		i++;
	return json_pack("{s:i, s:s}", "code", codes[i].code, "name", name);
}

static void explain(json_t *i, const char *code, const char *text)
{
	put_str(i, "_why", code);
	put_str(i, "_why_text", text);
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
	if (num(i, "_shutdown_at", INT64_MAX) <= world_now())
		return;
	explain(i, "Client.UserInitiatedShutdown", "User initiated shutdown");
	shut_down(i, world_now());
}

void ec2_dies_in(json_t *i, long long seconds, const char *code)
{
	if (*code)
		explain(i, code, "The launch came to nothing");
	else
		explain(i, "Server.InternalError", "Internal error on launch");
	shut_down(i, world_now() + seconds * 1000);
}

static void stop(json_t *i)
{
	put_int(i, "_stopping_at", world_now());
	put_int(i, "_stopped_at", world_now() + phase_ms("stopping"));
}

void ec2_stop(json_t *i)
{
	explain(i, "Client.UserInitiatedShutdown", "User initiated shutdown");
	stop(i);
}

void ec2_guest_shutdown(json_t *i)
{
	if (!ec2_is(i, "running") && !ec2_is(i, "pending"))
		return;
	explain(i, "Client.InstanceInitiatedShutdown", "Instance initiated shutdown");
	if (!strcmp(str(i, "_shutdown_behavior"), "terminate"))
		shut_down(i, world_now());
	else
		stop(i);
}

void ec2_start(json_t *i)
{
	json_object_del(i, "_stopping_at");
	json_object_del(i, "_stopped_at");
	json_object_del(i, "_why");
	put_int(i, "_boots", num(i, "_boots", 1) + 1);
	put_int(i, "_running_at", world_now() + phase_ms("pending"));
}

void ec2_reboot(json_t *i)
{
	put_int(i, "_boots", num(i, "_boots", 1) + 1);
	put_int(i, "_rebooted_at", world_now());
}

/* Those before and after a stop are one here, unless somebody writes another _public_ip. */
static void show_address(json_t *i, bool is_on)
{
	char *dashed = mem_dup(str(i, "_public_ip")), *name;

	for (char *dot = dashed; (dot = strchr(dot, '.'));)
		*dot = '-';
	name = mem_fmt("ec2-%s.%s.compute.example.com", dashed, str(i, "_region"));
	put_str(i, "dnsName", is_on ? name : "");
	if (is_on)
		put_str(i, "ipAddress", str(i, "_public_ip"));
	else
		json_object_del(i, "ipAddress");
	ec2_show_association(i);
	free(name);
	free(dashed);
}

static void show_reason(json_t *i, const char *word)
{
	bool starts = !strcmp(word, "pending");
	bool by_user = !starts && !strcmp(str(i, "_why"), "Client.UserInitiatedShutdown");
	char *text = mem_fmt("%s: %s", str(i, "_why"), str(i, "_why_text"));

	put_str(i, "reason", by_user ? "User initiated" : "");
	if (!strcmp(word, "running"))
		json_object_del(i, "stateReason");
	else
		put(i, "stateReason",
		    json_pack("{s:s, s:s}", "code", starts ? word : str(i, "_why"), "message",
			      starts ? word : text));
	free(text);
}

void ec2_show(json_t *i)
{
	const char *word = ec2_state(i);

	put(i, "instanceState", ec2_state_object(word));
	show_address(i, !strcmp(word, "running") && has(i, "_public_ip"));
	show_reason(i, word);
}

/* What a dead machine is described with no more; its tags stay. */
static void forget_parts(json_t *i)
{
	static const char *const parts[] = {"subnetId", "vpcId", "privateIpAddress"};

	for (size_t n = 0; n < sizeof parts / sizeof *parts; n++)
		json_object_del(i, parts[n]);
	put_str(i, "privateDnsName", "");
	put(i, "groupSet", json_array());
	put(i, "blockDeviceMapping", json_array());
	put(i, "networkInterfaceSet", json_array());
}

void ec2_entered(json_t *where, json_t *i)
{
	const char *word = ec2_state(i);

	ec2_show(i);
	put_str(i, "_entered", word);
	if (strcmp(word, "terminated") != 0)
		return;
	ec2_release_volumes(where, i);
	ec2_release_interfaces(where, i);
	forget_parts(i);
}

/* When its guest shuts down; what is due is done. */
static int64_t settle_guest(json_t *i)
{
	int64_t due = num(i, "_guest_off_at", INT64_MAX);

	if (world_now() < due)
		return due;
	json_object_del(i, "_guest_off_at");
	ec2_guest_shutdown(i);
	return INT64_MAX;
}

/* The next moment at which its state is another one. */
static int64_t next_change(const json_t *i)
{
	static const char *const moments[] = {"_running_at",  "_stopping_at",   "_stopped_at",
					      "_shutdown_at", "_terminated_at", "_gone_at"};
	int64_t next = INT64_MAX;

	for (size_t n = 0; n < sizeof moments / sizeof *moments; n++) {
		int64_t at = num(i, moments[n], INT64_MAX);

		if (at > world_now() && at < next)
			next = at;
	}
	return next;
}

int64_t ec2_settle(json_t *where)
{
	json_t *all = json_object_get(where, "instances"), *i;
	int64_t due = INT64_MAX;
	const char *id;
	void *next;

	json_object_foreach_safe(all, next, id, i) {
		int64_t one = settle_guest(i);

		due = one < due ? one : due;
		if (strcmp(str(i, "_entered"), ec2_state(i)) != 0)
			ec2_entered(where, i);
		one = next_change(i);
		due = one < due ? one : due;
		if (num(i, "_gone_at", INT64_MAX) <= world_now())
			json_object_del(all, id);
	}
	return due;
}
