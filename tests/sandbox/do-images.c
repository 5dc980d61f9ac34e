/* SPDX-License-Identifier: ISC
 * Images and snapshots. A snapshot of a droplet is a private image too, with the same id. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static json_t *show(struct request *r, json_t *thing)
{
	(void)r;
	return do_public(thing);
}

static bool is_wanted(const struct request *r, const json_t *image)
{
	const char *type = do_arg(r, "type"), *tag = do_arg(r, "tag_name");
	bool application = !strcmp(str(image, "type"), "snapshot");

	if (yes(r->params, "private") && yes(image, "public"))
		return false;
	if (*type && (!yes(image, "public") || application != !strcmp(type, "application")))
		return false;
	return !*tag || holds(seq(image, "tags"), tag);
}

static json_t *list_images(struct request *r)
{
	json_t *from[] = {do_catalog("images"), sub(do_home(r), "images")}, *all = json_array();
	json_t *image;
	const char *key;

	for (size_t i = 0; i < 2; i++)
		json_object_foreach(from[i], key, image)
			if (is_wanted(r, image))
				json_array_append(all, image);
	return do_page(r, "images", all, show);
}

static json_t *image_of(struct request *r)
{
	return do_image(do_home(r), json_object_get(r->params, "image_id"));
}

static json_t *get_image(struct request *r)
{
	json_t *image = image_of(r);

	return image ? do_one("image", do_public(image)) : do_missing(r);
}

static json_t *rename_image(struct request *r)
{
	json_t *image = image_of(r);

	if (!image || yes(image, "public"))
		return do_missing(r);
	put_str(image, "name", do_arg(r, "name"));
	return do_one("image", do_public(image));
}

static json_t *drop_image(struct request *r, long long id)
{
	json_t *images = sub(do_home(r), "images"), *droplet;
	char *key = do_key(id);
	const char *name;
	bool there = json_object_get(images, key);
	size_t i;
	json_t *one;

	json_object_del(images, key);
	free(key);
	json_object_foreach(sub(do_home(r), "droplets"), name, droplet) {
		json_t *ids = json_object_get(droplet, "snapshot_ids");

		json_array_foreach(ids, i, one)
			if (json_integer_value(one) == id)
				json_array_remove(ids, i--);
	}
	return there ? json_null() : do_missing(r);
}

static json_t *delete_image(struct request *r)
{
	json_t *image = image_of(r);

	if (image && yes(image, "public"))
		return do_refuse(r, 403, "You do not have access for the attempted action.");
	return image ? drop_image(r, num(image, "id", 0)) : do_missing(r);
}

json_t *do_snapshot(json_t *home, json_t *droplet, const char *name)
{
	const json_t *of = json_object_get(droplet, "image");
	const json_t *size = do_size(str(droplet, "size_slug"));
	long long id = do_new_id("image");
	char *key = do_key(id);
	json_t *image = json_pack(
	    "{s:I, s:s, s:s, s:n, s:b, s:[O], s:o, s:O, s:s, s:f, s:s, s:[], s:s, s:O}", "id",
	    (json_int_t)id, "name", name, "distribution", str(of, "distribution"), "slug", "public",
	    0, "regions", json_object_get(droplet, "_region"), "created_at", do_time(world_now()),
	    "min_disk_size", json_object_get(size, "disk"), "type", "snapshot", "size_gigabytes",
	    2.34, "description", "", "tags", "status", "available", "_droplet",
	    json_object_get(droplet, "id"));

	put(sub(home, "images"), key, image);
	add(list(droplet, "snapshot_ids"), json_integer(id));
	free(key);
	return image;
}

static json_t *show_snapshot(struct request *r, json_t *image)
{
	char *id = do_key(num(image, "id", 0)), *of = do_key(num(image, "_droplet", 0));
	json_t *shown = json_pack(
	    "{s:s, s:O, s:O, s:O, s:s, s:s, s:O, s:O, s:O}", "id", id, "name",
	    json_object_get(image, "name"), "regions", json_object_get(image, "regions"),
	    "created_at", json_object_get(image, "created_at"), "resource_id", of, "resource_type",
	    "droplet", "min_disk_size", json_object_get(image, "min_disk_size"), "size_gigabytes",
	    json_object_get(image, "size_gigabytes"), "tags", json_object_get(image, "tags"));

	(void)r;
	free(id);
	free(of);
	return shown;
}

static json_t *list_snapshots(struct request *r)
{
	bool none = !strcmp(do_arg(r, "resource_type"), "volume");

	return do_page(r, "snapshots", none ? json_array() : do_values(sub(do_home(r), "images")),
		       show_snapshot);
}

static json_t *snapshot_of(struct request *r)
{
	return json_object_get(sub(do_home(r), "images"), do_arg(r, "snapshot_id"));
}

static json_t *get_snapshot(struct request *r)
{
	json_t *image = snapshot_of(r);

	return image ? do_one("snapshot", show_snapshot(r, image)) : do_missing(r);
}

static json_t *delete_snapshot(struct request *r)
{
	json_t *image = snapshot_of(r);

	return image ? drop_image(r, num(image, "id", 0)) : do_missing(r);
}

static json_t *show_of_droplet(struct request *r, json_t *image)
{
	json_t *shown = show_snapshot(r, image);

	json_object_set(shown, "id", json_object_get(image, "id"));
	put_str(shown, "type", "snapshot");
	json_object_del(shown, "resource_id");
	json_object_del(shown, "resource_type");
	return shown;
}

static json_t *list_of_droplet(struct request *r)
{
	json_t *all = json_array(), *image;
	const char *key;

	if (!do_droplet(do_home(r), r)) {
		json_decref(all);
		return do_missing(r);
	}
	json_object_foreach(sub(do_home(r), "images"), key, image)
		if (num(image, "_droplet", 0) == num(r->params, "droplet_id", -1))
			json_array_append(all, image);
	return do_page(r, "snapshots", all, show_of_droplet);
}

static json_t *list_backups(struct request *r)
{
	if (!do_droplet(do_home(r), r))
		return do_missing(r);
	return do_page(r, "backups", json_array(), show_of_droplet);
}

const struct do_route do_image_routes[] = {
    {"GET", "/v2/images", "images_list", list_images, 200},
    {"GET", "/v2/images/{image_id}", "images_get", get_image, 200},
    {"PUT", "/v2/images/{image_id}", "images_update", rename_image, 200},
    {"DELETE", "/v2/images/{image_id}", "images_delete", delete_image, 204},
    {"GET", "/v2/snapshots", "snapshots_list", list_snapshots, 200},
    {"GET", "/v2/snapshots/{snapshot_id}", "snapshots_get", get_snapshot, 200},
    {"DELETE", "/v2/snapshots/{snapshot_id}", "snapshots_delete", delete_snapshot, 204},
    {"GET", "/v2/droplets/{droplet_id}/snapshots", "droplets_list_snapshots", list_of_droplet, 200},
    {"GET", "/v2/droplets/{droplet_id}/backups", "droplets_list_backups", list_backups, 200},
    {NULL, NULL, NULL, NULL, 0},
};
