/* SPDX-License-Identifier: ISC
 * Snapshots, by region: other accounts may see them. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

json_t *ec2_snapshots(const char *region)
{
	return sub(sub(state(), "snapshots"), region);
}

json_t *ec2_snapshot(const char *region, const char *id)
{
	return json_object_get(ec2_snapshots(region), id);
}

void ec2_put_snapshot(const char *region, json_t *snapshot)
{
	put(ec2_snapshots(region), str(snapshot, "snapshotId"), snapshot);
}

void ec2_put_key(json_t *thing, const char *account, const char *region, const char *key)
{
	if (!strncmp(key, "arn:", 4))
		put_str(thing, "kmsKeyId", key);
	else if (*key)
		put(thing, "kmsKeyId",
		    json_sprintf("arn:aws:kms:%s:%s:%s%s", region, account,
				 strncmp(key, "alias/", 6) ? "key/" : "", key));
	else
		put(thing, "kmsKeyId",
		    json_sprintf("arn:aws:kms:%s:%s:key/aws-ebs-default", region, account));
}

bool ec2_has_default_key(const json_t *thing)
{
	const char *key = str(thing, "kmsKeyId");

	return strstr(key, ":key/aws-ebs-default") || strstr(key, ":alias/aws/ebs");
}

void ec2_settle_snapshots(const char *region)
{
	const char *id;
	json_t *one;

	json_object_foreach(ec2_snapshots(region), id, one) {
		int64_t from = num(one, "_from", 0), due = num(one, "_due", INT64_MAX);

		if (strcmp(str(one, "status"), "pending") != 0)
			continue;
		if (world_now() < due) {
			put(one, "progress",
			    json_sprintf("%d%%", due == INT64_MAX ? 0
								  : (int)((world_now() - from) *
									  100 / (due - from))));
			continue;
		}
		put_str(one, "status", str(one, "_becomes"));
		if (!strcmp(str(one, "_becomes"), "completed"))
			put_str(one, "progress", "100%");
		else
			put_str(one, "statusMessage", str(one, "_reason"));
	}
}

static json_t *new_snapshot(const struct request *r, const json_t *image, const json_t *of,
			    const char *text)
{
	char *id = new_id("snap-"), now[32];
	bool fails = !strcmp(str(image, "_becomes"), "failed");
	json_t *one = json_pack(
	    "{s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:b, s:s, s:o, s:s, s:I}", "snapshotId", id,
	    "ownerId", r->account, "volumeId",
	    has(of, "size") ? str(of, "volumeId") : "vol-ffffffff", "volumeSize",
	    (json_int_t)num(of, "size", num(of, "volumeSize", 8)), "status", "pending", "progress",
	    "0%", "startTime", world_iso(world_now(), now), "description", text, "encrypted",
	    yes(of, "encrypted"), "storageTier", "standard", "tagSet", tags_of_new(r, "snapshot"),
	    "_becomes", fails ? "error" : "completed", "_from", (json_int_t)world_now());

	if (has(of, "kmsKeyId"))
		put_str(one, "kmsKeyId", str(of, "kmsKeyId"));
	if (has(image, "_due"))
		put_int(one, "_due", num(image, "_due", 0));
	if (fails)
		put_str(one, "_reason", str(image, "_reason"));
	ec2_put_snapshot(r->region, one);
	free(id);
	return one;
}

void ec2_map_snapshot(const struct request *r, json_t *image, const char *device, const json_t *of,
		      const char *text, json_t *goes)
{
	const json_t *snapshot = new_snapshot(r, image, of, text);
	json_t *mapping =
	    json_pack("{s:s, s:{s:s, s:I, s:O*, s:s, s:b}}", "deviceName", device, "ebs",
		      "_snapshot", str(snapshot, "snapshotId"), "volumeSize",
		      (json_int_t)num(snapshot, "volumeSize", 8), "deleteOnTermination", goes,
		      "volumeType", has(of, "volumeType") ? str(of, "volumeType") : "gp2",
		      "encrypted", yes(snapshot, "encrypted"));

	if (yes(snapshot, "encrypted"))
		put_str(json_object_get(mapping, "ebs"), "kmsKeyId", str(snapshot, "kmsKeyId"));
	add(list(image, "blockDeviceMapping"), mapping);
}

static const struct filter filters[] = {
    {"description", "description"},
    {"encrypted", "encrypted"},
    {"owner-id", "ownerId"},
    {"progress", "progress"},
    {"snapshot-id", "snapshotId"},
    {"start-time", "startTime"},
    {"status", "status"},
    {"storage-tier", "storageTier"},
    {"volume-id", "volumeId"},
    {"volume-size", "volumeSize"},
    {NULL, NULL},
};

static bool may_see(const json_t *one, const char *account)
{
	return !strcmp(str(one, "ownerId"), account) || ec2_permits(one, account);
}

static bool is_wanted(const struct request *r, const json_t *one)
{
	const json_t *owners = seq(r->params, "Owner"), *by = seq(r->params, "RestorableBy");
	bool is_own = !strcmp(str(one, "ownerId"), r->account);

	return (!json_array_size(owners) || holds(owners, str(one, "ownerId")) ||
		(holds(owners, "self") && is_own)) &&
	       (!json_array_size(by) || (holds(by, "self") && may_see(one, r->account)) ||
		(holds(by, "all") && ec2_permits(one, "all")));
}

static json_t *known(struct request *r, const char *id)
{
	json_t *one = ec2_snapshot(r->region, id);

	if (strncmp(id, "snap-", 5) != 0)
		return refuse(r, 400, "InvalidSnapshotID.Malformed",
			      "Invalid id: \"%s\" (expecting \"snap-...\")", id);
	if (!one || !may_see(one, r->account))
		return refuse(r, 400, "InvalidSnapshot.NotFound",
			      "The snapshot '%s' does not exist.", id);
	return one;
}

json_t *describe_snapshots(struct request *r)
{
	const json_t *ids = seq(r->params, "SnapshotId");
	json_t *found, *one, *result;
	const char *id;
	size_t i;

	ec2_settle_snapshots(r->region);
	if (!filters_known(r, filters))
		return NULL;
	json_array_foreach(ids, i, one)
		if (!known(r, text_of(one)))
			return NULL;
	found = json_array();
	json_object_foreach(ec2_snapshots(r->region), id, one)
		if (may_see(one, r->account) && is_wanted(r, one) &&
		    (!json_array_size(ids) || holds(ids, id)) && filters_hold(r, one, filters))
			json_array_append(found, one);
	result = json_object();
	if (page(r, result, "snapshotSet", found, 1000))
		return result;
	json_decref(result);
	return NULL;
}

json_t *ec2_own_snapshot(struct request *r)
{
	json_t *one;

	if (!args_given(r, "SnapshotId", NULL) || !(one = known(r, arg(r, "SnapshotId"))))
		return NULL;
	if (!strcmp(str(one, "ownerId"), r->account))
		return one;
	return refuse(r, 400, "AuthFailure", "Not authorized for snapshot:%s",
		      arg(r, "SnapshotId"));
}

const char *ec2_snapshot_user(const char *region, const char *snapshot, const char *but)
{
	const char *id;
	json_t *image, *one;
	size_t i;

	json_object_foreach(ec2_images(region), id, image)
		json_array_foreach(seq(image, "blockDeviceMapping"), i, one) {
			const json_t *ebs = json_object_get(one, "ebs");

			if (ec2_image(region, id) && strcmp(id, but) != 0 &&
			    (!strcmp(str(ebs, "_snapshot"), snapshot) ||
			     !strcmp(str(ebs, "snapshotId"), snapshot)))
				return id;
		}
	return NULL;
}

json_t *delete_snapshot(struct request *r)
{
	json_t *one = ec2_own_snapshot(r);
	const char *user;

	if (!one)
		return NULL;
	user = ec2_snapshot_user(r->region, arg(r, "SnapshotId"), "");
	if (user)
		return refuse(r, 400, "InvalidSnapshot.InUse",
			      "The snapshot %s is currently in use by %s", arg(r, "SnapshotId"),
			      user);
	json_object_del(ec2_snapshots(r->region), arg(r, "SnapshotId"));
	return json_pack("{s:b}", "return", 1);
}

void ec2_drop_snapshot(const char *region, const char *id)
{
	json_object_del(ec2_snapshots(region), id);
}
