/* SPDX-License-Identifier: ISC
 * What is there before anything is launched: regions, zones, networks, groups, keys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static const struct {
	const char *name, *short_id;
	bool opted_in;
} regions[] = {
    {"us-west-2", "usw2", true},    {"us-east-1", "use1", true},       {"eu-west-1", "euw1", true},
    {"eu-central-1", "euc1", true}, {"ap-southeast-2", "apse2", true}, {"sa-east-1", "sae1", true},
    {"me-south-1", "mes1", false},
};
enum { REGIONS = sizeof regions / sizeof *regions };

/* What each account has from the start, in the seed's region (us-west-2). */
static const char *const seeded_names[] = {"tmtt", NULL};

json_t *describe_regions(struct request *r)
{
	static const struct filter filters[] = {{"region-name", "regionName"},
						{"endpoint", "regionEndpoint"},
						{"opt-in-status", "optInStatus"},
						{NULL, NULL}};
	const json_t *wanted = seq(r->params, "RegionName");
	json_t *found = json_array();

	if (!filters_known(r, filters)) {
		json_decref(found);
		return NULL;
	}
	for (size_t i = 0; i < REGIONS; i++) {
		json_t *one =
		    json_pack("{s:s, s:s+++, s:s}", "regionName", regions[i].name, "regionEndpoint",
			      "ec2.", regions[i].name, ".amazonaws.com", "", "optInStatus",
			      regions[i].opted_in ? "opt-in-not-required" : "not-opted-in");

		if ((regions[i].opted_in || yes(r->params, "AllRegions")) &&
		    (!json_array_size(wanted) || holds(wanted, regions[i].name)) &&
		    filters_hold(r, one, filters))
			json_array_append(found, one);
		json_decref(one);
	}
	return json_pack("{s:o}", "regionInfo", found);
}

bool ec2_region_is(const char *region)
{
	for (size_t i = 0; i < REGIONS; i++)
		if (!strcmp(regions[i].name, region))
			return regions[i].opted_in;
	return false;
}

bool ec2_zone_is(const char *region, const char *zone)
{
	size_t len = strlen(region);

	return !strncmp(zone, region, len) && strlen(zone) == len + 1 && strchr("abc", zone[len]);
}

json_t *describe_zones(struct request *r)
{
	static const struct filter filters[] = {
	    {"zone-name", "zoneName"}, {"region-name", "regionName"},    {"state", "zoneState"},
	    {"zone-type", "zoneType"}, {"opt-in-status", "optInStatus"}, {NULL, NULL}};
	const json_t *wanted = seq(r->params, "ZoneName");
	json_t *found;

	if (!filters_known(r, filters))
		return NULL;
	found = json_array();
	for (const char *letter = "abc"; *letter; letter++) {
		char *name = mem_fmt("%s%c", r->region, *letter);
		json_t *one = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[]}", "zoneName", name,
					"zoneState", "available", "regionName", r->region, "zoneId",
					name, "zoneType", "availability-zone", "optInStatus",
					"opt-in-not-required", "messageSet");

		if ((!json_array_size(wanted) || holds(wanted, name)) &&
		    filters_hold(r, one, filters))
			json_array_append(found, one);
		json_decref(one);
		free(name);
	}
	return json_pack("{s:o}", "availabilityZoneInfo", found);
}

json_t *describe_vpcs(struct request *r)
{
	static const struct filter filters[] = {{"vpc-id", "vpcId"},         {"state", "state"},
						{"is-default", "isDefault"}, {"cidr", "cidrBlock"},
						{"owner-id", "ownerId"},     {NULL, NULL}};

	return describe(r, &(struct describing){"vpcs", "vpcSet", "VpcId", "vpcId", NULL, NULL,
						"InvalidVpcID.NotFound",
						"The vpc ID '%s' does not exist", filters});
}

