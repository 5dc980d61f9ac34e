/* SPDX-License-Identifier: ISC
 * What EC2 has of each kind of thing: the call that lists them, and the record of one. */
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "image.h"

static json_t *image_record(const json_t *image, const char *region, const char *account)
{
	(void)account;
	return aws_image_record(image, region);
}

static void put_text(json_t *record, const char *key, const char *text)
{
	if (*text && json_object_set_new(record, key, json_string(text)))
		mem_out();
}

/* The members that all have; its name is a tag, unless `name` says it. */
static json_t *begin_record(const char *kind, const json_t *thing, const char *region,
			    const char *account, const char *id, const char *name)
{
	const char *owner = aws_str(thing, "ownerId");
	json_t *record = ec2_sure(json_pack("{s:s, s:s, s:s*, s:s, s:s}", "kind", kind, "provider",
					    "aws", "account", *owner ? owner : account, "region",
					    region, "id", aws_str(thing, id)));

	put_text(record, "name",
		 name ? aws_str(thing, name) : ec2_tag(aws_arr(thing, "tagSet"), "Name"));
	return record;
}

static json_t *end_record(json_t *record, const json_t *thing)
{
	aws_put_tags(record, aws_arr(thing, "tagSet"));
	return record;
}

static json_t *key_record(const json_t *key, const char *region, const char *account)
{
	json_t *record = begin_record("ssh-key", key, region, account, "keyPairId", "keyName");

	put_text(record, "fingerprint", aws_str(key, "keyFingerprint"));
	put_text(record, "public_key", aws_str(key, "publicKey"));
	put_text(record, "created", aws_str(key, "createTime"));
	return end_record(record, key);
}

static json_t *group_record(const json_t *group, const char *region, const char *account)
{
	json_t *record =
	    begin_record("security-group", group, region, account, "groupId", "groupName");

	put_text(record, "description", aws_str(group, "groupDescription"));
	put_text(record, "network", aws_str(group, "vpcId"));
	return end_record(record, group);
}

char *ec2_snapshot_image(const char *description)
{
	const char *id = strstr(description, "ami-");

	return id ? mem_dup_n(id, 4 + strspn(id + 4, "0123456789abcdef")) : NULL;
}

static json_t *snapshot_record(const json_t *snapshot, const char *region, const char *account)
{
	json_t *record = begin_record("snapshot", snapshot, region, account, "snapshotId", NULL);
	char *image = ec2_snapshot_image(aws_str(snapshot, "description"));

	put_text(record, "created", aws_str(snapshot, "startTime"));
	put_text(record, "image", image ? image : "");
	put_text(record, "provider_status", aws_str(snapshot, "status"));
	json_object_set_new(record, "disk", json_integer(aws_int(snapshot, "volumeSize")));
	free(image);
	return end_record(record, snapshot);
}

static json_t *volume_record(const json_t *volume, const char *region, const char *account)
{
	json_t *record = begin_record("volume", volume, region, account, "volumeId", NULL);
	const json_t *attached = json_array_get(aws_arr(volume, "attachmentSet"), 0);

	put_text(record, "zone", aws_str(volume, "availabilityZone"));
	put_text(record, "created", aws_str(volume, "createTime"));
	put_text(record, "instance", aws_str(attached, "instanceId"));
	put_text(record, "provider_status", aws_str(volume, "status"));
	json_object_set_new(record, "disk", json_integer(aws_int(volume, "size")));
	return end_record(record, volume);
}

static json_t *region_record(const json_t *region, const char *of, const char *account)
{
	(void)of;
	(void)account;
	return ec2_sure(
	    json_pack("{s:s, s:b, s:[]}", "id", aws_str(region, "regionName"), "available",
		      strcmp(aws_str(region, "optInStatus"), "not-opted-in") != 0, "features"));
}

static json_t *size_record(const json_t *offering, const char *region, const char *account)
{
	(void)account;
	return ec2_sure(json_pack("{s:s, s:b, s:[s]}", "id", aws_str(offering, "instanceType"),
				  "available", 1, "regions", region));
}

