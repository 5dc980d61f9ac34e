/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"

const char *do_catalog_path(enum cloud_kind kind, const char **member)
{
	switch (kind) {
	case CLOUD_IMAGES:
		*member = "images";
		return "/v2/images";
	case CLOUD_KEYS:
		*member = "ssh_keys";
		return "/v2/account/keys";
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

static json_t *image_record(const json_t *image, const char *account)
{
	return json_pack(
	    "{s:s, s:s, s:s*, s:o, s:s*, s:s*, s:s, s:s*, s:s*, s:b, s:o, s:O*}", "kind", "image",
	    "provider", "digitalocean", "account", account, "id", id_of(image), "slug",
	    text_of(image, "slug"), "name", text_of(image, "name"), "state", image_state(image),
	    "created", text_of(image, "created_at"), "distribution", text_of(image, "distribution"),
	    "public", json_is_true(json_object_get(image, "public")), "regions",
	    list_of(image, "regions"), "disk", json_object_get(image, "min_disk_size"));
}

static json_t *key_record(const json_t *key, const char *account)
{
	return json_pack("{s:s, s:s, s:s*, s:o, s:s*, s:s*, s:s*}", "kind", "ssh-key", "provider",
			 "digitalocean", "account", account, "id", id_of(key), "name",
			 text_of(key, "name"), "fingerprint", text_of(key, "fingerprint"),
			 "public_key", text_of(key, "public_key"));
}

static json_t *place_record(const json_t *thing, const char *list)
{
	return json_pack("{s:s*, s:b, s:o, s:O*}", "id", text_of(thing, "slug"), "available",
			 !json_is_false(json_object_get(thing, "available")), list,
			 list_of(thing, list), "disk", json_object_get(thing, "disk"));
}

json_t *do_catalog_record(enum cloud_kind kind, const json_t *thing, const char *account)
{
	json_t *record = kind == CLOUD_IMAGES  ? image_record(thing, account)
			 : kind == CLOUD_KEYS  ? key_record(thing, account)
			 : kind == CLOUD_SIZES ? place_record(thing, "regions")
					       : place_record(thing, "features");

	if (!record)
		mem_out();
	return record;
}
