/* SPDX-License-Identifier: ISC
 * Letting other accounts use an image takes three things: a permission on the image, one on each of
 * its snapshots, and, where these are encrypted, a key that the accounts may use, which only the
 * key's owner can see to. */
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

static bool is_account(const char *text)
{
	return strlen(text) == 12 && strspn(text, "0123456789") == 12;
}

/* {"UserId"}, or what an organization or a unit of one is called by; NULL: it is none of these. */
static json_t *permission(const char *who)
{
	if (is_account(who))
		return json_pack("{s:s}", "UserId", who);
	if (strncmp(who, "arn:", 4))
		return NULL;
	if (strstr(who, ":organization/"))
		return json_pack("{s:s}", "OrganizationArn", who);
	return strstr(who, ":ou/") ? json_pack("{s:s}", "OrganizationalUnitArn", who) : NULL;
}

/* Snapshots know accounts only. */
static bool read_accounts(struct ec2_work *w)
{
	json_t *all = ec2_sure(json_array()), *accounts = ec2_sure(json_array()), *who;
	size_t i;

	w->held =
	    ec2_sure(json_pack("{s:o, s:o, s:[]}", "all", all, "accounts", accounts, "snapshots"));
	json_array_foreach(json_object_get(w->item->wanted, "share_with"), i, who) {
		const char *text = json_string_value(who) ? json_string_value(who) : "";
		json_t *one = permission(text);

		if (!one)
			return fail_set(&w->item->failure, ST_DATA, "bad-account",
					"'%s' is neither an account's number nor the arn of an "
					"organization",
					text);
		if (is_account(text))
			json_array_append(accounts, one);
		json_array_append_new(all, one);
	}
	return true;
}

/* Puts before what the service says which of the three is missing. */
static void miss(struct ec2_work *w, const char *what, const char *id)
{
	const char *key = aws_str(w->held, "key");
	struct failure *f = &w->call.failure;

	if (aws_bool(w->held, "encrypted"))
		fail_prefix(
		    f,
		    "the %s '%s' is not shared, it is encrypted (%s): the accounts need to be "
		    "let use its key, and the account's default key cannot be shared",
		    what, id, *key ? key : "by a key that is not told");
	else
		fail_prefix(f, "the %s '%s' is not shared", what, id);
	ec2_fail(w);
}

static void share_next(struct ec2_work *w);

static void on_snapshot_shared(struct ec2_work *w)
{
	static const char *const later[] = {"IncorrectState", NULL};

	if (ec2_refused(w, later))
		w->call.failure.status = ST_TEMP;
	if (w->call.failure.status)
		miss(w, "snapshot", aws_str(w->call.params, "SnapshotId"));
	else
		share_next(w);
}

static void tell(struct ec2_work *w)
{
	json_t *record =
	    json_pack("{s:O, s:O?}", "shared_with", json_object_get(w->item->wanted, "share_with"),
		      "kms_key", json_object_get(w->held, "key"));

	json_decref(w->item->record);
	w->item->record = ec2_sure(record);
	if (!json_object_get(w->held, "key"))
		json_object_del(w->item->record, "kms_key");
	ec2_end(w);
}

static void share_next(struct ec2_work *w)
{
	const json_t *ids = json_object_get(w->held, "snapshots");
	json_t *accounts = json_object_get(w->held, "accounts");

	if (w->next == json_array_size(ids) || !json_array_size(accounts))
		tell(w);
	else
		ec2_ask(w, "ModifySnapshotAttribute", HTTP_IDEMPOTENT,
			json_pack("{s:O, s:s, s:{s:O}}", "SnapshotId",
				  json_array_get(ids, w->next++), "Attribute",
				  "createVolumePermission", "CreateVolumePermission", "Add",
				  accounts),
			on_snapshot_shared);
}

static void on_image_shared(struct ec2_work *w)
{
	if (w->call.failure.status)
		miss(w, "image", w->item->id);
	else
		share_next(w);
}

static void share(struct ec2_work *w)
{
	ec2_ask(w, "ModifyImageAttribute", HTTP_IDEMPOTENT,
		json_pack("{s:s, s:s, s:{s:O}}", "ImageId", w->item->id, "Attribute",
			  "launchPermission", "LaunchPermission", "Add",
			  json_object_get(w->held, "all")),
		on_image_shared);
}

/* Which key it is may be told by the snapshots only, to who may read them. */
static void on_snapshots(struct ec2_work *w)
{
	size_t i;
	json_t *one;

	json_array_foreach(w->all, i, one)
		if (*aws_str(one, "kmsKeyId"))
			json_object_set(w->held, "key", json_object_get(one, "kmsKeyId"));
	share(w);
}

static void note_disks(struct ec2_work *w, const json_t *image)
{
	size_t i;
	json_t *disk;

	json_array_foreach(aws_arr(image, "blockDeviceMapping"), i, disk) {
		const json_t *ebs = json_object_get(disk, "ebs");

		if (*aws_str(ebs, "snapshotId"))
			json_array_append(json_object_get(w->held, "snapshots"),
					  json_object_get(ebs, "snapshotId"));
		if (aws_bool(ebs, "encrypted"))
			json_object_set_new(w->held, "encrypted", json_true());
	}
}

static void on_image(struct ec2_work *w)
{
	const json_t *image = json_array_get(w->all, 0);

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	if (!image || strcmp(aws_str(image, "imageState"), "available") != 0) {
		fail_set(&w->item->failure, image ? ST_TEMP : ST_REFUSED,
			 image ? "not-available" : "InvalidAMIID.NotFound", "image '%s' is %s",
			 w->item->id, image ? aws_str(image, "imageState") : "not there");
		ec2_end(w);
		return;
	}
	note_disks(w, image);
	if (aws_bool(w->held, "encrypted"))
		ec2_read(w, "ec2", "DescribeSnapshots",
			 json_pack("{s:O}", "SnapshotId", json_object_get(w->held, "snapshots")),
			 "snapshotSet", on_snapshots);
	else
		share(w);
}

void ec2_cloud_share(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		if (w && !read_accounts(w))
			ec2_end(w);
		else if (w && !json_array_size(json_object_get(w->held, "all")))
			tell(w);
		else if (w)
			ec2_look(w, CLOUD_IMAGES, "image-id", items[i]->id, on_image);
	}
	ec2_run(items, n);
}
