/* SPDX-License-Identifier: ISC
 * Removing an image: it first, then the snapshots that it was made of; EC2 is asked to do both at
 * once, so that nothing stays when we are killed in between, and what it left is removed then.
 * Where the image is gone already, or does not tell them yet, they are known by their description,
 * which names the image. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

/* Where it is among those to be removed, else their number. */
static size_t place_of(const json_t *ids, const char *id)
{
	size_t i = 0;

	while (i < json_array_size(ids) &&
	       strcmp(json_string_value(json_array_get(ids, i)), id) != 0)
		i++;
	return i;
}

static void add_snapshot(struct ec2_work *w, const char *id)
{
	json_t *ids = json_object_get(w->held, "snapshots");

	if (*id && place_of(ids, id) == json_array_size(ids))
		json_array_append_new(ids, ec2_sure(json_string(id)));
}

/* Those that went with the image. */
static void drop_removed(struct ec2_work *w)
{
	json_t *ids = json_object_get(w->held, "snapshots"), *one;
	size_t i;

	json_array_foreach(aws_arr(w->call.result, "deleteSnapshotResultSet"), i, one)
		if (!strcmp(aws_str(one, "returnCode"), "success"))
			json_array_remove(ids, place_of(ids, aws_str(one, "snapshotId")));
}

static void remove_next(struct ec2_work *w);

static void on_snapshot_removed(struct ec2_work *w)
{
	static const char *const gone[] = {"InvalidSnapshot.NotFound", NULL};
	static const char *const used[] = {"InvalidSnapshot.InUse", NULL};
	const char *why = w->call.failure.message ? w->call.failure.message : "";

	/* Used by this very image: it is not gone everywhere yet. By another one: it stays. */
	if (ec2_refused(w, used) && strstr(why, w->item->id)) {
		w->call.failure.status = ST_TEMP;
		w->item->unclear = true;
		ec2_fail(w);
	} else if (w->call.failure.status && !ec2_refused(w, gone) && !ec2_refused(w, used)) {
		fail_prefix(&w->call.failure, "image '%s' is gone, but not its snapshot '%s'",
			    w->item->id, aws_str(w->call.params, "SnapshotId"));
		ec2_fail(w);
	} else {
		remove_next(w);
	}
}

static void remove_next(struct ec2_work *w)
{
	const json_t *ids = json_object_get(w->held, "snapshots");

	if (w->next == json_array_size(ids))
		ec2_end(w);
	else
		ec2_ask(w, "DeleteSnapshot", HTTP_IDEMPOTENT,
			json_pack("{s:O}", "SnapshotId", json_array_get(ids, w->next++)),
			on_snapshot_removed);
}

static void on_described(struct ec2_work *w)
{
	size_t i;
	json_t *snapshot;

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	json_array_foreach(w->all, i, snapshot) {
		char *image = ec2_snapshot_image(aws_str(snapshot, "description"));

		if (image && !strcmp(image, w->item->id))
			add_snapshot(w, aws_str(snapshot, "snapshotId"));
		free(image);
	}
	remove_next(w);
}

static void on_deregistered(struct ec2_work *w)
{
	static const char *const gone[] = {"InvalidAMIID.NotFound", "InvalidAMIID.Unavailable",
					   NULL};
	static const char *const protected[] = {"OperationNotPermitted", NULL};
	json_t *params;
	char *pattern;

	if (ec2_refused(w, protected))
		fail_prefix(&w->call.failure, "image '%s' is protected from removal", w->item->id);
	if (w->call.failure.status && !ec2_refused(w, gone)) {
		ec2_fail(w);
		return;
	}
	drop_removed(w);
	if (aws_bool(w->held, "all_known")) {
		remove_next(w);
		return;
	}
	pattern = mem_fmt("*%s*", w->item->id);
	params = json_pack("{s:[s], s:i, s:[{s:s, s:[s]}]}", "Owner", "self", "MaxResults", 1000,
			   "Filter", "Name", "description", "Value", pattern);
	free(pattern);
	ec2_read(w, "ec2", "DescribeSnapshots", params, "snapshotSet", on_described);
}

static void on_image(struct ec2_work *w)
{
	const json_t *image = json_array_get(w->all, 0);
	size_t i;
	json_t *disk;

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	if (image) /* it knows better than the record does */
		json_array_clear(json_object_get(w->held, "snapshots"));
	json_array_foreach(aws_arr(image, "blockDeviceMapping"), i, disk)
		add_snapshot(w, aws_str(json_object_get(disk, "ebs"), "snapshotId"));
	if (!strcmp(aws_str(image, "imageState"), "available"))
		json_object_set_new(w->held, "all_known", json_true());
	ec2_ask(w, "DeregisterImage", HTTP_IDEMPOTENT,
		json_pack("{s:s, s:b}", "ImageId", w->item->id, "DeleteAssociatedSnapshots", 1),
		on_deregistered);
}

void ec2_remove_image(struct ec2_work *w)
{
	json_t *told, *params = ec2_sure(json_object());
	size_t i;

	w->held = ec2_sure(json_pack("{s:[]}", "snapshots"));
	json_array_foreach(json_object_get(w->item->wanted, "snapshots"), i, told)
		if (json_is_string(told))
			add_snapshot(w, json_string_value(told));
	ec2_filter(params, "image-id", w->item->id);
	ec2_read(w, "ec2", "DescribeImages", params, "imagesSet", on_image);
}
