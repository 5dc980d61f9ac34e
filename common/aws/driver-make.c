/* SPDX-License-Identifier: ISC
 * Making things. A machine is asked for with a token of its record, so that asking twice gives one;
 * what an earlier run asked for is looked for first, since the expiry and the user data of a second
 * request differ, which EC2 takes for another one under the same token. */
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "error.h"

/* Of those with our token; a dead one only when there is no other. */
static void choose(void *ctx, json_t *instance)
{
	struct ec2_work *w = ctx;
	const char *status = aws_str(w->item->record, "status");

	if (!w->item->record || !strcmp(status, "gone") || !strcmp(status, "deleting"))
		ec2_take(w, w->item, instance);
}

/* Whether the machine that the item has lives; else it is said that it does not. */
static bool lives(struct cloud_item *item)
{
	const char *status = aws_str(item->record, "status");

	if (strcmp(status, "gone") != 0 && strcmp(status, "deleting") != 0)
		return true;
	if (item->no_capacity)
		return !fail_set(&item->failure, ST_REFUSED, "InsufficientInstanceCapacity",
				 "machine %s ended at once: %s", item->id,
				 aws_str(item->record, "reason"));
	return !fail_set(&item->failure, ST_REFUSED, "gone",
			 "the machine that was made for this before, %s, is %s", item->id,
			 aws_str(item->record, "provider_status"));
}

/* What went by the token has ended, and EC2 shows it no more: that is an hour after its end, while
 * the token stays taken for a day. */
static void say_forgotten(struct ec2_work *w)
{
	struct cloud_item *item = w->item;

	item->record = ec2_sure(json_pack("{s:s, s:s, s:s, s:s}", "kind", "instance", "provider",
					  "aws", "region", w->region, "status", "gone"));
	fail_set(&item->failure, ST_REFUSED, "gone",
		 "the machine that was made for this before is gone");
	ec2_end(w);
}

static void launch(struct ec2_work *w);
static void find_groups(struct ec2_work *w);

static bool take_found(struct ec2_work *w)
{
	for (size_t i = 0; i < json_array_size(w->all); i++)
		ec2_each(CLOUD_INSTANCES, json_array_get(w->all, i), choose, w);
	if (w->item->record)
		lives(w->item);
	return w->item->record;
}

static void on_looked(struct ec2_work *w)
{
	if (w->call.failure.status)
		ec2_fail(w);
	else if (take_found(w))
		ec2_end(w);
	else
		find_groups(w);
}

/* The token was used already, with other words, by what the list did not show yet. */
static void on_looked_again(struct ec2_work *w)
{
	if (w->call.failure.status) {
		w->item->unclear = true;
		ec2_fail(w);
		return;
	}
	if (!take_found(w) && w->item->certain) {
		say_forgotten(w);
		return;
	}
	if (!w->item->record) {
		w->item->unclear = true;
		fail_set(&w->item->failure, ST_TEMP, "unclear",
			 "an earlier run asked for this machine, which is in no list yet");
	}
	ec2_end(w);
}

static void look(struct ec2_work *w, void (*then)(struct ec2_work *))
{
	char token[65];

	ec2_launch_token(w, w->item, token);
	ec2_look(w, CLOUD_INSTANCES, "tag:sluice:token", token, then);
}

static void on_launched(struct ec2_work *w)
{
	static const char *const used[] = {"IdempotentParameterMismatch", NULL};
	static const char *const ended[] = {"IdempotentInstanceTerminated", NULL};
	/* what was made a moment ago is not known everywhere yet */
	static const char *const not_yet[] = {"InvalidKeyPair.NotFound", "InvalidGroup.NotFound",
					      NULL};
	struct cloud_item *item = w->item;

	if (ec2_refused(w, used)) {
		look(w, on_looked_again);
		return;
	}
	if (ec2_refused(w, ended)) {
		say_forgotten(w);
		return;
	}
	if (w->call.failure.status) {
		item->no_capacity = aws_error_no_room(w->call.failure.code);
		item->unclear = !item->no_capacity && (ec2_in_doubt(w) || ec2_refused(w, not_yet));
		ec2_fail(w);
		return;
	}
	ec2_each(CLOUD_INSTANCES, w->call.result, choose, w);
	if (!item->record) {
		item->unclear = true;
		fail_set(&item->failure, ST_BUG, "bad-answer", "the answer has no instance");
	} else {
		item->made = lives(item);
	}
	ec2_end(w);
}

