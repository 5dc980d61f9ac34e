/* SPDX-License-Identifier: ISC
 * Whether all that the asg-spec names is there, before anything is made. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "roll.h"
#include "status.h"

static bool missing(struct failure *f, const char *code, const char *what, const char *name,
		    const char *where)
{
	return fail_set(f, ST_REFUSED, code, "there is no %s '%s' in %s", what, name, where);
}

/* The elements of an answer; a refusal that says "not found" is an empty list. */
static json_t *ask(struct roll *r, const char *service, const char *action, json_t *params,
		   const char *member, struct failure *f)
{
	json_t *list = aws_list(r->cloud.aws, service, action, params, member, f);

	if (list || !asg_not_there(f))
		return list;
	fail_free(f);
	return json_array();
}

static bool check_image(struct roll *r, struct failure *f)
{
	json_auto_t *list = ask(r, "ec2", "DescribeImages",
				json_pack("{s:[s]}", "ImageId", r->want.image), "imagesSet", f);
	const char *state = aws_str(json_array_get(list, 0), "imageState");

	if (!list)
		return false;
	if (!json_array_size(list))
		return missing(f, "InvalidAMIID.NotFound", "image", r->want.image, r->want.region);
	if (strcmp(state, "available") != 0)
		return fail_set(f, ST_REFUSED, "InvalidAMIID.Unavailable", "image '%s' is %s",
				r->want.image, state);
	return true;
}

static bool check_key(struct roll *r, struct failure *f)
{
	const char *key = rec_string(r->rec, "key_pair");
	json_auto_t *list = NULL;

	if (!key)
		return true;
	list = ask(r, "ec2", "DescribeKeyPairs", json_pack("{s:[s]}", "KeyName", key), "keySet", f);
	if (!list)
		return false;
	return json_array_size(list) ||
	       missing(f, "InvalidKeyPair.NotFound", "key pair", key, r->want.region);
}

/* The network of the subnets, or of the zones' default subnets; caller frees. */
static char *find_network(struct roll *r, struct failure *f)
{
	json_t *subnets = want_list(r->rec, "subnets"),
	       *zones = want_list(r->rec, "availability_zones");
	json_t *params = subnets ? json_pack("{s:O}", "SubnetId", subnets)
				 : json_pack("{s:[{s:s, s:O}, {s:s, s:[s]}]}", "Filter", "Name",
					     "availability-zone", "Value", zones, "Name",
					     "default-for-az", "Value", "true");
	json_auto_t *list = ask(r, "ec2", "DescribeSubnets", params, "subnetSet", f);
	json_t *name, *subnet;
	size_t i, k;

	if (!list)
		return NULL;
	json_array_foreach(subnets ? subnets : zones, i, name) {
		bool found = false;

		json_array_foreach(list, k, subnet)
			found = found ||
				!strcmp(aws_str(subnet, subnets ? "subnetId" : "availabilityZone"),
					json_string_value(name));
		if (!found) {
			missing(f, "InvalidSubnetID.NotFound",
				subnets ? "subnet" : "default subnet in zone",
				json_string_value(name), r->want.region);
			return NULL;
		}
	}
	return mem_dup(aws_str(json_array_get(list, 0), "vpcId"));
}

/* Names become ids, within the network. */
static bool resolve_security_groups(struct roll *r, const char *network, struct failure *f)
{
	json_t *wanted = want_list(r->rec, "security_groups"), *name, *group;
	json_auto_t *list = NULL;
	size_t i, k;

	r->want.security_groups = json_array();
	if (!wanted)
		return true;
	list = ask(r, "ec2", "DescribeSecurityGroups",
		   json_pack("{s:[{s:s, s:[s]}]}", "Filter", "Name", "vpc-id", "Value", network),
		   "securityGroupInfo", f);
	if (!list)
		return false;
	json_array_foreach(wanted, i, name) {
		const char *id = NULL, *text = json_string_value(name);

		json_array_foreach(list, k, group)
			if (!strcmp(aws_str(group, "groupName"), text) ||
			    !strcmp(aws_str(group, "groupId"), text))
				id = aws_str(group, "groupId");
		if (!id)
			return missing(f, "InvalidGroup.NotFound", "security group", text, network);
		json_array_append_new(r->want.security_groups, json_string(id));
	}
	return true;
}

static bool check_load_balancers(struct roll *r, struct failure *f)
{
	json_t *wanted = want_list(r->rec, "load_balancers"), *name;
	size_t i;

	json_array_foreach(wanted, i, name) {
		json_auto_t *list = ask(r, "elb", "DescribeLoadBalancers",
					json_pack("{s:[O]}", "LoadBalancerNames", name),
					"LoadBalancerDescriptions", f);

		if (!list)
			return false;
		if (!json_array_size(list))
			return missing(f, "LoadBalancerNotFound", "load balancer",
				       json_string_value(name), r->want.region);
	}
	return true;
}

/* Names become ARNs. */
static bool resolve_target_groups(struct roll *r, const char *network, struct failure *f)
{
	json_t *name;
	size_t i;

	r->want.target_groups = json_array();
	json_array_foreach(want_list(r->rec, "target_groups"), i, name) {
		const char *text = json_string_value(name), *vpc;
		json_auto_t *list =
		    ask(r, "elbv2", "DescribeTargetGroups",
			json_pack("{s:[s]}", strncmp(text, "arn:", 4) ? "Names" : "TargetGroupArns",
				  text),
			"TargetGroups", f);
		const json_t *found = json_array_get(list, 0);

		if (!list)
			return false;
		if (!found)
			return missing(f, "TargetGroupNotFound", "target group", text,
				       r->want.region);
		vpc = aws_str(found, "VpcId");
		if (*vpc && strcmp(vpc, network) != 0)
			return fail_set(f, ST_DATA, "bad-spec",
					"target group '%s' is in %s, the instances would be in %s",
					text, vpc, network);
		json_array_append_new(r->want.target_groups,
				      json_string(aws_str(found, "TargetGroupArn")));
	}
	return true;
}

/* Asked of IAM, which many who may deploy may not ask: then the launches will tell. */
static bool check_profile(struct roll *r, struct failure *f)
{
	const char *profile = rec_string(r->rec, "instance_profile"), *name;
	json_auto_t *answer = NULL;

	if (!profile)
		return true;
	name = strrchr(profile, '/') ? strrchr(profile, '/') + 1 : profile;
	answer = aws_do(r->cloud.aws, "iam", "GetInstanceProfile", HTTP_READ,
			json_pack("{s:s}", "InstanceProfileName", name), f, NULL);
	if (answer)
		return true;
	if (asg_not_there(f))
		return missing(f, "NoSuchEntity", "instance profile", profile, "the account");
	if (f->status == ST_TEMP || f->status >= 128)
		return false;
	cli_note("cannot check instance profile '%s': %s", profile, f->message);
	fail_free(f);
	return true;
}

bool roll_check(struct roll *r, struct failure *f)
{
	char *network;
	bool ok;

	if (r->o->back)
		return true;
	if (!check_image(r, f) || !check_key(r, f) || !(network = find_network(r, f)))
		return false;
	ok = resolve_security_groups(r, network, f) && check_load_balancers(r, f) &&
	     resolve_target_groups(r, network, f) && check_profile(r, f);
	free(network);
	return ok;
}
