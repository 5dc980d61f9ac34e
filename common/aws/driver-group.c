/* SPDX-License-Identifier: ISC
 * Security groups: looked for by name, made, then opened for the ports that are wanted. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

static void open_ports(struct ec2_work *w);
static void look(struct ec2_work *w, void (*then)(struct ec2_work *));

static bool is_ours(const struct ec2_work *w, const json_t *group)
{
	char *run = ec2_run_of(w->item->wanted);
	const char *of = ec2_tag(aws_arr(group, "tagSet"), "sluice:run");
	bool ours = !strcmp(of, run) || (!*of && !*ec2_wanted(w->item, "run"));

	free(run);
	return ours;
}

/* One of our run; another one is in the way of its name. */
static bool take_found(struct ec2_work *w)
{
	size_t i;
	json_t *group;

	json_array_foreach(w->all, i, group)
		if (is_ours(w, group)) {
			ec2_take(w, w->item, group);
			return true;
		}
	if (json_array_size(w->all))
		fail_set(&w->item->failure, ST_REFUSED, "name-taken",
			 "there is a security group '%s' already, %s, of another run",
			 ec2_wanted(w->item, "name"),
			 aws_str(json_array_get(w->all, 0), "groupId"));
	return false;
}

/* What was asked to be made must be there, seen or not. */
static void on_looked_again(struct ec2_work *w)
{
	struct cloud_item *item = w->item;

	if (w->call.failure.status) {
		item->unclear = true;
		ec2_fail(w);
	} else if (take_found(w)) {
		open_ports(w);
	} else {
		if (!item->failure.status) {
			item->unclear = true;
			fail_set(
			    &item->failure, ST_TEMP, "unclear",
			    "the security group '%s' may have been made, but is in no list yet",
			    ec2_wanted(item, "name"));
		}
		ec2_end(w);
	}
}

static void on_made(struct ec2_work *w)
{
	static const char *const taken[] = {"InvalidGroup.Duplicate", NULL};
	struct cloud_item *item = w->item;
	json_t *group;

	if (ec2_refused(w, taken) || (w->call.failure.status && ec2_in_doubt(w))) {
		look(w, on_looked_again);
		return;
	}
	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	group = ec2_sure(json_pack(
	    "{s:s, s:s, s:s, s:s}", "groupId", aws_str(w->call.result, "groupId"), "groupName",
	    ec2_wanted(item, "name"), "groupDescription",
	    aws_str(w->call.params, "GroupDescription"), "vpcId", aws_str(w->held, "network")));
	json_object_set_new(group, "tagSet", ec2_tag_set(item->wanted));
	ec2_take(w, item, group);
	json_decref(group);
	item->made = true;
	open_ports(w);
}

static void make(struct ec2_work *w)
{
	static const char *const types[] = {"security-group", NULL};
	const char *network = aws_str(w->held, "network");
	const char *text = ec2_wanted(w->item, "description");

	ec2_ask(w, "CreateSecurityGroup", HTTP_CHANGE,
		json_pack("{s:s, s:s, s:s*, s:o}", "GroupName", ec2_wanted(w->item, "name"),
			  "GroupDescription", *text ? text : ec2_wanted(w->item, "name"), "VpcId",
			  *network ? network : NULL, "TagSpecification",
			  ec2_tag_specs(w->item->wanted, NULL, types)),
		on_made);
}

static void on_looked(struct ec2_work *w)
{
	if (w->call.failure.status)
		ec2_fail(w);
	else if (take_found(w))
		open_ports(w);
	else if (w->item->failure.status)
		ec2_end(w);
	else
		make(w);
}

static void look(struct ec2_work *w, void (*then)(struct ec2_work *))
{
	json_t *params = ec2_sure(json_object());

	ec2_filter(params, "group-name", ec2_wanted(w->item, "name"));
	ec2_filter(params, "vpc-id", aws_str(w->held, "network"));
	ec2_read(w, "ec2", "DescribeSecurityGroups", params, "securityGroupInfo", then);
}