json_t *describe_subnets(struct request *r)
{
	static const struct filter filters[] = {{"subnet-id", "subnetId"},
						{"vpc-id", "vpcId"},
						{"availability-zone", "availabilityZone"},
						{"availabilityZone", "availabilityZone"},
						{"default-for-az", "defaultForAz"},
						{"state", "state"},
						{NULL, NULL}};

	return describe(r, &(struct describing){"subnets", "subnetSet", "SubnetId", "subnetId",
						NULL, NULL, "InvalidSubnetID.NotFound",
						"The subnet ID '%s' does not exist", filters});
}

json_t *ec2_subnet(json_t *where, const char *id)
{
	return json_object_get(table(where, "subnets"), id);
}

/* Ids of what is seeded depend on names only: the same in every sandbox. */
static char *seeded_id(const char *prefix, const char *account, const char *region,
		       const char *name)
{
	char *text = mem_fmt("%s/%s/%s/%s", prefix, account, region, name);
	char *id = mem_fmt("%s0%016llx", prefix, (unsigned long long)fnv(text));

	free(text);
	return id;
}

static void seed_security_group(json_t *where, const char *account, const char *region,
				const char *name)
{
	char *vpc = seeded_id("vpc-", account, region, "default");
	char *id = seeded_id("sg-", account, region, name);

	put(table(where, "security_groups"), id, ec2_new_group(account, id, name, name, vpc));
	free(id);
	free(vpc);
}

static void seed_key_pair(json_t *where, const char *account, const char *region, const char *name)
{
	char *id = seeded_id("key-", account, region, name);

	put(table(where, "key_pairs"), id,
	    json_pack("{s:s, s:s, s:s, s:s, s:[]}", "keyPairId", id, "keyName", name,
		      "keyFingerprint", "1f:51:ae:28:bf:89:e9:d8:1f:25:5d:37:2d:7d:b8:ca",
		      "keyType", "rsa", "tagSet"));
	free(id);
}

static void seed_network(const char *account, const char *region)
{
	json_t *where = place(account, region);
	char *vpc = seeded_id("vpc-", account, region, "default");

	put(table(where, "vpcs"), vpc,
	    json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:[]}", "vpcId", vpc, "state",
		      "available", "cidrBlock", "172.31.0.0/16", "dhcpOptionsId", "dopt-default",
		      "isDefault", 1, "ownerId", account, "instanceTenancy", "default", "tagSet"));
	for (int i = 0; i < 3; i++) {
		char *zone = mem_fmt("%s%c", region, 'a' + i), cidr[32];
		char *id = seeded_id("subnet-", account, region, zone);

		snprintf(cidr, sizeof cidr, "172.31.%d.0/20", i * 16);
		put(table(where, "subnets"), id,
		    json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:b, s:b, s:s, s:[]}", "subnetId", id,
			      "state", "available", "vpcId", vpc, "cidrBlock", cidr,
			      "availableIpAddressCount", 4091, "availabilityZone", zone,
			      "defaultForAz", 1, "mapPublicIpOnLaunch", 1, "ownerId", account,
			      "tagSet"));
		free(id);
		free(zone);
	}
	seed_security_group(where, account, region, "default");
	for (size_t i = 0; seeded_names[i]; i++) {
		seed_security_group(where, account, region, seeded_names[i]);
		seed_key_pair(where, account, region, seeded_names[i]);
	}
	free(vpc);
}

static void seed_default(void)
{
	for (size_t i = 0; i < REGIONS; i++) {
		seed_network("123456789012", regions[i].name);
		seed_network("210987654321", regions[i].name);
		ec2_seed_images(regions[i].name, NULL);
	}
}

void ec2_seed(json_t *seed)
{
	const char *account = has(seed, "account") ? str(seed, "account") : "123456789012";
	const char *region = has(seed, "region") ? str(seed, "region") : "us-west-2";
	size_t i;
	json_t *one;

	if (!seed) {
		seed_default();
		return;
	}
	json_array_foreach(seq(seed, "security_groups"), i, one)
		seed_security_group(place(account, region), account, region, text_of(one));
	json_array_foreach(seq(seed, "key_pairs"), i, one)
		seed_key_pair(place(account, region), account, region, text_of(one));
	ec2_seed_images(region, seed);
}
