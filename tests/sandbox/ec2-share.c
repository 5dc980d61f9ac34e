/* SPDX-License-Identifier: ISC
 * Permissions on images (launchPermission) and snapshots (createVolumePermission), kept as
 * _permissions: [{"userId"}, {"group"}, {"organizationArn"}, {"organizationalUnitArn"}]. */
#include <string.h>

#include "ec2.h"

static const char *const names[] = {"LaunchPermission", "CreateVolumePermission"};

/* What OperationType OPERATION names by lists: UserId.1 … */
static void add_listed(const struct request *r, json_t *all, const char *operation)
{
	static const char *const lists[][2] = {{"UserId", "userId"},
					       {"UserGroup", "group"},
					       {"OrganizationArn", "organizationArn"},
					       {"OrganizationalUnitArn", "organizationalUnitArn"}};
	size_t i, n;
	json_t *one;

	if (strcmp(arg(r, "OperationType"), operation) != 0)
		return;
	for (n = 0; n < sizeof lists / sizeof *lists; n++)
		json_array_foreach(seq(r->params, lists[n][0]), i, one)
			add(all, json_pack("{s:s}", lists[n][1], text_of(one)));
}

/* What is to be added or removed, by either form of the call. New. */
static json_t *wished(const struct request *r, enum ec2_shared kind, const char *member,
		      const char *operation)
{
	const json_t *change = json_object_get(r->params, names[kind]);
	json_t *all = wire_names(seq(change, member));

	add_listed(r, all, operation);
	return all;
}

bool ec2_share_asked(const struct request *r, enum ec2_shared kind)
{
	return has(r->params, names[kind]) || has(r->params, "OperationType");
}

static bool is_account(const char *text)
{
	return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

static bool wish_good(struct request *r, enum ec2_shared kind, const json_t *wish)
{
	const char *user = str(wish, "userId"), *group = str(wish, "group");
	const char *code =
	    kind == EC2_IMAGE ? "InvalidAMIAttributeItemValue" : "InvalidParameterValue";

	if (*user && !is_account(user))
		refuse(r, 400, code, "Invalid attribute item value \"%s\" for userId item type.",
		       user);
	else if (*group && strcmp(group, "all") != 0)
		refuse(r, 400, code, "Invalid attribute item value \"%s\" for group item type.",
		       group);
	else
		return true;
	return false;
}

/* Refused when a snapshot is encrypted in a way that keeps it from being shared with WISH. */
static bool key_permits(struct request *r, enum ec2_shared kind, const json_t *snapshot,
			const json_t *wish)
{
	const char *code = kind == EC2_IMAGE ? "InvalidParameter" : "OperationNotPermitted";

	if (!yes(snapshot, "encrypted"))
		return true;
	if (ec2_has_default_key(snapshot))
		refuse(r, 400, code,
		       kind == EC2_IMAGE
			   ? "Snapshots encrypted with the AWS Managed CMK can't be shared. "
			     "Specify another snapshot."
			   : "Encrypted snapshots with EBS default key cannot be shared");
	else if (has(wish, "group"))
		refuse(r, 400, code, "Encrypted snapshots cannot be shared publicly");
	else
		return true;
	return false;
}

static bool keys_permit(struct request *r, enum ec2_shared kind, const json_t *thing,
			const json_t *wish)
{
	size_t i;
	json_t *one;

	if (kind == EC2_SNAPSHOT)
		return key_permits(r, kind, thing, wish);
	json_array_foreach(seq(thing, "blockDeviceMapping"), i, one)
		if (!key_permits(r, kind, json_object_get(one, "ebs"), wish))
			return false;
	return true;
}

static void withdraw(json_t *kept, const json_t *wish)
{
	for (size_t i = json_array_size(kept); i-- > 0;)
		if (json_equal(json_array_get(kept, i), wish))
			json_array_remove(kept, i);
}

bool ec2_share(struct request *r, enum ec2_shared kind, json_t *thing)
{
	json_t *more = wished(r, kind, "Add", "add"), *less = wished(r, kind, "Remove", "remove");
	json_t *kept = list(thing, "_permissions"), *one;
	bool good = true;
	size_t i;

	json_array_foreach(more, i, one)
		good = good && wish_good(r, kind, one) && keys_permit(r, kind, thing, one);
	json_array_foreach(less, i, one)
		good = good && wish_good(r, kind, one);
	json_array_foreach(more, i, one)
		if (good) {
			withdraw(kept, one);
			json_array_append(kept, one);
		}
	json_array_foreach(less, i, one)
		if (good)
			withdraw(kept, one);
	json_decref(more);
	json_decref(less);
	return good;
}

json_t *ec2_permissions(const json_t *thing)
{
	return json_deep_copy(seq(thing, "_permissions"));
}

json_t *modify_snapshot(struct request *r)
{
	json_t *snapshot = ec2_own_snapshot(r);

	if (!snapshot)
		return NULL;
	if (!ec2_share_asked(r, EC2_SNAPSHOT))
		return refuse(r, 400, "MissingParameter",
			      "The request must contain the parameter createVolumePermission");
	if (strcmp(str(snapshot, "status"), "completed") != 0)
		return refuse(r, 400, "IncorrectState", "Snapshot '%s' is %s", arg(r, "SnapshotId"),
			      str(snapshot, "status"));
	return ec2_share(r, EC2_SNAPSHOT, snapshot) ? json_pack("{s:b}", "return", 1) : NULL;
}

json_t *describe_snapshot_attribute(struct request *r)
{
	json_t *snapshot = ec2_own_snapshot(r);

	if (!snapshot || !args_given(r, "Attribute", NULL))
		return NULL;
	if (strcmp(arg(r, "Attribute"), "createVolumePermission") != 0)
		return json_pack("{s:s, s:[]}", "snapshotId", arg(r, "SnapshotId"), "productCodes");
	return json_pack("{s:s, s:o}", "snapshotId", arg(r, "SnapshotId"), "createVolumePermission",
			 ec2_permissions(snapshot));
}
