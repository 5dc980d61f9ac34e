/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "image.h"
#include "../clock.h"
#include "../mem.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
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
	    {"available", "available"}, {"pending", "pending"}, {"transient", "pending"},
	    {"deregistered", "gone"},   {"disabled", "gone"},   {NULL, NULL},
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

json_t *aws_tags(const json_t *tag_set)
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

static json_t *source_of(const json_t *image)
{
	const char *id = text_of(image, "sourceImageId");

	return id ? json_pack("{ss* ss}", "region", text_of(image, "sourceImageRegion"), "id", id)
		  : NULL;
}

json_t *aws_image_record(const json_t *image, const char *region)
{
	json_t *tags = aws_tags(json_object_get(image, "tagSet"));
	json_t *record =
	    json_pack("{ss ss ss* ss ss* ss* ss ss* ss* ss* ss* ss* so* so}", "kind", "image",
		      "provider", "aws", "account", text_of(image, "imageOwnerId"), "region",
		      region, "id", text_of(image, "imageId"), "name", text_of(image, "name"),
		      "state", aws_image_state(text_of(image, "imageState")), "created",
		      text_of(image, "creationDate"), "architecture",
		      text_of(image, "architecture"), "distribution", text_of(tags, "distribution"),
		      "description", text_of(image, "description"), "deprecated",
		      text_of(image, "deprecationTime"), "source", source_of(image), "tags", tags);

	if (!record)
		mem_out();
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
