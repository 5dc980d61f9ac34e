/* SPDX-License-Identifier: ISC
 * What a machine is made of: the data of a launch template, or of RunInstances in its form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static const char *const group_members[] = {"securityGroupIdSet", "securityGroupSet"};

static void add_group(json_t *groups, const json_t *group)
{
	add(groups, json_pack("{s:s, s:s}", "groupId", str(group, "groupId"), "groupName",
			      str(group, "groupName")));
}

static json_t *group_set(json_t *where, const json_t *data)
{
	json_t *groups = json_array(), *group, *one;
	size_t i;

	for (int m = 0; m < 2; m++)
		json_array_foreach(seq(data, group_members[m]), i, one)
			if ((group = ec2_group_named(where, text_of(one))))
				add_group(groups, group);
	if (!json_array_size(groups) && (group = ec2_group_named(where, "default")))
		add_group(groups, group);
	return groups;
}

char *ec2_wrong_data(json_t *where, const char *region, const json_t *data)
{
	size_t i;
	json_t *one;

	if (strncmp(str(data, "imageId"), "resolve:", 8) != 0 &&
	    !ec2_image(region, str(data, "imageId")))
		return mem_fmt("The image id '[%s]' does not exist", str(data, "imageId"));
	if (has(data, "keyName") && !ec2_key_named(where, str(data, "keyName")))
		return mem_fmt("The key pair '%s' does not exist", str(data, "keyName"));
	for (int m = 0; m < 2; m++)
		json_array_foreach(seq(data, group_members[m]), i, one)
			if (!ec2_group_named(where, text_of(one)))
				return mem_fmt("The security group '%s' does not exist",
					       text_of(one));
	return NULL;
}

static bool is_short(const char *zone, const char *type)
{
	const json_t *short_of = json_object_get(behave(), "capacity");
	const json_t *here = seq(short_of, zone), *anywhere = seq(short_of, "*");

	return holds(here, type) || holds(here, "*") || holds(anywhere, type);
}

char *ec2_no_capacity(const char *zone, const json_t *data)
{
	const json_t *knob =
	    json_object_get(json_object_get(behave(), "images"), str(data, "imageId"));

	if (strcmp(str(knob, "launch"), "InsufficientInstanceCapacity") != 0 &&
	    !is_short(zone, str(data, "instanceType")))
		return NULL;
	return mem_fmt("We currently do not have sufficient %s capacity in the Availability Zone "
		       "you requested (%s). Our system will be working on provisioning additional "
		       "capacity.",
		       str(data, "instanceType"), zone);
}

/* A refusal at launch as the Auto Scaling activities word it. */
static char *wont_launch(json_t *where, const struct ec2_launch *l)
{
	const json_t *knob =
	    json_object_get(json_object_get(behave(), "images"), str(l->data, "imageId"));
	char *why = ec2_no_capacity(l->zone, l->data);

	if (why)
		return why;
	if (has(knob, "launch"))
		return mem_dup(str(knob, "launch"));
	return ec2_wrong_data(where, l->region, l->data);
}

json_t *ec2_spec_tags(const json_t *data, const char *type)
{
	json_t *set = json_array(), *spec, *tag;
	size_t i, j;

	json_array_foreach(seq(data, "tagSpecificationSet"), i, spec)
		if (!strcmp(str(spec, "resourceType"), type))
			json_array_foreach(seq(spec, "tagSet"), j, tag)
				tag_put(set, str(tag, "key"), str(tag, "value"));
	return set;
}

static void tag_new(json_t *instance, const struct ec2_launch *l)
{
	json_t *set = ec2_spec_tags(l->data, "instance"), *tag;
	size_t i;

	json_array_foreach(l->tags, i, tag)
		tag_put(set, str(tag, "key"), str(tag, "value"));
	put(instance, "tagSet", set);
}

static json_t *metadata_options(const json_t *data, const json_t *image)
{
	const json_t *wish = json_object_get(data, "metadataOptions");
	const char *tokens = has(wish, "httpTokens")                      ? str(wish, "httpTokens")
			     : !strcmp(str(image, "imdsSupport"), "v2.0") ? "required"
									  : "optional";

	return json_pack(
	    "{s:s, s:s, s:I, s:s, s:s, s:s}", "state", "applied", "httpTokens", tokens,
	    "httpPutResponseHopLimit", (json_int_t)num(wish, "httpPutResponseHopLimit", 1),
	    "httpEndpoint", has(wish, "httpEndpoint") ? str(wish, "httpEndpoint") : "enabled",
	    "httpProtocolIpv6", "disabled", "instanceMetadataTags",
	    has(wish, "instanceMetadataTags") ? str(wish, "instanceMetadataTags") : "disabled");
}