static const struct ec2_kind kinds[CLOUD_KINDS] = {
    [CLOUD_INSTANCES] = {"DescribeInstances", "reservationSet", "instance-id", "tag:Name", true,
			 ec2_instance_record},
    [CLOUD_IMAGES] = {"DescribeImages", "imagesSet", "image-id", "name", true, image_record},
    [CLOUD_KEYS] = {"DescribeKeyPairs", "keySet", "key-pair-id", "key-name", false, key_record},
    [CLOUD_GROUPS] = {"DescribeSecurityGroups", "securityGroupInfo", "group-id", "group-name", true,
		      group_record},
    [CLOUD_SNAPSHOTS] = {"DescribeSnapshots", "snapshotSet", "snapshot-id", "tag:Name", true,
			 snapshot_record},
    [CLOUD_VOLUMES] = {"DescribeVolumes", "volumeSet", "volume-id", "tag:Name", true,
		       volume_record},
    [CLOUD_REGIONS] = {"DescribeRegions", "regionInfo", "region-name", NULL, false, region_record},
    [CLOUD_SIZES] = {"DescribeInstanceTypeOfferings", "instanceTypeOfferingSet", "instance-type",
		     NULL, true, size_record},
};

const struct ec2_kind *ec2_kind(struct cloud_item *item)
{
	if (item->kind < CLOUD_KINDS && kinds[item->kind].action)
		return &kinds[item->kind];
	fail_set(&item->failure, ST_USAGE, "no-such-kind", "EC2 has no such thing");
	return NULL;
}

json_t *ec2_describe(const struct cloud_item *item, const struct ec2_kind *kind)
{
	json_t *params = ec2_sure(json_object());

	if (kind->paged)
		json_object_set_new(params, "MaxResults", json_integer(1000));
	if (item->kind == CLOUD_IMAGES) { /* they have their names, and their cost */
		json_object_set_new(params, "IncludeDeprecated", json_true());
		json_object_set_new(params, "IncludeDisabled", json_true());
	}
	if (item->kind == CLOUD_IMAGES && item->own)
		json_object_set_new(params, "Owner", json_pack("[s]", "self"));
	if (item->kind == CLOUD_SNAPSHOTS)
		json_object_set_new(params, "Owner", json_pack("[s]", "self"));
	if (item->kind == CLOUD_KEYS)
		json_object_set_new(params, "IncludePublicKey", json_true());
	if (item->kind == CLOUD_REGIONS)
		json_object_set_new(params, "AllRegions", json_true());
	return params;
}

/* In the value of a filter * and ? stand for any bytes. */
static char *exactly(const char *value)
{
	struct buf b = {0};

	for (; *value; value++) {
		if (strchr("*?\\", *value))
			buf_char(&b, '\\');
		buf_char(&b, *value);
	}
	buf_str(&b, "");
	return buf_take(&b);
}

void ec2_filter(json_t *params, const char *name, const char *value)
{
	json_t *filters = json_object_get(params, "Filter");
	char *text = exactly(value);

	if (!filters) {
		filters = ec2_sure(json_array());
		json_object_set_new(params, "Filter", filters);
	}
	json_array_append_new(filters,
			      ec2_sure(json_pack("{s:s, s:[s]}", "Name", name, "Value", text)));
	free(text);
}

void ec2_look(struct ec2_work *w, enum cloud_kind kind, const char *filter, const char *value,
	      void (*then)(struct ec2_work *))
{
	const struct cloud_item like = {.kind = kind, .own = true};
	const struct ec2_kind *k = &kinds[kind];
	json_t *params = ec2_describe(&like, k);

	ec2_filter(params, filter, value);
	ec2_read(w, "ec2", k->action, params, k->member, then);
}

void ec2_each(enum cloud_kind kind, json_t *element, void (*each)(void *ctx, json_t *thing),
	      void *ctx)
{
	json_t *owner = json_object_get(element, "ownerId"), *one;
	size_t i;

	if (kind != CLOUD_INSTANCES) {
		each(ctx, element);
		return;
	}
	json_array_foreach(aws_arr(element, "instancesSet"), i, one) {
		if (owner)
			json_object_set(one, "ownerId", owner);
		each(ctx, one);
	}
}

void ec2_take(struct ec2_work *w, struct cloud_item *item, json_t *thing)
{
	const struct ec2_kind *kind = ec2_kind(item);
	json_t *record = kind->record(thing, w->region, cloud_aws.account(item->cloud));
	char *id = mem_dup(aws_str(record, "id"));

	json_decref(item->record);
	item->record = record;
	free(item->id);
	item->id = id;
	if (item->kind == CLOUD_INSTANCES) {
		item->ready = ec2_instance_ready(thing);
		item->no_capacity = ec2_instance_no_room(thing);
	} else {
		item->ready =
		    item->kind != CLOUD_IMAGES || !strcmp(aws_str(record, "state"), "available");
	}
}
