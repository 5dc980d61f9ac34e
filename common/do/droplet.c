/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../address.h"
#include "../mem.h"
#include "droplet.h"
#include "marks.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

static void put_text(json_t *object, const char *key, const char *text)
{
	if (text)
		put(object, key, json_string(text));
}

static json_t *number_text(const json_t *number)
{
	char *text = mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(number));
	json_t *value = json_string(text);

	free(text);
	return value;
}

/* The service's word in ours; NULL: not known here. */
static const char *status_of(const char *word)
{
	static const char *const words[][2] = {
	    {"new", "new"}, {"active", "active"}, {"off", "off"}, {"archive", "off"}};

	for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
		if (!strcmp(word, words[i][0]))
			return words[i][1];
	return NULL;
}

static bool has_feature(const json_t *droplet, const char *name)
{
	size_t i;
	json_t *feature;

	json_array_foreach(json_object_get(droplet, "features"), i, feature) {
		const char *text = json_string_value(feature);

		if (text && !strcmp(text, name))
			return true;
	}
	return false;
}

json_t *do_tags_object(const json_t *list)
{
	json_t *tags = json_object(), *tag;
	size_t i;

	json_array_foreach(list, i, tag) {
		const char *text = json_string_value(tag);
		const char *colon = text ? strchr(text, ':') : NULL;
		char *key;

		if (!text)
			continue;
		key = colon ? mem_dup_n(text, (size_t)(colon - text)) : mem_dup(text);
		put(tags, key, colon ? json_string(colon + 1) : json_null());
		free(key);
	}
	return tags;
}

void do_tag_form(char *tag)
{
	static const char fine[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_-";

	if (strlen(tag) > 255)
		tag[255] = '\0';
	for (; *tag; tag++)
		if (!strchr(fine, *tag))
			*tag = '-';
}

json_t *do_tags_list(const json_t *tags)
{
	json_t *list = json_array(), *value;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)tags, key, value) {
		char *tag = json_is_string(value) ? mem_fmt("%s:%s", key, json_string_value(value))
						  : mem_dup(key);

		do_tag_form(tag);
		if (strncmp(tag, "sluice:", 7) != 0 &&
		    json_array_append_new(list, json_string(tag)))
			mem_out();
		free(tag);
	}
	return list;
}

struct addresses {
	json_t *all; /* {"address","type","primary"} */
	json_t *public_v4, *reserved_v4, *private_v4, *public_v6, *private_v6; /* first; borrowed */
};

static void add_address(struct addresses *a, const json_t *network, const json_t *reserved)
{
	const char *text = text_of(network, "ip_address"), *type = text_of(network, "type");
	struct address address;
	char plain[ADDRESS_SIZE];
	json_t *entry, **first;

	if (!text || !address_parse(text, &address))
		return;
	address_text(&address, plain);
	if (!type)
		type = "public";
	if (!strcmp(type, "public") && json_object_get(reserved, plain))
		type = "reserved";
	entry = json_pack("{s:s, s:s, s:b}", "address", plain, "type", type, "primary", 0);
	if (!entry || json_array_append_new(a->all, entry))
		mem_out();
	if (address.family == 6)
		first = strcmp(type, "private") ? &a->public_v6 : &a->private_v6;
	else
		first = !strcmp(type, "private")    ? &a->private_v4
			: !strcmp(type, "reserved") ? &a->reserved_v4
						    : &a->public_v4;
	if (!*first)
		*first = entry;
}

static void choose(json_t *interfaces, const char *version, json_t *entry)
{
	if (!entry)
		return;
	put(entry, "primary", json_true());
	put_text(interfaces, version, text_of(entry, "address"));
}

static void put_addresses(json_t *record, const json_t *droplet, const json_t *reserved)
{
	static const char *const versions[] = {"v4", "v6"};
	const json_t *networks = json_object_get(droplet, "networks");
	json_t *public = json_object(), *private = json_object(), *network;
	struct addresses a = {.all = json_array()};
	size_t i;

	for (size_t v = 0; v < 2; v++)
		json_array_foreach(json_object_get(networks, versions[v]), i, network) {
			add_address(&a, network, reserved);
		}
	choose(private, "ipv4", a.private_v4);
	choose(private, "ipv6", a.private_v6);
	choose(public, "ipv4", a.public_v4 ? a.public_v4 : a.reserved_v4);
	choose(public, "ipv6", a.public_v6);
	put(record, "private_network_interfaces", private);
	put(record, "public_network_interfaces", public);
	put(record, "addresses", a.all);
}

static void put_image(json_t *record, const json_t *droplet)
{
	const json_t *image = json_object_get(droplet, "image");
	const json_t *id = json_object_get(image, "id");

	if (text_of(image, "slug"))
		put_text(record, "image", text_of(image, "slug"));
	else if (json_is_integer(id))
		put(record, "image", number_text(id));
	if (json_is_integer(id))
		put(record, "image_id", number_text(id));
}

json_t *do_droplet_record(const json_t *droplet, const json_t *reserved, const char *account)
{
	json_t *record = json_pack("{s:s, s:s}", "kind", "instance", "provider", "digitalocean");
	const json_t *size = json_object_get(droplet, "size");
	const char *word = text_of(droplet, "status");

	if (!record)
		mem_out();
	put_text(record, "account", account);
	put(record, "id", number_text(json_object_get(droplet, "id")));
	put_text(record, "name", text_of(droplet, "name"));
	put_text(record, "region", text_of(json_object_get(droplet, "region"), "slug"));
	put_text(record, "size",
		 text_of(droplet, "size_slug") ? text_of(droplet, "size_slug")
					       : text_of(size, "slug"));
	put_image(record, droplet);
	put(record, "backups", json_boolean(has_feature(droplet, "backups")));
	put(record, "ipv6", json_boolean(has_feature(droplet, "ipv6")));
	put(record, "monitoring", json_boolean(has_feature(droplet, "monitoring")));
	put_addresses(record, droplet, reserved);
	put_text(record, "subnet", text_of(droplet, "vpc_uuid"));
	put_text(record, "status", status_of(word));
	put_text(record, "provider_status", word);
	put_text(record, "created", text_of(droplet, "created_at"));
	do_marks_read(record, json_object_get(droplet, "tags"));
	put(record, "tags", do_tags_shown(json_object_get(droplet, "tags")));
	return record;
}

static size_t count(const json_t *droplet, const char *version, const char *type)
{
	size_t i, n = 0;
	json_t *network;

	json_array_foreach(json_object_get(json_object_get(droplet, "networks"), version), i,
			   network) {
		const char *text = text_of(network, "type");

		n += text && !strcmp(text, type) && text_of(network, "ip_address");
	}
	return n;
}

bool do_droplet_ambiguous(const json_t *droplet)
{
	return count(droplet, "v4", "public") > 1;
}

bool do_droplet_ready(const json_t *droplet, bool ipv6)
{
	const char *word = text_of(droplet, "status");

	if (!word || !strcmp(word, "new"))
		return false;
	if ((ipv6 || has_feature(droplet, "ipv6")) && !count(droplet, "v6", "public"))
		return false;
	return count(droplet, "v4", "public") > 0;
}
