/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"
#include "marks.h"

/* Private images are the account's own. */
const char *do_catalog_path(const struct cloud_item *item, const char **member)
{
	switch (item->kind) {
	case CLOUD_IMAGES:
		*member = "images";
		return item->own || item->run || item->temporary ? "/v2/images?private=true"
								 : "/v2/images";
	case CLOUD_KEYS:
		*member = "ssh_keys";
		return "/v2/account/keys";
	case CLOUD_SNAPSHOTS:
		*member = "snapshots";
		return "/v2/snapshots?resource_type=volume";
	case CLOUD_VOLUMES:
		*member = "volumes";
		return "/v2/volumes";
	case CLOUD_SIZES:
		*member = "sizes";
		return "/v2/sizes";
	case CLOUD_REGIONS:
		*member = "regions";
		return "/v2/regions";
	default:
		*member = "droplets";
		return "/v2/droplets";
	}
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static json_t *id_of(const json_t *thing)
{
	char *text =
	    mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(json_object_get(thing, "id")));
	json_t *id = json_string(text);

	free(text);
	return id;
}

static json_t *list_of(const json_t *thing, const char *key)
{
	json_t *list = json_object_get(thing, key);

	return json_is_array(list) ? json_incref(list) : json_array();
}

static const char *image_state(const json_t *image)
{
	const char *word = text_of(image, "status");

	if (!word || !strcmp(word, "available"))
		return "available";
	return !strcmp(word, "deleted") || !strcmp(word, "retired") ? "gone" : "pending";
}

/* What is made of a droplet every week goes by itself, stays where it is, and is nobody's release.
 */
bool do_is_backup(const struct cloud_item *item, const json_t *thing)
{
	const char *type = text_of(thing, "type");

	return item->kind == CLOUD_IMAGES && type && !strcmp(type, "backup");
}

/* One that is in one region only says so as a machine does. The distribution is what whoever made
 * it called it, else what DigitalOcean does. */
static json_t *image_record(const json_t *image, const char *account)
{
	const json_t *regions = json_object_get(image, "regions");
	json_t *tags = do_tags_shown(json_object_get(image, "tags"));
	const char *distribution = text_of(tags, "distribution");
	json_t *record = json_pack(
	    "{s:s, s:s, s:s*, s:O*, s:o, s:s*, s:s*, s:s, s:s*, s:s*, s:s*, s:b, s:o, s:O*, s:o}",
	    "kind", "image", "provider", "digitalocean", "account", account, "region",
	    json_array_size(regions) == 1 ? json_array_get(regions, 0) : NULL, "id", id_of(image),
	    "slug", text_of(image, "slug"), "name", text_of(image, "name"), "state",
	    image_state(image), "created", text_of(image, "created_at"), "distribution",
	    distribution ? distribution : text_of(image, "distribution"), "description",
	    text_of(image, "description"), "public", json_is_true(json_object_get(image, "public")),
	    "regions", list_of(image, "regions"), "disk", json_object_get(image, "min_disk_size"),
	    "tags", tags);

	do_marks_read(record, json_object_get(image, "tags"));
	return record;
}

static json_t *key_record(const json_t *key, const char *account)
{
	const char *name = text_of(key, "name");
	json_t *record = json_pack("{s:s, s:s, s:s*, s:o, s:s, s:s*, s:s*}", "kind", "ssh-key",
				   "provider", "digitalocean", "account", account, "id", id_of(key),
				   "name", "", "fingerprint", text_of(key, "fingerprint"),
				   "public_key", text_of(key, "public_key"));

	do_marked_name_read(record, name ? name : "");
	return record;
}

/* What disks have: their ids are text. */
static json_t *disk_record(const json_t *disk, const char *kind, const char *account)
{
	const json_t *region = json_object_get(disk, "region");
	const json_t *machine = json_array_get(json_object_get(disk, "droplet_ids"), 0);
	char *instance =
	    machine ? mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(machine)) : NULL;
	json_t *record = json_pack(
	    "{s:s, s:s, s:s*, s:s*, s:O*, s:s*, s:s*, s:s*, s:O*, s:o}", "kind", kind, "provider",
	    "digitalocean", "account", account, "region", text_of(region, "slug"), "id",
	    json_object_get(disk, "id"), "name", text_of(disk, "name"), "created",
	    text_of(disk, "created_at"), "instance", instance, "regions",
	    json_object_get(disk, "regions"), "tags", do_tags_shown(json_object_get(disk, "tags")));

	do_marks_read(record, json_object_get(disk, "tags"));
	free(instance);
	return record;
}

static json_t *place_record(const json_t *thing, const char *list)
{
	return json_pack("{s:s*, s:b, s:o, s:O*}", "id", text_of(thing, "slug"), "available",
			 !json_is_false(json_object_get(thing, "available")), list,
			 list_of(thing, list), "disk", json_object_get(thing, "disk"));
}

static json_t *record_of(enum cloud_kind kind, const json_t *thing, const char *account)
{
	switch (kind) {
	case CLOUD_IMAGES:
		return image_record(thing, account);
	case CLOUD_KEYS:
		return key_record(thing, account);
	case CLOUD_SNAPSHOTS:
		return disk_record(thing, "snapshot", account);
	case CLOUD_VOLUMES:
		return disk_record(thing, "volume", account);
	default:
		return place_record(thing, kind == CLOUD_SIZES ? "regions" : "features");
	}
}

json_t *do_catalog_record(enum cloud_kind kind, const json_t *thing, const char *account)
{
	json_t *record = record_of(kind, thing, account);

	if (!record)
		mem_out();
	return record;
}
