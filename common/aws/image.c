/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "aws.h"
#include "image.h"
#include "../clock.h"
#include "../mem.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

static void put_text(json_t *record, const char *key, const char *text)
{
	if (text && json_object_set_new(record, key, json_string(text)))
		mem_out();
}

static const char *pick(const char *name, const char *const (*pairs)[2])
{
	for (; (*pairs)[0]; pairs++)
		if (!strcasecmp((*pairs)[0], name))
			return (*pairs)[1];
	return NULL;
}

const char *aws_image_state(const char *state)
{
	static const char *const states[][2] = {
	    {"available", "available"}, {"pending", "pending"},   {"transient", "pending"},
	    {"deregistered", "gone"},   {"disabled", "disabled"}, {NULL, NULL},
	};
	const char *ours = state ? pick(state, states) : NULL;

	return ours ? ours : "failed";
}

const char *aws_architecture(const char *name)
{
	static const char *const names[][2] = {
	    {"x86_64", "x86_64"},         {"amd64", "x86_64"},        {"x64", "x86_64"},
	    {"arm64", "arm64"},           {"aarch64", "arm64"},       {"i386", "i386"},
	    {"x86_64_mac", "x86_64_mac"}, {"arm64_mac", "arm64_mac"}, {NULL, NULL},
	};

	return pick(name, names);
}

/* [{key,value}] as an object, new reference. */
static json_t *tags_of(const json_t *tag_set)
{
	json_t *tags = json_object(), *tag;
	size_t i;

	json_array_foreach(tag_set, i, tag) {
		const char *key = json_string_value(json_object_get(tag, "key"));
		json_t *value = json_object_get(tag, "value");

		if (key && json_object_set(tags, key, value ? value : json_null()))
			mem_out();
	}
	return tags;
}

/* As EC2 says it, else as the tag of a copy that is ours: "REGION/ID". */
static json_t *source_of(const json_t *image, const json_t *tags)
{
	const char *id = text_of(image, "sourceImageId"), *mark = text_of(tags, "sluice:source");
	const char *slash = mark ? strchr(mark, '/') : NULL;

	if (id)
		return json_pack("{ss* ss}", "region", text_of(image, "sourceImageRegion"), "id",
				 id);
	return slash
		   ? json_pack("{ss% ss}", "region", mark, (size_t)(slash - mark), "id", slash + 1)
		   : NULL;
}

void aws_put_tags(json_t *record, const json_t *tag_set)
{
	json_t *tags = tags_of(tag_set), *value;
	const char *key;
	void *next;

	put_text(record, "run", text_of(tags, "sluice:run"));
	put_text(record, "expires", text_of(tags, "sluice:expires"));
	json_object_foreach_safe(tags, next, key, value)
		if (!strncmp(key, "sluice:", 7))
			json_object_del(tags, key);
	if (json_object_set_new(record, "tags", tags))
		mem_out();
}

/* The disks: how much room the machine needs, and what the image was made of. */
static void put_disks(json_t *record, const json_t *image)
{
	json_t *snapshots = json_array(), *one;
	bool encrypted = false;
	size_t i;

	json_array_foreach(aws_arr(image, "blockDeviceMapping"), i, one) {
		const json_t *ebs = json_object_get(one, "ebs");

		if (!strcmp(aws_str(one, "deviceName"), aws_str(image, "rootDeviceName")) &&
		    aws_int(ebs, "volumeSize"))
			json_object_set_new(record, "disk",
					    json_integer(aws_int(ebs, "volumeSize")));
		if (text_of(ebs, "snapshotId"))
			json_array_append(snapshots, json_object_get(ebs, "snapshotId"));
		encrypted = encrypted || aws_bool(ebs, "encrypted");
	}
	if (json_array_size(snapshots)) {
		json_object_set(record, "snapshots", snapshots);
		json_object_set_new(record, "encrypted", json_boolean(encrypted));
	}
	json_decref(snapshots);
}

json_t *aws_image_record(const json_t *image, const char *region)
{
	json_auto_t *tags = tags_of(json_object_get(image, "tagSet"));
	const char *reason = text_of(json_object_get(image, "stateReason"), "message");
	json_t *record = json_pack(
	    "{ss ss ss* ss ss* ss* ss ss* ss* ss* ss* ss* ss* so*}", "kind", "image", "provider",
	    "aws", "account", text_of(image, "imageOwnerId"), "region", region, "id",
	    text_of(image, "imageId"), "name", text_of(image, "name"), "state",
	    aws_image_state(text_of(image, "imageState")), "created",
	    text_of(image, "creationDate"), "architecture", text_of(image, "architecture"),
	    "distribution", text_of(tags, "distribution"), "description",
	    text_of(image, "description"), "deprecated", text_of(image, "deprecationTime"),
	    "reason", reason, "source", source_of(image, tags));

	if (!record)
		mem_out();
	put_disks(record, image);
	aws_put_tags(record, json_object_get(image, "tagSet"));
	return record;
}

bool aws_image_newer(const json_t *a, const json_t *b)
{
	static const char *const keys[] = {"created", "name", "id"};
	int64_t time[2];
	int order = 0;

	for (int i = 0; i < 2; i++) {
		const char *created = text_of(i ? b : a, "created");
		time[i] = created ? clk_parse_iso(created) : -1;
	}
	if (time[0] != time[1])
		return time[0] > time[1];
	for (size_t i = 0; !order && i < sizeof keys / sizeof *keys; i++) {
		const char *of_a = text_of(a, keys[i]), *of_b = text_of(b, keys[i]);
		order = strcmp(of_a ? of_a : "", of_b ? of_b : "");
	}
	return order > 0;
}
