/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static const struct aws_action actions[] = {
    {"AuthorizeSecurityGroupIngress", authorize_ingress, true},
    {"CopyImage", copy_image, true},
    {"CreateImage", create_image, true},
    {"CreateKeyPair", create_key_pair, true},
    {"CreateLaunchTemplate", create_template, true},
    {"CreateLaunchTemplateVersion", create_template_version, true},
    {"CreateSecurityGroup", create_security_group, true},
    {"CreateTags", create_tags, true},
    {"DeleteKeyPair", delete_key_pair, true},
    {"DeleteLaunchTemplate", delete_template, true},
    {"DeleteSecurityGroup", delete_security_group, true},
    {"DeleteSnapshot", delete_snapshot, true},
    {"DeleteTags", delete_tags, true},
    {"DeleteVolume", delete_volume, true},
    {"DeregisterImage", deregister_image, true},
    {"DescribeAvailabilityZones", describe_zones, false},
    {"DescribeImageAttribute", describe_image_attribute, false},
    {"DescribeImages", describe_images, false},
    {"DescribeInstanceAttribute", describe_instance_attribute, false},
    {"DescribeInstanceStatus", describe_instance_status, false},
    {"DescribeInstanceTypeOfferings", describe_offerings, false},
    {"DescribeInstanceTypes", describe_types, false},
    {"DescribeInstances", describe_instances, false},
    {"DescribeKeyPairs", describe_key_pairs, false},
    {"DescribeLaunchTemplateVersions", describe_template_versions, false},
    {"DescribeLaunchTemplates", describe_templates, false},
    {"DescribeNetworkInterfaces", describe_interfaces, false},
    {"DescribeRegions", describe_regions, false},
    {"DescribeSecurityGroups", describe_security_groups, false},
    {"DescribeSnapshotAttribute", describe_snapshot_attribute, false},
    {"DescribeSnapshots", describe_snapshots, false},
    {"DescribeSubnets", describe_subnets, false},
    {"DescribeTags", describe_tags, false},
    {"DescribeVolumes", describe_volumes, false},
    {"DescribeVpcs", describe_vpcs, false},
    {"GetConsoleOutput", get_console_output, false},
    {"ImportKeyPair", import_key_pair, true},
    {"ModifyImageAttribute", modify_image, true},
    {"ModifyInstanceAttribute", modify_instance, true},
    {"ModifyLaunchTemplate", modify_template, true},
    {"ModifySnapshotAttribute", modify_snapshot, true},
    {"RebootInstances", reboot_instances, true},
    {"ResetImageAttribute", reset_image_attribute, true},
    {"RevokeSecurityGroupIngress", revoke_ingress, true},
    {"RunInstances", run_instances, true},
    {"StartInstances", start_instances, true},
    {"StopInstances", stop_instances, true},
    {"TerminateInstances", terminate_instances, true},
    {NULL, NULL, false},
};

const struct aws_service ec2_service = {
    "ec2", "ec2", "2016-11-15", AWS_EC2, "http://ec2.amazonaws.com/doc/2016-11-15/", true, actions};

static bool is_chosen(const json_t *wanted, const json_t *thing, const char *member)
{
	return member && holds(wanted, str(thing, member));
}

static bool all_there(struct request *r, const struct describing *d, const json_t *wanted,
		      const char *member)
{
	size_t i;
	json_t *id, *thing;
	const char *key;

	json_array_foreach(wanted, i, id) {
		bool found = false;

		json_object_foreach(table(aws_place(r), d->table), key, thing)
			found = found || !strcmp(str(thing, member), text_of(id));
		if (found)
			continue;
		refuse(r, 400, d->code, d->message, text_of(id));
		return false;
	}
	return true;
}

json_t *describe(struct request *r, const struct describing *d)
{
	const json_t *ids = seq(r->params, d->id_param);
	const json_t *names = seq(r->params, d->name_param ? d->name_param : "");
	bool any = !json_array_size(ids) && !json_array_size(names);
	json_t *all, *thing, *result;
	const char *key;

	if (!filters_known(r, d->filters) || !all_there(r, d, ids, d->id_member) ||
	    !all_there(r, d, names, d->name_member))
		return NULL;
	all = json_array();
	result = json_object();
	json_object_foreach(table(aws_place(r), d->table), key, thing)
		if ((any || is_chosen(ids, thing, d->id_member) ||
		     is_chosen(names, thing, d->name_member)) &&
		    filters_hold(r, thing, d->filters))
			json_array_append(all, thing);
	if (page(r, result, d->result, all, 0))
		return result;
	json_decref(result);
	return NULL;
}

/* {"SecurityGroupId":["sg-1"],"Tag":[…]} → {"securityGroupIdSet":["sg-1"],"tagSet":[…]} */
json_t *wire_names(const json_t *value)
{
	json_t *result, *member;
	const char *name;
	size_t i;

	if (json_is_array(value)) {
		result = json_array();
		json_array_foreach(value, i, member)
			add(result, wire_names(member));
		return result;
	}
	if (!json_is_object(value))
		return json_deep_copy(value);
	result = json_object();
	json_object_foreach((json_t *)value, name, member) {
		char *wire = mem_fmt("%s%s", name, json_is_array(member) ? "Set" : "");

		*wire = (char)tolower((unsigned char)*wire);
		put(result, wire, wire_names(member));
		free(wire);
	}
	return result;
}