static void launch(struct ec2_work *w)
{
	char token[65];

	ec2_launch_token(w, w->item, token);
	ec2_ask(w, "RunInstances", HTTP_IDEMPOTENT, ec2_launch_params(w, token), on_launched);
}

static void on_image(struct ec2_work *w)
{
	const json_t *image = json_array_get(w->all, 0);

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	if (!image) {
		fail_set(&w->item->failure, ST_REFUSED, "InvalidAMIID.NotFound",
			 "there is no image '%s' in '%s'", ec2_wanted(w->item, "image"), w->region);
		ec2_end(w);
		return;
	}
	json_object_set_new(w->held, "device", json_string(aws_str(image, "rootDeviceName")));
	launch(w);
}

/* The size of a disk is said of the device that the image boots from. */
static void find_device(struct ec2_work *w)
{
	json_t *params;

	if (!json_is_integer(json_object_get(w->item->wanted, "disk"))) {
		launch(w);
		return;
	}
	params = ec2_sure(json_object());
	ec2_filter(params, "image-id", ec2_wanted(w->item, "image"));
	ec2_read(w, "ec2", "DescribeImages", params, "imagesSet", on_image);
}

static const char *group_named(const struct ec2_work *w, const char *name)
{
	size_t i;
	json_t *group;

	json_array_foreach(w->all, i, group)
		if (!strcmp(aws_str(group, "groupName"), name))
			return aws_str(group, "groupId");
	return NULL;
}

static void on_groups(struct ec2_work *w)
{
	json_t *ids = json_array(), *group;
	size_t i;

	json_array_foreach(json_object_get(w->item->wanted, "security_groups"), i, group) {
		const char *name = json_string_value(group);
		const char *id = name && strncmp(name, "sg-", 3) != 0 ? group_named(w, name) : name;

		if (!id && !w->call.failure.status)
			fail_set(&w->item->failure, ST_REFUSED, "InvalidGroup.NotFound",
				 "there is no security group '%s' in the network of subnet '%s'",
				 name, ec2_wanted(w->item, "subnet"));
		json_array_append_new(ids, json_string(id ? id : ""));
	}
	json_object_set_new(w->held, "groups", ids);
	if (w->call.failure.status)
		ec2_fail(w);
	else if (w->item->failure.status)
		ec2_end(w);
	else
		find_device(w);
}

static void on_subnet(struct ec2_work *w)
{
	const json_t *subnet = json_array_get(aws_arr(w->call.result, "subnetSet"), 0);
	json_t *params = ec2_sure(json_object());

	if (w->call.failure.status) {
		json_decref(params);
		ec2_fail(w);
		return;
	}
	ec2_filter(params, "vpc-id", aws_str(subnet, "vpcId"));
	ec2_read(w, "ec2", "DescribeSecurityGroups", params, "securityGroupInfo", on_groups);
}

static bool names_groups(const struct cloud_item *item)
{
	size_t i;
	json_t *group;

	json_array_foreach(json_object_get(item->wanted, "security_groups"), i, group) {
		const char *name = json_string_value(group);

		if (name && strncmp(name, "sg-", 3) != 0)
			return true;
	}
	return false;
}

/* With a subnet groups go by id. */
static void find_groups(struct ec2_work *w)
{
	const char *subnet = ec2_wanted(w->item, "subnet");

	w->held = ec2_sure(json_object());
	if (*subnet && names_groups(w->item))
		ec2_ask(w, "DescribeSubnets", HTTP_READ, json_pack("{s:[s]}", "SubnetId", subnet),
			on_subnet);
	else
		find_device(w);
}

static void make_instance(struct ec2_work *w)
{
	if (w->item->certain)
		find_groups(w);
	else
		look(w, on_looked);
}

static void make(struct ec2_work *w)
{
	switch (w->item->kind) {
	case CLOUD_INSTANCES:
		make_instance(w);
		break;
	case CLOUD_KEYS:
		ec2_make_key(w);
		break;
	case CLOUD_GROUPS:
		ec2_make_group(w);
		break;
	default:
		fail_set(&w->item->failure, ST_USAGE, "no-such-kind", "EC2 makes no such thing");
		ec2_end(w);
	}
}

void ec2_cloud_create(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		items[i]->no_capacity = false;
		if (w)
			make(w);
	}
	ec2_run(items, n);
}