static json_t *new_instance(json_t *where, const struct ec2_launch *l, const char *id)
{
	unsigned host = (unsigned)(fnv(id) % 60000);
	char private[16], public[16], now[32];
	json_t *subnet = ec2_subnet(where, l->subnet),
	       *image = ec2_image(l->region, str(l->data, "imageId"));

	snprintf(private, sizeof private, "172.31.%u.%u", host / 250, host % 250 + 4);
	snprintf(public, sizeof public, "203.0.%u.%u", host / 250 % 250, host % 250 + 4);
	return json_pack("{s:s, s:s, s:{}, s:s++, s:s, s:s, s:s*, s:i, s:s, s:s, s:{s:s, s:s, s:s},"
			 " s:{s:s}, s:s, s:s, s:s, s:b, s:o, s:s, s:s, s:s, s:s, s:s, s:b, s:b, "
			 "s:o, s:s, s:s, s:s}",
			 "instanceId", id, "imageId", str(l->data, "imageId"), "instanceState",
			 "privateDnsName", "ip-", private, ".internal", "dnsName", "", "reason", "",
			 "keyName", has(l->data, "keyName") ? str(l->data, "keyName") : NULL,
			 "amiLaunchIndex", 0, "instanceType", str(l->data, "instanceType"),
			 "launchTime", world_iso(world_now(), now), "placement", "availabilityZone",
			 l->zone, "groupName", "", "tenancy", "default", "monitoring", "state",
			 "disabled", "subnetId", l->subnet, "vpcId", str(subnet, "vpcId"),
			 "privateIpAddress", private, "sourceDestCheck", 1, "groupSet",
			 group_set(where, l->data), "architecture",
			 has(image, "architecture") ? str(image, "architecture") : "x86_64",
			 "rootDeviceType", "ebs", "rootDeviceName",
			 has(image, "rootDeviceName") ? str(image, "rootDeviceName") : "/dev/xvda",
			 "virtualizationType", "hvm", "hypervisor", "xen", "ebsOptimized", 0,
			 "enaSupport", 1, "metadataOptions", metadata_options(l->data, image),
			 "_public_ip", public, "_region", l->region, "_account", l->account);
}

/* What is on the machine beside what describes it. */
static void equip(json_t *where, json_t *instance, const json_t *data)
{
	const json_t *key = ec2_key_named(where, str(data, "keyName"));

	if (has(data, "iamInstanceProfile"))
		put(instance, "iamInstanceProfile",
		    json_incref(json_object_get(data, "iamInstanceProfile")));
	if (has(data, "userData"))
		put_str(instance, "_user_data", str(data, "userData"));
	if (has(key, "publicKey"))
		put_str(instance, "_public_key", str(key, "publicKey"));
	put_str(instance, "_shutdown_behavior",
		has(data, "instanceInitiatedShutdownBehavior")
		    ? str(data, "instanceInitiatedShutdownBehavior")
		    : "stop");
	if (yes(data, "disableApiTermination"))
		put(instance, "_protected", json_true());
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
	if (l->is_machine)
		ec2_make_machine(instance, ec2_image(l->region, str(l->data, "imageId")));
	put(table(where, "instances"), id, instance);
	free(id);
	put_int(instance, "_running_at", world_now() + phase_ms("pending"));
	put(instance, "productCodes", json_array());
	put(instance, "hibernationOptions", json_pack("{s:b}", "configured", 0));
	equip(where, instance, l->data);
	tag_new(instance, l);
	ec2_attach_volumes(where, instance, l->data);
	ec2_attach_interface(where, instance, l->data);
	if (has(knob, "dies"))
		ec2_dies_in(instance, num(knob, "dies", 0), str(knob, "dies_of"));
	if (has(knob, "guest_off"))
		put_int(instance, "_guest_off_at",
			num(instance, "_running_at", 0) + num(knob, "guest_off", 0) * 1000);
	ec2_entered(where, instance);
	return instance;
}
