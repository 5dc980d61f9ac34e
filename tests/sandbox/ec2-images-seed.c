/* SPDX-License-Identifier: ISC
 * The images that are there from the start, and those that a seed adds. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

struct kind {
	const char *name; /* %s: the date */
	const char *owner, *alias, *architecture;
	const char *dates; /* separated by spaces, not in order */
};

static json_t *new_image(const char *region, const char *id, const char *name, const char *owner,
			 const char *alias, const char *architecture, const char *created)
{
	char *snapshot = mem_fmt("snap-%s", id + 4);
	char *description = mem_fmt("Created by CreateImage(i-ffffffff) for %s", id);
	json_t *image = json_pack(
	    "{s:s, s:s++, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s*, s:s, s:s, s:s, s:s, s:b,"
	    " s:[{s:s, s:{s:s, s:i, s:b, s:s, s:b}}], s:[]}",
	    "imageId", id, "imageLocation", owner, "/", name, "imageState", "available",
	    "imageOwnerId", owner, "creationDate", created, "isPublic", !!alias, "architecture",
	    architecture, "imageType", "machine", "name", name, "imageOwnerAlias",
	    alias && *alias ? alias : NULL, "rootDeviceType", "ebs", "rootDeviceName", "/dev/xvda",
	    "virtualizationType", "hvm", "hypervisor", "xen", "enaSupport", 1, "blockDeviceMapping",
	    "deviceName", "/dev/xvda", "ebs", "snapshotId", snapshot, "volumeSize", 8,
	    "deleteOnTermination", 1, "volumeType", "gp3", "encrypted", 0, "tagSet");

	if (!alias)
		ec2_put_snapshot(
		    region,
		    json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:b, s:s, s:[]}",
			      "snapshotId", snapshot, "ownerId", owner, "volumeId", "vol-ffffffff",
			      "volumeSize", 8, "status", "completed", "progress", "100%",
			      "startTime", created, "description", description, "encrypted", 0,
			      "storageTier", "standard", "tagSet"));
	put(ec2_images(region), id, image);
	free(description);
	free(snapshot);
	return image;
}

static void seed_kind(const char *region, const struct kind *kind)
{
	char *dates = mem_dup(kind->dates), *rest = dates, *date;

	while ((date = strsep(&rest, " "))) {
		size_t head = strcspn(kind->name, "%");
		char *name =
		    mem_fmt("%.*s%s%s", (int)head, kind->name, date, kind->name + head + 2);
		char *text = mem_fmt("%s/%s/%s", region, kind->owner, name);
		char *id = mem_fmt("ami-0%016llx", (unsigned long long)fnv(text));
		char *created = mem_fmt("%.4s-%.2s-%.2sT10:11:12.000Z", date, date + 4, date + 6);

		new_image(region, id, name, kind->owner, kind->alias, kind->architecture, created);
		free(created);
		free(id);
		free(text);
		free(name);
	}
	free(dates);
}

static void seed_own(void)
{
	static const struct {
		const char *id, *name, *build, *created, *state;
	} own[] = {
	    {"ami-3db92b0d", "tmtt-base-21", "21", "2026-09-01T08:00:00.000Z", "available"},
	    {"ami-3db92b22", "tmtt-base-22", "22", "2026-09-15T08:00:00.000Z", "available"},
	    {"ami-3db92b41", "tmtt-base-41", "41", "2026-10-01T08:00:00.000Z", "available"},
	    {"ami-3db92b42", "tmtt-base-42", "42", "2026-10-02T08:00:00.000Z", "available"},
	    {"ami-3db92bff", "tmtt-base-43", "43", "2026-10-03T08:00:00.000Z", "pending"},
	    {"ami-3db92bfe", "tmtt-base-40", "40", "2026-09-30T08:00:00.000Z", "failed"},
	};
	json_t *other;

	for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
		json_t *image = new_image("us-west-2", own[i].id, own[i].name, "123456789012", NULL,
					  "x86_64", own[i].created);

		put_str(image, "imageState", own[i].state);
		tag_put(list(image, "tagSet"), "build", own[i].build);
		tag_put(list(image, "tagSet"), "role", "base");
	}
	new_image("us-west-2", "ami-0123456789abcdef0", "secret of another account", "210987654321",
		  NULL, "x86_64", "2026-10-04T08:00:00.000Z");
	other = new_image("us-west-2", "ami-0123456789abcdef1", "shared by another account",
			  "210987654321", NULL, "x86_64", "2026-10-04T08:00:00.000Z");
	add(list(other, "_permissions"), json_pack("{s:s}", "userId", "123456789012"));
}

static void seed_wished(const char *region, json_t *seed)
{
	size_t i;
	json_t *wish, *image;

	json_array_foreach(seq(seed, "images"), i, wish) {
		const char *owner = has(wish, "owner") ? str(wish, "owner") : "123456789012";
		char *id = has(wish, "id") ? mem_dup(str(wish, "id")) : new_id("ami-");
		const char *key;
		json_t *value;

		image = new_image(has(wish, "region") ? str(wish, "region") : region, id,
				  has(wish, "name") ? str(wish, "name") : id, owner,
				  yes(wish, "public") ? "" : NULL,
				  has(wish, "architecture") ? str(wish, "architecture") : "x86_64",
				  has(wish, "created") ? str(wish, "created")
						       : "2026-10-05T00:00:00.000Z");
		if (has(wish, "state"))
			put_str(image, "imageState", str(wish, "state"));
		if (has(wish, "deprecated"))
			put_str(image, "deprecationTime", str(wish, "deprecated"));
		json_object_foreach(json_object_get(wish, "tags"), key, value)
			tag_put(list(image, "tagSet"), key, text_of(value));
		free(id);
	}
}

void ec2_seed_images(const char *region, json_t *seed)
{
	static const struct kind kinds[] = {
	    {"al2023-ami-2023.9.%s.0-kernel-6.1-x86_64", "137112412989", "amazon", "x86_64",
	     "20260901 20261012 20260715 20260920"},
	    {"al2023-ami-2023.9.%s.0-kernel-6.1-arm64", "137112412989", "amazon", "arm64",
	     "20261012 20260901"},
	    {"al2023-ami-ecs-hvm-2023.0.%s-kernel-6.1-x86_64", "591542846629", "amazon", "x86_64",
	     "20260910 20261011"},
	    {"ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-%s", "099720109477", "",
	     "x86_64", "20260805 20261002 20261001"},
	    {"debian-12-amd64-%s-2250", "136693071363", "", "x86_64", "20260914 20260701"},
	};

	if (seed) {
		seed_wished(region, seed);
		return;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		seed_kind(region, &kinds[i]);
	if (!strcmp(region, "us-west-2"))
		seed_own();
}
