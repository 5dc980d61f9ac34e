/* SPDX-License-Identifier: ISC
 * The launch of one machine, and the token that makes a second request for it harmless. */
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../mem.h"
#include "../sha256-hex.h"
#include "driver.h"

void ec2_launch_token(const struct ec2_work *w, const struct cloud_item *item, char token[65])
{
	static const char *const members[] = {"name", "zone", "size", "image", "subnet"};
	char *run = ec2_run_of(item->wanted);
	struct buf text = {0};

	buf_fmt(&text, "%s\n%s\n", run, w->region);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		buf_fmt(&text, "%s\n", ec2_wanted(item, members[i]));
	buf_fmt(&text, "%u", item->attempt);
	sha256_hex(text.data, text.len, token);
	buf_free(&text);
	free(run);
}

static void put(json_t *params, const char *key, json_t *value)
{
	if (json_object_set_new(params, key, value))
		mem_out();
}

static void put_text(json_t *params, const char *key, const char *text)
{
	if (*text)
		put(params, key, json_string(text));
}

/* Ids and names are told apart by their form. */
static void put_groups(json_t *params, const json_t *groups)
{
	json_t *ids = json_array(), *names = json_array(), *group;
	size_t i;

	json_array_foreach(groups, i, group) {
		const char *text = json_string_value(group);

		if (text)
			json_array_append(strncmp(text, "sg-", 3) ? names : ids, group);
	}
	put(params, "SecurityGroupId", ids);
	put(params, "SecurityGroup", names);
}

static void put_user_data(json_t *params, const char *text)
{
	struct buf encoded = {0};

	if (!*text)
		return;
	buf_base64(&encoded, text, strlen(text));
	put_text(params, "UserData", encoded.data);
	buf_free(&encoded);
}

/* What it costs to keep it is over when it goes. */
static void put_disk(json_t *params, const char *device, const json_t *gigabytes)
{
	if (!*device)
		return;
	put(params, "BlockDeviceMapping",
	    json_pack("[{s:s, s:{s:O, s:b}}]", "DeviceName", device, "Ebs", "VolumeSize", gigabytes,
		      "DeleteOnTermination", 1));
}

json_t *ec2_launch_params(const struct ec2_work *w, const char *token)
{
	static const char *const types[] = {"instance", "volume", "network-interface", NULL};
	const struct cloud_item *item = w->item;
	const json_t *wanted = item->wanted, *groups = json_object_get(w->held, "groups");
	const json_t *key = json_array_get(json_object_get(wanted, "keys"), 0);
	json_t *params = ec2_sure(json_pack(
	    "{s:s, s:s, s:i, s:i, s:s}", "ImageId", ec2_wanted(item, "image"), "InstanceType",
	    ec2_wanted(item, "size"), "MinCount", 1, "MaxCount", 1, "ClientToken", token));

	if (json_is_string(key))
		put_text(params, "KeyName", json_string_value(key));
	put_groups(params, groups ? groups : json_object_get(wanted, "security_groups"));
	put_text(params, "SubnetId", ec2_wanted(item, "subnet"));
	if (*ec2_wanted(item, "zone"))
		put(params, "Placement",
		    json_pack("{s:s}", "AvailabilityZone", ec2_wanted(item, "zone")));
	put_user_data(params, ec2_wanted(item, "user_data"));
	if (*ec2_wanted(item, "expires"))
		put(params, "InstanceInitiatedShutdownBehavior", json_string("terminate"));
	put_disk(params, aws_str(w->held, "device"), json_object_get(wanted, "disk"));
	put(params, "TagSpecification",
	    ec2_tag_specs(wanted, ec2_sure(json_pack("{s:s}", "sluice:token", token)), types));
	return params;
}
