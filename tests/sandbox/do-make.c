/* SPDX-License-Identifier: ISC
 * What a droplet is made of, and what is wrong with a wish for one. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static bool region_fits(const json_t *region, const json_t *size, const char *wanted)
{
	return yes(region, "available") && !strncmp(str(region, "slug"), wanted, strlen(wanted)) &&
	       holds(seq(size, "regions"), str(region, "slug"));
}

/* A region is named whole or by its beginning, or left to them. */
static json_t *pick_region(struct request *r, const json_t *size)
{
	json_t *regions = do_catalog("regions"), *region;
	const char *wanted = do_arg(r, "region"), *slug;

	region = json_object_get(regions, wanted);
	if (region && !yes(region, "available"))
		return do_refuse(r, 422, "Region is not available");
	json_object_foreach(regions, slug, region)
		if (region_fits(region, size, wanted))
			return region;
	json_object_foreach(regions, slug, region)
		if (!strncmp(slug, wanted, strlen(wanted)))
			return do_refuse(r, 422, "Size is not available in this region.");
	return do_refuse(r, 422, "You specified an invalid region for Droplet creation.");
}

static json_t *pick_image(struct request *r, const struct do_wish *w)
{
	const json_t *wanted = json_object_get(r->params, "image");
	json_t *image = do_image(do_home(r), wanted);

	if (!image)
		return do_refuse(r, 422, "You specified an invalid image for Droplet creation.");
	if (!holds(seq(image, "regions"), str(w->region, "slug")))
		return do_refuse(r, 422, "Image is not available in this region.");
	if (num(image, "min_disk_size", 0) > num(w->size, "disk", 0))
		return do_refuse(
		    r, 422, "This image requires a larger disk than the one of the chosen size.");
	return image;
}

static bool is_hostname(const char *name)
{
	size_t len = strlen(name);

	if (!len || len > 255 || !isalnum((unsigned char)name[len - 1]))
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(".-", *c))
			return false;
	return true;
}

static bool names_are_good(struct request *r)
{
	const json_t *names = seq(r->params, "names");
	size_t i;
	json_t *name;
	bool good = json_array_size(names) || is_hostname(do_arg(r, "name"));

	json_array_foreach(names, i, name)
		good = good && is_hostname(text_of(name));
	if (!good)
		do_refuse(r, 422,
			  "Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
	return good;
}

static bool is_key(const struct request *r, const json_t *id)
{
	json_t *key;
	const char *number;

	json_object_foreach(sub(do_home(r), "keys"), number, key)
		if (json_is_integer(id) ? json_integer_value(id) == num(key, "id", 0)
					: !strcmp(text_of(id), number) ||
					      !strcmp(text_of(id), str(key, "fingerprint")))
			return true;
	return false;
}

static bool keys_are_good(struct request *r)
{
	json_t *wrong = json_array(), *id;
	bool good;
	size_t i;

	json_array_foreach(seq(r->params, "ssh_keys"), i, id)
		if (!is_key(r, id))
			json_array_append(wrong, id);
	good = !json_array_size(wrong);
	if (!good) {
		char *text = json_dumps(wrong, JSON_COMPACT);

		do_refuse(r, 422, "%s are invalid key identifiers for Droplet creation.", text);
		free(text);
	}
	json_decref(wrong);
	return good;
}

static bool has_room(struct request *r, size_t count)
{
	json_t *home = do_home(r);
	long long most = num(sub(home, "account"), "droplet_limit", 25);

	if ((long long)(json_object_size(sub(home, "droplets")) + count) <= most)
		return true;
	do_refuse(r, 422, "creating this/these droplet(s) will exceed your droplet limit");
	return false;
}

static bool vpc_is_good(struct request *r, const struct do_wish *w)
{
	const char *id = do_arg(r, "vpc_uuid");
	const json_t *vpc = json_object_get(sub(do_home(r), "vpcs"), id);

	if (!*id || (vpc && !strcmp(str(vpc, "region"), str(w->region, "slug"))))
		return true;
	do_refuse(r, 422, "VPC not found in this region");
	return false;
}

static bool asks_for_nonsense(struct request *r)
{
	if (has(r->params, "name") == (json_array_size(seq(r->params, "names")) > 0))
		do_refuse(r, 422, "Name can't be blank");
	else if (json_array_size(seq(r->params, "names")) > 10)
		do_refuse(r, 422, "You can only create up to 10 droplets at once.");
	else if (strlen(do_arg(r, "user_data")) > 65536)
		do_refuse(r, 422, "User data is too long");
	else if (json_is_false(json_object_get(r->params, "public_networking")) &&
		 yes(r->params, "ipv6"))
		do_refuse(r, 422, "IPv6 needs public networking");
	else
		return false;
	return true;
}

bool do_check_wish(struct request *r, size_t count, struct do_wish *w)
{
	if (asks_for_nonsense(r) || !names_are_good(r))
		return false;
	w->size = json_object_get(do_catalog("sizes"), do_arg(r, "size"));
	if (!w->size || !yes(w->size, "available")) {
		do_refuse(r, 422, "You specified an invalid size for Droplet creation.");
		return false;
	}
	w->region = pick_region(r, w->size);
	if (!w->region)
		return false;
	w->image = pick_image(r, w);
	return w->image && keys_are_good(r) && vpc_is_good(r, w) && has_room(r, count);
}

static json_t *features_of(const json_t *spec, const struct do_wish *w)
{
	json_t *all = json_array();

	if (yes(spec, "backups"))
		add(all, json_string("backups"));
	if (yes(spec, "monitoring"))
		add(all, json_string("monitoring"));
	add(all, json_string("droplet_agent"));
	add(all, json_string("private_networking"));
	if ((yes(spec, "ipv6") || *str(spec, "ipv6")) &&
	    (!w->region || holds(seq(w->region, "features"), "ipv6") || *str(spec, "ipv6")))
		add(all, json_string("ipv6"));
	return all;
}

json_t *do_make_droplet(json_t *home, const json_t *spec, const char *name, const struct do_wish *w)
{
	long long id = has(spec, "id") ? num(spec, "id", 0) : do_new_id("droplet");
	const char *region = str(w->region, "slug");
	char *key = do_key(id);
	json_t *droplet =
	    json_pack("{s:I, s:s, s:b, s:s, s:n, s:o, s:o, s:[], s:n, s:[], s:O, s:[], s:O, s:[]}",
		      "id", (json_int_t)id, "name", name, "locked", 0, "status", "new", "kernel",
		      "created_at", do_time(world_now()), "features", features_of(spec, w),
		      "backup_ids", "next_backup_window", "snapshot_ids", "image", w->image,
		      "volume_ids", "size_slug", json_object_get(w->size, "slug"), "tags");

	put_str(droplet, "vpc_uuid",
		has(spec, "vpc_uuid") ? str(spec, "vpc_uuid")
				      : str(do_default_vpc(home, region), "id"));
	put_str(droplet, "_region", region);
	put(droplet, "_gpu", json_boolean(json_object_get(w->size, "gpu_info") != NULL));
	put(droplet, "_private_only",
	    json_boolean(json_is_false(json_object_get(spec, "public_networking"))));
	json_object_set(droplet, "_ssh_keys", (json_t *)seq(spec, "ssh_keys"));
	if (has(spec, "user_data"))
		put_str(droplet, "_user_data", str(spec, "user_data"));
	do_tag_new(home, droplet, seq(spec, "tags"));
	do_give_addresses(droplet, spec);
	put(sub(home, "droplets"), key, droplet);
	free(key);
	return droplet;
}
