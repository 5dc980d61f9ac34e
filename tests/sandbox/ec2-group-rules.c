/* SPDX-License-Identifier: ISC
 * The rules of security groups: each is kept in the permission of its protocol and ports, as
 * described. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

/* Where the peers of a permission are: in the request, in the answer, in a rule. */
static const struct peers {
	const char *asked, *asked_value, *kept, *kept_value, *rule;
} kinds[] = {
    {"IpRanges", "CidrIp", "ipRanges", "cidrIp", "cidrIpv4"},
    {"Ipv6Ranges", "CidrIpv6", "ipv6Ranges", "cidrIpv6", "cidrIpv6"},
    {"Groups", "GroupId", "groups", "groupId", NULL},
    {"PrefixListIds", "PrefixListId", "prefixListIds", "prefixListId", "prefixListId"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* IpPermissions, or the short form's one. New. */
static json_t *wished_permissions(const struct request *r)
{
	json_t *all = json_deep_copy(seq(r->params, "IpPermissions"));

	if (!json_array_size(all) && has(r->params, "CidrIp"))
		add(all, json_pack("{s:s, s:s, s:s, s:[{s:s}]}", "IpProtocol", arg(r, "IpProtocol"),
				   "FromPort", arg(r, "FromPort"), "ToPort", arg(r, "ToPort"),
				   "IpRanges", "CidrIp", arg(r, "CidrIp")));
	return all;
}

static bool is_cidr(const char *text)
{
	unsigned char bytes[16];
	char *address = mem_dup(text), *slash = strchr(address, '/');
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	bool good = slash && isdigit((unsigned char)slash[1]);

	if (slash)
		*slash = '\0';
	good = good && inet_pton(family, address, bytes) == 1 &&
	       strtol(slash + 1, NULL, 10) <= (family == AF_INET ? 32 : 128);
	free(address);
	return good;
}

/* That permission of the group, made if absent; "-1" has no ports. */
static json_t *permission(json_t *group, const json_t *wish, bool make)
{
	const char *protocol = str(wish, "IpProtocol");
	bool all = !strcmp(protocol, "-1");
	long long from = num(wish, "FromPort", -1), to = num(wish, "ToPort", -1);
	json_t *one;
	size_t i;

	json_array_foreach(seq(group, "ipPermissions"), i, one)
		if (!strcmp(str(one, "ipProtocol"), protocol) &&
		    (all || (num(one, "fromPort", -1) == from && num(one, "toPort", -1) == to)))
			return one;
	if (!make)
		return NULL;
	one = json_pack("{s:s}", "ipProtocol", protocol);
	if (!all) {
		put_int(one, "fromPort", from);
		put_int(one, "toPort", to);
	}
	for (int k = 0; k < KINDS; k++)
		list(one, kinds[k].kept);
	add(list(group, "ipPermissions"), one);
	return one;
}

static bool has_peer(const json_t *permission, const struct peers *k, const char *value)
{
	size_t i;
	json_t *one;

	json_array_foreach(seq(permission, k->kept), i, one)
		if (!strcmp(str(one, k->kept_value), value))
			return true;
	return false;
}

bool ec2_admits_group(const json_t *permission, const char *group)
{
	return has_peer(permission, &kinds[2], group);
}

static bool peer_good(struct request *r, json_t *group, const json_t *wish, const struct peers *k,
		      const char *value)
{
	if (k->rule && strstr(k->rule, "cidr") && !is_cidr(value))
		refuse(r, 400, "InvalidParameterValue", "CIDR block %s is malformed", value);
	else if (!k->rule && !json_object_get(table(aws_place(r), "security_groups"), value))
		refuse(r, 400, "InvalidGroup.NotFound", "The security group '%s' does not exist",
		       value);
	else if (has_peer(permission(group, wish, false), k, value))
		refuse(r, 400, "InvalidPermission.Duplicate",
		       "the specified rule \"peer: %s, %s, from port: %lld, to port: %lld, ALLOW\" "
		       "already exists",
		       value, str(wish, "IpProtocol"), num(wish, "FromPort", -1),
		       num(wish, "ToPort", -1));
	else
		return true;
	return false;
}

static json_t *new_rule(const struct request *r, const json_t *group, const json_t *wish,
			const struct peers *k, const char *value)
{
	char *id = new_id("sgr-");
	json_t *rule = json_pack(
	    "{s:s, s:s, s:s, s:b, s:s, s:I, s:I, s:o}", "securityGroupRuleId", id, "groupId",
	    str(group, "groupId"), "groupOwnerId", r->account, "isEgress", 0, "ipProtocol",
	    str(wish, "IpProtocol"), "fromPort", (json_int_t)num(wish, "FromPort", -1), "toPort",
	    (json_int_t)num(wish, "ToPort", -1), "tagSet", tags_of_new(r, "security-group-rule"));

	if (k->rule)
		put_str(rule, k->rule, value);
	else
		put(rule, "referencedGroupInfo",
		    json_pack("{s:s, s:s}", "groupId", value, "userId", r->account));
	free(id);
	return rule;
}

static void allow(json_t *group, const json_t *wish, const struct peers *k, const json_t *peer)
{
	json_t *one = json_pack("{s:s}", k->kept_value, str(peer, k->asked_value));

	if (has(peer, "Description"))
		put_str(one, "description", str(peer, "Description"));
	if (!k->rule)
		put_str(one, "userId", str(group, "ownerId"));
	add(list(permission(group, wish, true), k->kept), one);
}

/* Calls EACH for every peer of the permissions that are asked for; false as soon as that says so.
 */
static bool for_each_peer(struct request *r, json_t *group, json_t *rules, const json_t *wishes,
			  bool (*each)(struct request *r, json_t *group, json_t *rules,
				       const json_t *wish, const struct peers *k,
				       const json_t *peer))
{
	size_t i, j;
	json_t *wish, *peer;

	json_array_foreach(wishes, i, wish)
		for (int k = 0; k < KINDS; k++)
			json_array_foreach(seq(wish, kinds[k].asked), j, peer)
				if (!each(r, group, rules, wish, &kinds[k], peer))
					return false;
	return true;
}

static bool check_one(struct request *r, json_t *group, json_t *rules, const json_t *wish,
		      const struct peers *k, const json_t *peer)
{
	(void)rules;
	return peer_good(r, group, wish, k, str(peer, k->asked_value));
}

static bool allow_one(struct request *r, json_t *group, json_t *rules, const json_t *wish,
		      const struct peers *k, const json_t *peer)
{
	allow(group, wish, k, peer);
	add(rules, new_rule(r, group, wish, k, str(peer, k->asked_value)));
	return true;
}

json_t *authorize_ingress(struct request *r)
{
	json_t *group = ec2_named_group(r), *wishes, *rules;

	if (!group || !ec2_tag_types_good(r, "security-group-rule"))
		return NULL;
	wishes = wished_permissions(r);
	rules = json_array();
	if (!json_array_size(wishes))
		refuse(r, 400, "MissingParameter",
		       "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.");
	else if (for_each_peer(r, group, NULL, wishes, check_one) &&
		 for_each_peer(r, group, rules, wishes, allow_one) && !json_array_size(rules))
		refuse(r, 400, "InvalidParameterValue", "Invalid value 'null' for cidrIp.");
	json_decref(wishes);
	if (json_array_size(rules))
		return json_pack("{s:b, s:o}", "return", 1, "securityGroupRuleSet", rules);
	json_decref(rules);
	return NULL;
}

static bool forbid_one(struct request *r, json_t *group, json_t *rules, const json_t *wish,
		       const struct peers *k, const json_t *peer)
{
	json_t *kept = list(permission(group, wish, true), k->kept), *one;
	size_t i;

	(void)r;
	json_array_foreach(kept, i, one)
		if (!strcmp(str(one, k->kept_value), str(peer, k->asked_value))) {
			json_array_append(rules, one);
			json_array_remove(kept, i);
			return true;
		}
	return true;
}

static void drop_empty(json_t *group)
{
	json_t *all = list(group, "ipPermissions");

	for (size_t i = json_array_size(all); i-- > 0;) {
		size_t peers = 0;

		for (int k = 0; k < KINDS; k++)
			peers += json_array_size(seq(json_array_get(all, i), kinds[k].kept));
		if (!peers)
			json_array_remove(all, i);
	}
}

json_t *revoke_ingress(struct request *r)
{
	json_t *group = ec2_named_group(r), *wishes, *gone;
	bool any;

	if (!group)
		return NULL;
	wishes = wished_permissions(r);
	gone = json_array();
	for_each_peer(r, group, gone, wishes, forbid_one);
	drop_empty(group);
	any = json_array_size(gone) > 0;
	json_decref(gone);
	json_decref(wishes);
	if (any)
		return json_pack("{s:b, s:[]}", "return", 1, "unknownIpPermissionSet");
	return refuse(r, 400, "InvalidPermission.NotFound",
		      "The specified rule does not exist in this security group.");
}
