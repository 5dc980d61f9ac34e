/* SPDX-License-Identifier: ISC
 * EC2's instances as `instance` records. */
#include <string.h>

#include "../address.h"
#include "../mem.h"
#include "driver.h"
#include "image.h"

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

static void put_text(json_t *object, const char *key, const char *text)
{
	if (*text)
		put(object, key, json_string(text));
}

static const char *state_of(const json_t *instance)
{
	return aws_str(json_object_get(instance, "instanceState"), "name");
}

/* One that stops is not off yet. */
static const char *status_of(const char *state)
{
	static const char *const words[][2] = {
	    {"pending", "new"}, {"running", "active"},         {"stopping", "active"},
	    {"stopped", "off"}, {"shutting-down", "deleting"}, {"terminated", "gone"}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(state, words[i][0]))
			return words[i][1];
	return "error";
}

struct addresses {
	json_t *all;
	json_t *private_v4, *public_v4, *v6; /* the first of each: borrowed */
	const char *account;
};

static void add(struct addresses *a, const char *text, const char *type, json_t **first)
{
	struct address address;
	char plain[ADDRESS_SIZE];
	json_t *entry, *other;
	size_t i;

	if (!address_parse(text, &address))
		return;
	address_text(&address, plain);
	json_array_foreach(a->all, i, other)
		if (!strcmp(aws_str(other, "address"), plain))
			return;
	entry = ec2_sure(
	    json_pack("{s:s, s:s, s:b}", "address", plain, "type", type, "primary", !*first));
	if (json_array_append_new(a->all, entry))
		mem_out();
	if (!*first)
		*first = entry;
}

/* An elastic address is the account's own, others are Amazon's. */
static void add_association(struct addresses *a, const json_t *association)
{
	const char *owner = aws_str(association, "ipOwnerId");

	add(a, aws_str(association, "publicIp"),
	    *owner && strcmp(owner, "amazon") != 0 ? "reserved" : "public", &a->public_v4);
}

static void add_interface(struct addresses *a, const json_t *interface)
{
	size_t i;
	json_t *one;

	json_array_foreach(aws_arr(interface, "privateIpAddressesSet"), i, one) {
		add(a, aws_str(one, "privateIpAddress"), "private", &a->private_v4);
		add_association(a, json_object_get(one, "association"));
	}
	json_array_foreach(aws_arr(interface, "ipv6AddressesSet"), i, one)
		add(a, aws_str(one, "ipv6Address"), "public", &a->v6);
}

static void put_addresses(json_t *record, const json_t *instance)
{
	struct addresses a = {.all = ec2_sure(json_array())};
	size_t i;
	json_t *one, *public = json_object(), *private = json_object();

	add(&a, aws_str(instance, "privateIpAddress"), "private", &a.private_v4);
	json_array_foreach(aws_arr(instance, "networkInterfaceSet"), i, one)
		add_interface(&a, one);
	add(&a, aws_str(instance, "ipAddress"), "public", &a.public_v4);
	add(&a, aws_str(instance, "ipv6Address"), "public", &a.v6);
	put_text(private, "ipv4", aws_str(a.private_v4, "address"));
	put_text(public, "ipv4", aws_str(a.public_v4, "address"));
	put_text(public, "ipv6", aws_str(a.v6, "address"));
	put(record, "private_network_interfaces", private);
	put(record, "public_network_interfaces", public);
	put(record, "addresses", a.all);
}

static void put_groups(json_t *record, const json_t *instance)
{
	json_t *groups = json_array(), *one;
	size_t i;

	json_array_foreach(aws_arr(instance, "groupSet"), i, one)
		json_array_append_new(groups, json_string(aws_str(one, "groupId")));
	put(record, "security_groups", groups);
}

json_t *ec2_instance_record(const json_t *instance, const char *region, const char *account)
{
	const char *owner = aws_str(instance, "ownerId");
	json_t *record = ec2_sure(json_pack("{s:s, s:s, s:s*}", "kind", "instance", "provider",
					    "aws", "account", *owner ? owner : account));

	put(record, "id", json_string(aws_str(instance, "instanceId")));
	put_text(record, "name", ec2_tag(aws_arr(instance, "tagSet"), "Name"));
	put(record, "region", json_string(region));
	put_text(record, "zone",
		 aws_str(json_object_get(instance, "placement"), "availabilityZone"));
	put_text(record, "size", aws_str(instance, "instanceType"));
	put_text(record, "image", aws_str(instance, "imageId"));
	put_addresses(record, instance);
	put_text(record, "subnet", aws_str(instance, "subnetId"));
	put_groups(record, instance);
	if (*aws_str(instance, "keyName"))
		put(record, "keys", json_pack("[s]", aws_str(instance, "keyName")));
	put(record, "status", json_string(status_of(state_of(instance))));
	put_text(record, "provider_status", state_of(instance));
	put_text(record, "reason", aws_str(json_object_get(instance, "stateReason"), "message"));
	put_text(record, "created", aws_str(instance, "launchTime"));
	aws_put_tags(record, aws_arr(instance, "tagSet"));
	return record;
}

bool ec2_instance_ready(const json_t *instance)
{
	json_auto_t *addresses = json_object();

	put_addresses(addresses, instance);
	return !strcmp(state_of(instance), "running") &&
	       json_array_size(json_object_get(addresses, "addresses"));
}

bool ec2_instance_no_room(const json_t *instance)
{
	return !strcmp(aws_str(json_object_get(instance, "stateReason"), "code"),
		       "Server.InsufficientInstanceCapacity");
}
