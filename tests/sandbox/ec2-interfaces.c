/* SPDX-License-Identifier: ISC
 * Network interfaces: a machine has one, shown with it and in the list of its own. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static json_t *new_interface(const json_t *instance)
{
	char *id = new_id("eni-"), *attachment = new_id("eni-attach-"), now[32];
	const char *address = str(instance, "privateIpAddress");
	const char *name = str(instance, "privateDnsName");
	unsigned long long mac = fnv(id);
	json_t *one = json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:o, s:O, s:s, s:s, s:[{s:s, s:s, s:b}],"
	    " s:[], s:{s:s, s:s, s:b, s:i, s:i, s:s}}",
	    "networkInterfaceId", id, "subnetId", str(instance, "subnetId"), "vpcId",
	    str(instance, "vpcId"), "description", "", "ownerId", str(instance, "_account"),
	    "status", "in-use", "sourceDestCheck", 1, "interfaceType", "interface", "macAddress",
	    json_sprintf("02:%02x:%02x:%02x:%02x:%02x", (unsigned)(mac & 255),
			 (unsigned)(mac >> 8 & 255), (unsigned)(mac >> 16 & 255),
			 (unsigned)(mac >> 24 & 255), (unsigned)(mac >> 32 & 255)),
	    "groupSet", json_object_get(instance, "groupSet"), "privateIpAddress", address,
	    "privateDnsName", name, "privateIpAddressesSet", "privateIpAddress", address,
	    "privateDnsName", name, "primary", 1, "ipv6AddressesSet", "attachment", "attachmentId",
	    attachment, "attachTime", world_iso(world_now(), now), "deleteOnTermination", 1,
	    "deviceIndex", 0, "networkCardIndex", 0, "status", "attached");

	free(attachment);
	free(id);
	return one;
}

void ec2_attach_interface(json_t *where, json_t *instance, const json_t *data)
{
	json_t *shown = new_interface(instance), *one = json_deep_copy(shown);

	put(instance, "networkInterfaceSet", json_pack("[o]", shown));
	put(one, "tagSet", ec2_spec_tags(data, "network-interface")); /* only in its own list */
	put_str(json_object_get(one, "attachment"), "instanceId", str(instance, "instanceId"));
	put(table(where, "network_interfaces"), str(one, "networkInterfaceId"), one);
}

void ec2_show_association(json_t *instance)
{
	json_t *card = json_array_get(seq(instance, "networkInterfaceSet"), 0);
	json_t *address = json_array_get(seq(card, "privateIpAddressesSet"), 0);

	if (!card)
		return;
	json_object_del(card, "association");
	json_object_del(address, "association");
	if (!has(instance, "ipAddress"))
		return;
	put(card, "association",
	    json_pack("{s:s, s:s, s:s}", "ipOwnerId", "amazon", "publicDnsName",
		      str(instance, "dnsName"), "publicIp", str(instance, "ipAddress")));
	put(address, "association", json_deep_copy(json_object_get(card, "association")));
}

void ec2_put_groups(json_t *where, json_t *instance, json_t *groups)
{
	json_t *card = json_array_get(seq(instance, "networkInterfaceSet"), 0);
	json_t *one =
	    json_object_get(table(where, "network_interfaces"), str(card, "networkInterfaceId"));

	if (card)
		put(card, "groupSet", json_deep_copy(groups));
	if (one)
		put(one, "groupSet", json_deep_copy(groups));
	put(instance, "groupSet", groups);
}

void ec2_release_interfaces(json_t *where, const json_t *instance)
{
	json_t *all = table(where, "network_interfaces"), *one;
	const char *id;
	void *next;

	json_object_foreach_safe(all, next, id, one)
		if (!strcmp(str(json_object_get(one, "attachment"), "instanceId"),
			    str(instance, "instanceId")))
			json_object_del(all, id);
}

json_t *describe_interfaces(struct request *r)
{
	static const struct filter filters[] = {{"attachment.instance-id", "attachment.instanceId"},
						{"group-id", "groupSet.groupId"},
						{"network-interface-id", "networkInterfaceId"},
						{"private-ip-address", "privateIpAddress"},
						{"status", "status"},
						{"subnet-id", "subnetId"},
						{"vpc-id", "vpcId"},
						{NULL, NULL}};

	return describe(r, &(struct describing){"network_interfaces", "networkInterfaceSet",
						"NetworkInterfaceId", "networkInterfaceId", NULL,
						NULL, "InvalidNetworkInterfaceID.NotFound",
						"The networkInterface ID '%s' does not exist",
						filters});
}
