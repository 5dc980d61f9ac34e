/* SPDX-License-Identifier: ISC
 * Security groups. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static json_t *groups(const struct request *r)
{
	return table(aws_place(r), "security_groups");
}

json_t *ec2_group_named(json_t *where, const char *name_or_id)
{
	const char *key;
	json_t *group;

	json_object_foreach(table(where, "security_groups"), key, group)
		if (!strcmp(str(group, "groupName"), name_or_id) ||
		    !strcmp(str(group, "groupId"), name_or_id))
			return group;
	return NULL;
}

json_t *ec2_new_group(const char *account, const char *id, const char *name, const char *text,
		      const char *vpc)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[], s:[{s:s, s:[], s:[{s:s}], s:[], s:[]}],"
			 " s:[]}",
			 "ownerId", account, "groupId", id, "groupName", name, "groupDescription",
			 text, "vpcId", vpc, "ipPermissions", "ipPermissionsEgress", "ipProtocol",
			 "-1", "groups", "ipRanges", "cidrIp", "0.0.0.0/0", "ipv6Ranges",
			 "prefixListIds", "tagSet");
}

json_t *describe_security_groups(struct request *r)
{
	static const struct filter filters[] = {
	    {"description", "groupDescription"},
	    {"group-id", "groupId"},
	    {"group-name", "groupName"},
	    {"ip-permission.cidr", "ipPermissions.ipRanges.cidrIp"},
	    {"ip-permission.from-port", "ipPermissions.fromPort"},
	    {"ip-permission.group-id", "ipPermissions.groups.groupId"},
	    {"ip-permission.protocol", "ipPermissions.ipProtocol"},
	    {"ip-permission.to-port", "ipPermissions.toPort"},
	    {"owner-id", "ownerId"},
	    {"vpc-id", "vpcId"},
	    {NULL, NULL}};

	return describe(r, &(struct describing){"security_groups", "securityGroupInfo", "GroupId",
						"groupId", "GroupName", "groupName",
						"InvalidGroup.NotFound",
						"The security group '%s' does not exist", filters});
}

static const char *default_vpc(const struct request *r)
{
	const char *id;
	json_t *vpc;

	json_object_foreach(table(aws_place(r), "vpcs"), id, vpc)
		if (yes(vpc, "isDefault"))
			return id;
	return "";
}

static bool name_good(struct request *r, const char *name, const char *vpc)
{
	const char *id;
	json_t *one;

	json_object_foreach(groups(r), id, one)
		if (!strcmp(str(one, "groupName"), name) && !strcmp(str(one, "vpcId"), vpc)) {
			refuse(r, 400, "InvalidGroup.Duplicate",
			       "The security group '%s' already exists for VPC '%s'", name, vpc);
			return false;
		}
	if (!strncmp(name, "sg-", 3))
		refuse(r, 400, "InvalidParameterValue",
		       "Invalid value '%s' for groupName. Group names may not be in the format "
		       "sg-*.",
		       name);
	else if (strlen(name) > 255)
		refuse(r, 400, "InvalidParameterValue",
		       "Value (%s) for parameter GroupName is invalid. Character sets and length "
		       "are limited.",
		       name);
	else
		return true;
	return false;
}

json_t *create_security_group(struct request *r)
{
	const char *name = arg(r, "GroupName"),
		   *vpc = has(r->params, "VpcId") ? arg(r, "VpcId") : default_vpc(r);
	json_t *group, *result;
	char *id;

	if (!args_given(r, "GroupName", "GroupDescription", NULL) ||
	    !ec2_tag_types_good(r, "security-group"))
		return NULL;
	if (!json_object_get(table(aws_place(r), "vpcs"), vpc))
		return refuse(r, 400, "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist",
			      vpc);
	if (!name_good(r, name, vpc))
		return NULL;
	id = new_id("sg-");
	group = ec2_new_group(r->account, id, name, arg(r, "GroupDescription"), vpc);
	put(group, "tagSet", tags_of_new(r, "security-group"));
	put(groups(r), id, group);
	result = json_pack("{s:b, s:s, s:O, s:s++++}", "return", 1, "groupId", id, "tagSet",
			   json_object_get(group, "tagSet"), "securityGroupArn",
			   "arn:aws:ec2:", r->region, ":", r->account, ":security-group/");
	put(result, "securityGroupArn", json_sprintf("%s%s", str(result, "securityGroupArn"), id));
	free(id);
	return result;
}

json_t *ec2_named_group(struct request *r)
{
	const char *id = arg(r, "GroupId"), *name = arg(r, "GroupName");
	json_t *group = *id ? json_object_get(groups(r), id) : ec2_group_named(aws_place(r), name);

	if (group)
		return group;
	if (!*id && !*name)
		return refuse(r, 400, "MissingParameter",
			      "The request must contain the parameter GroupName or GroupId");
	if (*id && strncmp(id, "sg-", 3) != 0)
		return refuse(r, 400, "InvalidGroupId.Malformed",
			      "Invalid id: \"%s\" (expecting \"sg-...\")", id);
	return refuse(r, 400, "InvalidGroup.NotFound", "The security group '%s' does not exist",
		      *id ? id : name);
}

static bool is_referenced(const struct request *r, const char *id)
{
	const char *key;
	json_t *one, *permission_of;
	size_t i;

	json_object_foreach(table(aws_place(r), "network_interfaces"), key, one)
		for (i = 0; i < json_array_size(seq(one, "groupSet")); i++)
			if (!strcmp(str(json_array_get(seq(one, "groupSet"), i), "groupId"), id))
				return true;
	json_object_foreach(groups(r), key, one)
		json_array_foreach(seq(one, "ipPermissions"), i, permission_of)
			if (strcmp(key, id) != 0 && ec2_admits_group(permission_of, id))
				return true;
	return false;
}

json_t *delete_security_group(struct request *r)
{
	json_t *group = ec2_named_group(r), *result;
	const char *id = str(group, "groupId");

	if (!group)
		return NULL;
	if (!strcmp(str(group, "groupName"), "default"))
		return refuse(r, 400, "CannotDelete",
			      "the specified group: \"%s\" name: \"default\" cannot be deleted by "
			      "a user",
			      id);
	if (is_referenced(r, id))
		return refuse(r, 400, "DependencyViolation", "resource %s has a dependent object",
			      id);
	result = json_pack("{s:b, s:s}", "return", 1, "groupId", id);
	json_object_del(groups(r), id);
	return result;
}
