/* SPDX-License-Identifier: ISC
 * A few instance types; others can be launched, too. */
#include <stdio.h>
#include <string.h>

#include "ec2.h"

/* Families of ARM processors have a g behind their number: m6g, c7gn, t4g; and there is a1. */
const char *ec2_architecture_of(const char *type)
{
	size_t letters = strcspn(type, "0123456789"), digits = strspn(type + letters, "0123456789");

	return !strncmp(type, "a1.", 3) || type[letters + digits] == 'g' ? "arm64" : "x86_64";
}

static const struct {
	const char *name;
	int cpus, mib;
} types[] = {
    {"c5.large", 2, 4096}, {"c6g.large", 2, 4096},  {"m1.medium", 1, 3840}, {"m1.small", 1, 1740},
    {"m5.large", 2, 8192}, {"m5.xlarge", 4, 16384}, {"m6g.large", 2, 8192}, {"m6i.large", 2, 8192},
    {"t2.micro", 1, 1024}, {"t3.micro", 2, 1024},   {"t3.small", 2, 2048},  {"t4g.small", 2, 2048},
};
enum { TYPES = sizeof types / sizeof *types };

static bool are_known(struct request *r)
{
	size_t i;
	json_t *wanted;

	json_array_foreach(seq(r->params, "InstanceType"), i, wanted) {
		int t = 0;

		while (t < TYPES && strcmp(types[t].name, text_of(wanted)) != 0)
			t++;
		if (t < TYPES)
			continue;
		refuse(r, 400, "InvalidInstanceType",
		       "The following supplied instance types do not exist: [%s]", text_of(wanted));
		return false;
	}
	return true;
}

static json_t *answer_page(struct request *r, const char *name, json_t *all)
{
	json_t *result = json_object();

	if (page(r, result, name, all, 100))
		return result;
	json_decref(result);
	return NULL;
}

json_t *describe_types(struct request *r)
{
	static const struct filter filters[] = {
	    {"instance-type", "instanceType"},
	    {"current-generation", "currentGeneration"},
	    {"processor-info.supported-architecture", "processorInfo.supportedArchitectures"},
	    {"vcpu-info.default-vcpus", "vCpuInfo.defaultVCpus"},
	    {"memory-info.size-in-mib", "memoryInfo.sizeInMiB"},
	    {NULL, NULL}};
	const json_t *wanted = seq(r->params, "InstanceType");
	json_t *all;

	if (!filters_known(r, filters) || !are_known(r))
		return NULL;
	all = json_array();
	for (int t = 0; t < TYPES; t++) {
		json_t *one = json_pack(
		    "{s:s, s:b, s:[s], s:[s], s:{s:[s]}, s:{s:i}, s:{s:i}}", "instanceType",
		    types[t].name, "currentGeneration", types[t].name[1] != '1',
		    "supportedUsageClasses", "on-demand", "supportedRootDeviceTypes", "ebs",
		    "processorInfo", "supportedArchitectures", ec2_architecture_of(types[t].name),
		    "vCpuInfo", "defaultVCpus", types[t].cpus, "memoryInfo", "sizeInMiB",
		    types[t].mib);

		if ((!json_array_size(wanted) || holds(wanted, types[t].name)) &&
		    filters_hold(r, one, filters))
			json_array_append(all, one);
		json_decref(one);
	}
	return answer_page(r, "instanceTypeSet", all);
}

/* By zone or region; what has no capacity is offered all the same. */
json_t *describe_offerings(struct request *r)
{
	static const struct filter filters[] = {
	    {"instance-type", "instanceType"}, {"location", "location"}, {NULL, NULL}};
	const char *kind = has(r->params, "LocationType") ? arg(r, "LocationType") : "region";
	bool by_zone = strcmp(kind, "region") != 0;
	json_t *all;

	if (!filters_known(r, filters))
		return NULL;
	all = json_array();
	for (int t = 0; t < TYPES; t++)
		for (const char *letter = by_zone ? "abc" : " "; *letter; letter++) {
			json_t *one = json_pack("{s:s, s:s, s:o}", "instanceType", types[t].name,
						"locationType", kind, "location",
						json_sprintf("%s%.*s", r->region, by_zone, letter));

			if (filters_hold(r, one, filters))
				json_array_append(all, one);
			json_decref(one);
		}
	return answer_page(r, "instanceTypeOfferingSet", all);
}