static void begin(struct ec2_work *w)
{
	if (w->item->certain)
		make(w);
	else
		look(w, on_looked);
}

static void on_network(struct ec2_work *w)
{
	const json_t *place = json_array_get(
	    aws_arr(w->call.result, *ec2_wanted(w->item, "subnet") ? "subnetSet" : "vpcSet"), 0);

	if (w->call.failure.status) {
		ec2_fail(w);
		return;
	}
	if (!place) {
		fail_set(&w->item->failure, ST_REFUSED, "no-network",
			 "the account has no default network in '%s': say which subnet", w->region);
		ec2_end(w);
		return;
	}
	w->held = ec2_sure(json_pack("{s:s}", "network", aws_str(place, "vpcId")));
	begin(w);
}

/* The network of the subnet, or the account's default one: groups are told apart by it. */
void ec2_make_group(struct ec2_work *w)
{
	const char *subnet = ec2_wanted(w->item, "subnet");
	json_t *params;

	if (*subnet) {
		ec2_ask(w, "DescribeSubnets", HTTP_READ, json_pack("{s:[s]}", "SubnetId", subnet),
			on_network);
		return;
	}
	params = ec2_sure(json_object());
	ec2_filter(params, "is-default", "true");
	ec2_ask(w, "DescribeVpcs", HTTP_READ, params, on_network);
}

/* ---- its ports */

static json_t *rule(long long port, bool v6)
{
	json_t *range =
	    v6 ? json_pack("{s:s}", "CidrIpv6", "::/0") : json_pack("{s:s}", "CidrIp", "0.0.0.0/0");

	return ec2_sure(json_pack("{s:s, s:I, s:I, s:[o]}", "IpProtocol", "tcp", "FromPort",
				  (json_int_t)port, "ToPort", (json_int_t)port,
				  v6 ? "Ipv6Ranges" : "IpRanges", range));
}

static json_t *all_rules(const json_t *ports)
{
	json_t *rules = ec2_sure(json_array()), *port;
	size_t i;

	json_array_foreach(ports, i, port) {
		json_array_append_new(rules, rule(json_integer_value(port), false));
		json_array_append_new(rules, rule(json_integer_value(port), true));
	}
	return rules;
}

static void authorize(struct ec2_work *w, json_t *rules, void (*then)(struct ec2_work *))
{
	ec2_ask(w, "AuthorizeSecurityGroupIngress", HTTP_IDEMPOTENT,
		json_pack("{s:s, s:o}", "GroupId", w->item->id, "IpPermissions", rules), then);
}

/* A group that was just made may not be known everywhere: to be tried again. */
static void refuse_ports(struct ec2_work *w)
{
	static const char *const not_yet[] = {"InvalidGroup.NotFound", NULL};

	if (ec2_refused(w, not_yet))
		w->call.failure.status = ST_TEMP;
	w->item->unclear = w->call.failure.status == ST_TEMP;
	ec2_fail(w);
}

static void on_opened_one(struct ec2_work *w)
{
	static const char *const there[] = {"InvalidPermission.Duplicate", NULL};
	const json_t *rules = json_object_get(w->held, "rules");

	if (w->call.failure.status && !ec2_refused(w, there))
		refuse_ports(w);
	else if (w->next == json_array_size(rules))
		ec2_end(w);
	else
		authorize(w, json_pack("[O]", json_array_get(rules, w->next++)), on_opened_one);
}

/* One that is there already refuses all: then each alone. */
static void on_opened(struct ec2_work *w)
{
	static const char *const there[] = {"InvalidPermission.Duplicate", NULL};

	if (ec2_refused(w, there))
		on_opened_one(w);
	else if (w->call.failure.status)
		refuse_ports(w);
	else
		ec2_end(w);
}

static void open_ports(struct ec2_work *w)
{
	json_t *rules = all_rules(json_object_get(w->item->wanted, "ports"));

	json_object_set_new(w->held, "rules", rules);
	if (json_array_size(rules))
		authorize(w, json_incref(rules), on_opened);
	else
		ec2_end(w);
}
