/* SPDX-License-Identifier: ISC
 * VPCs, of which every region has one by default, and reserved IPs. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static json_t *make_vpc(json_t *home, const char *name, const char *region, const char *range,
			bool is_default)
{
	char *id = new_uuid(), *urn = mem_fmt("do:vpc:%s", id);
	json_t *vpc = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:b, s:s}", "id", id, "urn", urn,
				"name", name, "region", region, "created_at", do_time(world_now()),
				"ip_range", range, "default", is_default, "description", "");

	put(sub(home, "vpcs"), id, vpc);
	free(id);
	free(urn);
	return vpc;
}

json_t *do_default_vpc(json_t *home, const char *region)
{
	json_t *vpc, *found = NULL;
	const char *id;
	char *name;

	json_object_foreach(sub(home, "vpcs"), id, vpc)
		if (yes(vpc, "default") && !strcmp(str(vpc, "region"), region))
			found = vpc;
	if (found)
		return found;
	name = mem_fmt("default-%s", region);
	found = make_vpc(home, name, region, "10.132.0.0/16", true);
	free(name);
	return found;
}

static json_t *show(struct request *r, json_t *thing)
{
	(void)r;
	return do_public(thing);
}

static json_t *list_vpcs(struct request *r)
{
	return do_page(r, "vpcs", do_values(sub(do_home(r), "vpcs")), show);
}

static json_t *vpc_of(struct request *r)
{
	return json_object_get(sub(do_home(r), "vpcs"), do_arg(r, "vpc_id"));
}

static json_t *get_vpc(struct request *r)
{
	return vpc_of(r) ? do_one("vpc", do_public(vpc_of(r))) : do_missing(r);
}

static json_t *create_vpc(struct request *r)
{
	const char *range = do_arg(r, "ip_range");

	if (!has(r->params, "name"))
		return do_refuse(r, 422, "Name can't be blank");
	if (!json_object_get(do_catalog("regions"), do_arg(r, "region")))
		return do_refuse(r, 422, "Region is invalid");
	return do_one("vpc",
		      json_incref(make_vpc(do_home(r), do_arg(r, "name"), do_arg(r, "region"),
					   *range ? range : "10.116.0.0/20", false)));
}

static json_t *change_vpc(struct request *r)
{
	static const char *const members[] = {"name", "description"};

	if (!vpc_of(r))
		return do_missing(r);
	for (size_t i = 0; i < 2; i++)
		if (has(r->params, members[i]))
			put_str(vpc_of(r), members[i], do_arg(r, members[i]));
	return get_vpc(r);
}

static json_t *members_of(struct request *r)
{
	json_t *all = json_array(), *droplet;
	const char *key;

	json_object_foreach(sub(do_home(r), "droplets"), key, droplet)
		if (!strcmp(str(droplet, "vpc_uuid"), do_arg(r, "vpc_id")))
			json_array_append(all, droplet);
	return all;
}

static json_t *show_member(struct request *r, json_t *droplet)
{
	char *urn = mem_fmt("do:droplet:%lld", num(droplet, "id", 0));
	json_t *shown =
	    json_pack("{s:s, s:O, s:O}", "urn", urn, "name", json_object_get(droplet, "name"),
		      "created_at", json_object_get(droplet, "created_at"));

	(void)r;
	free(urn);
	return shown;
}

static json_t *list_members(struct request *r)
{
	return vpc_of(r) ? do_page(r, "members", members_of(r), show_member) : do_missing(r);
}

static json_t *delete_vpc(struct request *r)
{
	json_t *members = members_of(r);
	bool empty = !json_array_size(members);

	json_decref(members);
	if (!vpc_of(r))
		return do_missing(r);
	if (yes(vpc_of(r), "default"))
		return do_refuse(r, 403, "Can not delete default VPCs");
	if (!empty)
		return do_refuse(r, 409, "Can not delete VPC with members");
	json_object_del(sub(do_home(r), "vpcs"), do_arg(r, "vpc_id"));
	return json_null();
}

static json_t *show_reserved(struct request *r, json_t *reserved)
{
	json_t *shown = do_public(reserved), *droplet;
	char *key = do_key(num(reserved, "_droplet", -1));

	droplet = json_object_get(sub(do_home(r), "droplets"), key);
	free(key);
	put(shown, "region",
	    json_incref(json_object_get(do_catalog("regions"), str(reserved, "_region"))));
	put(shown, "droplet", droplet ? do_shown_droplet(r, droplet) : json_null());
	return shown;
}

static json_t *list_reserved(struct request *r)
{
	return do_page(r, "reserved_ips", do_values(sub(do_home(r), "reserved_ips")),
		       show_reserved);
}

static json_t *reserved_of(struct request *r)
{
	return json_object_get(sub(do_home(r), "reserved_ips"), do_arg(r, "reserved_ip"));
}

static json_t *get_reserved(struct request *r)
{
	return reserved_of(r) ? do_one("reserved_ip", show_reserved(r, reserved_of(r)))
			      : do_missing(r);
}

json_t *do_make_reserved(json_t *home, const char *ip, const json_t *droplet, const char *region)
{
	long long n = do_new_id("reserved") % 60000;
	char *made = *ip ? mem_dup(ip) : mem_fmt("203.0.%lld.%lld", 113 + (n >> 8), n & 255);
	json_t *reserved = json_pack("{s:s, s:b, s:n, s:s}", "ip", made, "locked", 0, "project_id",
				     "_region", droplet ? str(droplet, "_region") : region);

	if (droplet)
		put_int(reserved, "_droplet", num(droplet, "id", 0));
	put(sub(home, "reserved_ips"), made, reserved);
	free(made);
	return reserved;
}

static json_t *create_reserved(struct request *r)
{
	json_t *droplet = do_droplet(do_home(r), r);

	if (has(r->params, "droplet_id") && !droplet)
		return do_missing(r);
	if (!droplet && !json_object_get(do_catalog("regions"), do_arg(r, "region")))
		return do_refuse(r, 422, "Region is invalid");
	return do_one("reserved_ip", show_reserved(r, do_make_reserved(do_home(r), "", droplet,
								       do_arg(r, "region"))));
}

static json_t *delete_reserved(struct request *r)
{
	if (json_object_del(sub(do_home(r), "reserved_ips"), do_arg(r, "reserved_ip")))
		return do_missing(r);
	return json_null();
}

static json_t *move_reserved(struct request *r)
{
	json_t *reserved = reserved_of(r), *droplet = do_droplet(do_home(r), r), *action;
	bool assign = !strcmp(do_arg(r, "type"), "assign");

	if (!reserved || (assign && !droplet))
		return do_missing(r);
	if (!assign && strcmp(do_arg(r, "type"), "unassign") != 0)
		return do_refuse(r, 422, "The action type is not valid.");
	if (assign)
		json_object_set(reserved, "_droplet", json_object_get(droplet, "id"));
	else
		json_object_del(reserved, "_droplet");
	action = do_begin(do_home(r), assign ? "assign_ip" : "unassign_ip", "reserved_ip", reserved,
			  do_knob("action", 5));
	return do_one("action", do_public(action));
}

const struct do_route do_network_routes[] = {
    {"GET", "/v2/vpcs", "vpcs_list", list_vpcs, 200},
    {"POST", "/v2/vpcs", "vpcs_create", create_vpc, 201},
    {"GET", "/v2/vpcs/{vpc_id}", "vpcs_get", get_vpc, 200},
    {"PATCH", "/v2/vpcs/{vpc_id}", "vpcs_patch", change_vpc, 200},
    {"DELETE", "/v2/vpcs/{vpc_id}", "vpcs_delete", delete_vpc, 204},
    {"GET", "/v2/vpcs/{vpc_id}/members", "vpcs_list_members", list_members, 200},
    {"GET", "/v2/reserved_ips", "reservedIPs_list", list_reserved, 200},
    {"POST", "/v2/reserved_ips", "reservedIPs_create", create_reserved, 202},
    {"GET", "/v2/reserved_ips/{reserved_ip}", "reservedIPs_get", get_reserved, 200},
    {"DELETE", "/v2/reserved_ips/{reserved_ip}", "reservedIPs_delete", delete_reserved, 204},
    {"POST", "/v2/reserved_ips/{reserved_ip}/actions", "reservedIPsActions_post", move_reserved,
     201},
    {NULL, NULL, NULL, NULL, 0},
};
