/* SPDX-License-Identifier: ISC
 * The addresses of droplets. A droplet is active before it has them. How an IPv6 address is
 * spelled differs by place, as it did and does: knob "ipv6": {"droplets": F, "records": F} with
 * compressed, expanded, upper or upper-expanded. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static void expand(const unsigned char byte[16], char text[INET6_ADDRSTRLEN])
{
	for (int i = 0; i < 8; i++)
		snprintf(text + i * 5, 6, "%02x%02x%s", byte[i * 2], byte[i * 2 + 1],
			 i < 7 ? ":" : "");
}

char *do_spell_ipv6(const char *address, const char *place)
{
	const char *form = text_of(do_knob_of("ipv6", place));
	unsigned char byte[16];
	char text[INET6_ADDRSTRLEN];

	if (!*form)
		form = strcmp(place, "records") != 0 ? "compressed" : "expanded";
	if (inet_pton(AF_INET6, address, byte) != 1)
		return mem_dup(address);
	if (strstr(form, "expanded"))
		expand(byte, text);
	else
		inet_ntop(AF_INET6, byte, text, sizeof text);
	for (char *c = text; *c && !strncmp(form, "upper", 5); c++)
		*c = (char)toupper((unsigned char)*c);
	return mem_dup(text);
}

/* The first address of the network that an IPv4 address is in. */
static char *gateway_of(const char *address, uint32_t mask)
{
	struct in_addr a;
	char text[INET_ADDRSTRLEN];

	inet_pton(AF_INET, address, &a);
	a.s_addr = htonl((ntohl(a.s_addr) & mask) + 1);
	return mem_dup(inet_ntop(AF_INET, &a, text, sizeof text));
}

static void add_v4(json_t *v4, const char *address, const char *type)
{
	bool private = !strcmp(type, "private");
	char *gateway;

	if (!*address)
		return;
	gateway = gateway_of(address, private ? 0xffff0000u : 0xfffff000u);
	add(v4,
	    json_pack("{s:s, s:s, s:s, s:s}", "ip_address", address, "netmask",
		      private ? "255.255.0.0" : "255.255.240.0", "gateway", gateway, "type", type));
	free(gateway);
}

static void add_v6(json_t *v6, const char *address)
{
	char *spelled, *gateway, *at;

	if (!*address)
		return;
	spelled = do_spell_ipv6(address, "droplets");
	gateway = mem_dup(address);
	at = strrchr(gateway, ':');
	snprintf(at, strlen(at) + 1, ":1");
	add(v6, json_pack("{s:s, s:i, s:s, s:s}", "ip_address", spelled, "netmask", 64, "gateway",
			  gateway, "type", "public"));
	free(gateway);
	free(spelled);
}

static void add_reserved(struct request *r, json_t *v4, const json_t *droplet)
{
	const char *ip;
	json_t *reserved;

	json_object_foreach(sub(do_home(r), "reserved_ips"), ip, reserved)
		if (num(reserved, "_droplet", 0) == num(droplet, "id", -1))
			add_v4(v4, ip, "public");
}

/* Private first, as the description's examples have it. */
json_t *do_networks(struct request *r, const json_t *droplet)
{
	json_t *v4, *v6;

	if (world_now() < num(droplet, "_addressed", 0))
		return do_knob("bare_networks", 0) ? json_object()
						   : json_pack("{s:[], s:[]}", "v4", "v6");
	v4 = json_array();
	v6 = json_array();
	add_v4(v4, str(droplet, "_private"), "private");
	add_v4(v4, str(droplet, "_ipv4"), "public");
	add_reserved(r, v4, droplet);
	add_v6(v6, str(droplet, "_ipv6"));
	return json_pack("{s:o, s:o}", "v4", v4, "v6", v6);
}

static void give(json_t *droplet, const char *member, const char *wish, char *otherwise)
{
	put_str(droplet, member, *wish ? wish : otherwise);
	free(otherwise);
}

void do_give_ipv6(json_t *droplet, const char *wish)
{
	long long n = num(droplet, "_number", 0);

	give(droplet, "_ipv6", wish,
	     mem_fmt("2604:a880:800:10::%llx:%llx001", n / 16 + 0x60, n % 16));
}

void do_give_addresses(json_t *droplet, const json_t *wish)
{
	long long n = do_new_id("address") % 100000 + 256;

	put_int(droplet, "_number", n);
	if (!json_is_null(json_object_get(wish, "ipv4")) && !yes(droplet, "_private_only"))
		give(droplet, "_ipv4", str(wish, "ipv4"),
		     mem_fmt("198.%lld.%lld.%lld", 18 + (n >> 16), n >> 8 & 255, n & 255));
	if (!json_is_null(json_object_get(wish, "private")))
		give(droplet, "_private", str(wish, "private"),
		     mem_fmt("10.%lld.%lld.%lld", 132 + (n >> 16), n >> 8 & 255, n & 255));
	if (holds(seq(droplet, "features"), "ipv6"))
		do_give_ipv6(droplet, str(wish, "ipv6"));
}
