/* SPDX-License-Identifier: ISC
 * Copies of images to another region, which is the one that is asked. A token of source, name and
 * key makes a second request harmless. It is remembered for a day, also when the copy was removed
 * meanwhile; so a tag tells this process's requests from an earlier one's, which are refused then
 * instead of answered with the id of a copy that may be gone. A copy that is older than the token
 * is known by a tag that names its source, or by what EC2 itself says of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../clock.h"
#include "../mem.h"
#include "../sha256-hex.h"
#include "driver.h"

static const char *source_member(const struct cloud_item *item, const char *key)
{
	return aws_str(json_object_get(item->wanted, "source"), key);
}

static const char *source_region(const struct ec2_work *w)
{
	const char *region = source_member(w->item, "region");

	return *region ? region : w->region;
}

/* The value of the tag; caller frees. */
static char *source_mark(const struct ec2_work *w)
{
	return mem_fmt("%s/%s", source_region(w), source_member(w->item, "id"));
}

static bool is_copy(const struct ec2_work *w, const json_t *image)
{
	char *mark = source_mark(w);
	const char *tag = ec2_tag(aws_arr(image, "tagSet"), "sluice:source");
	bool copy = *tag ? !strcmp(tag, mark)
			 : !strcmp(aws_str(image, "sourceImageId"), source_member(w->item, "id")) &&
			       !strcmp(aws_str(image, "sourceImageRegion"), source_region(w));

	free(mark);
	return copy;
}

static bool is_encrypted(const struct cloud_item *item)
{
	return json_is_true(json_object_get(item->wanted, "encrypted")) ||
	       *ec2_wanted(item, "kms_key");
}

static void token_of(const struct ec2_work *w, char token[65])
{
	const struct cloud_item *item = w->item;
	struct buf text = {0};

	buf_fmt(&text, "copy\n%s\n%s\n%s\n%s\n%d\n%s\n%u", source_region(w),
		source_member(item, "id"), w->region, ec2_wanted(item, "name"), is_encrypted(item),
		ec2_wanted(item, "kms_key"), item->attempt);
	sha256_hex(text.data, text.len, token);
	buf_free(&text);
}

/* The same for all requests of this process. */
static const char *begun(void)
{
	static char text[32];

	if (!*text)
		snprintf(text, sizeof text, "%lld", (long long)clk_now());
	return text;
}

/* Where no tags are said, the source's own are carried over. */
static void copy(struct ec2_work *w)
{
	static const char *const types[] = {"image", "snapshot", NULL};
	const struct cloud_item *item = w->item;
	const char *text = ec2_wanted(item, "description"), *key = ec2_wanted(item, "kms_key");
	char token[65], *mark = source_mark(w);
	json_t *own =
	    ec2_sure(json_pack("{s:s, s:s}", "sluice:source", mark, "sluice:begun", begun()));
	json_t *params;

	token_of(w, token);
	params = ec2_sure(json_pack(
	    "{s:s, s:s, s:s, s:s, s:s*, s:s*, s:o}", "SourceImageId", source_member(item, "id"),
	    "SourceRegion", source_region(w), "Name", ec2_wanted(item, "name"), "ClientToken",
	    token, "Description", *text ? text : NULL, "KmsKeyId", *key ? key : NULL,
	    "TagSpecification", ec2_tag_specs(item->wanted, own, types)));
	if (is_encrypted(item))
		json_object_set_new(params, "Encrypted", json_true());
	if (!json_is_object(json_object_get(item->wanted, "tags")))
		json_object_set_new(params, "CopyImageTags", json_true());
	free(mark);
	ec2_ask(w, "CopyImage", HTTP_IDEMPOTENT, params, ec2_on_named);
}

void ec2_cloud_copy(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	static const char *const taken[] = {"IdempotentParameterMismatch",
					    "InvalidAMIName.Duplicate", NULL};
	static const struct ec2_naming naming = {is_copy, copy, "copy", taken};

	begun();
	ec2_make_named(items, n, done, &naming);
}
