/* SPDX-License-Identifier: ISC
 * Regions, sizes and public images, as listed in 2026 (a choice of them), and those of 2015 that
 * old droplets may still have. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

/* clang-format off */
static const struct {
	const char *slug, *name;
	bool available;
} regions[] = {
	{"nyc1", "New York 1", true}, {"sfo1", "San Francisco 1", false},
	{"nyc2", "New York 2", true}, {"ams2", "Amsterdam 2", false},
	{"sgp1", "Singapore 1", true}, {"lon1", "London 1", true},
	{"nyc3", "New York 3", true}, {"ams3", "Amsterdam 3", true},
	{"fra1", "Frankfurt 1", true}, {"tor1", "Toronto 1", true},
	{"sfo2", "San Francisco 2", true}, {"blr1", "Bangalore 1", true},
	{"sfo3", "San Francisco 3", true}, {"syd1", "Sydney 1", true},
};

static const struct {
	const char *slug, *description;
	int memory, vcpus, disk, transfer, dollars;
	bool listed, gpu;
} sizes[] = {
	{"s-1vcpu-512mb-10gb", "Basic", 512, 1, 10, 1, 4, true, false},
	{"s-1vcpu-1gb", "Basic", 1024, 1, 25, 1, 6, true, false},
	{"s-1vcpu-1gb-amd", "Basic AMD", 1024, 1, 25, 1, 7, true, false},
	{"s-1vcpu-1gb-intel", "Basic Intel", 1024, 1, 25, 1, 7, true, false},
	{"s-1vcpu-2gb", "Basic", 2048, 1, 50, 2, 12, true, false},
	{"s-1vcpu-2gb-amd", "Basic AMD", 2048, 1, 50, 2, 14, true, false},
	{"s-1vcpu-2gb-intel", "Basic Intel", 2048, 1, 50, 2, 14, true, false},
	{"s-2vcpu-2gb", "Basic", 2048, 2, 60, 3, 18, true, false},
	{"s-2vcpu-2gb-amd", "Basic AMD", 2048, 2, 60, 3, 21, true, false},
	{"s-2vcpu-2gb-intel", "Basic Intel", 2048, 2, 60, 3, 21, true, false},
	{"s-2vcpu-4gb", "Basic", 4096, 2, 80, 4, 24, true, false},
	{"s-2vcpu-4gb-amd", "Basic AMD", 4096, 2, 80, 4, 28, true, false},
	{"s-2vcpu-4gb-intel", "Basic Intel", 4096, 2, 80, 4, 28, true, false},
	{"s-4vcpu-8gb", "Basic", 8192, 4, 160, 5, 48, true, false},
	{"s-4vcpu-8gb-amd", "Basic AMD", 8192, 4, 160, 5, 56, true, false},
	{"s-4vcpu-8gb-intel", "Basic Intel", 8192, 4, 160, 5, 56, true, false},
	{"s-8vcpu-16gb", "Basic", 16384, 8, 320, 6, 96, true, false},
	{"c-2", "CPU-Optimized", 4096, 2, 25, 4, 42, true, false},
	{"c-4", "CPU-Optimized", 8192, 4, 50, 5, 84, true, false},
	{"g-2vcpu-8gb", "General Purpose", 8192, 2, 25, 4, 63, true, false},
	{"g-4vcpu-16gb", "General Purpose", 16384, 4, 50, 5, 126, true, false},
	{"m-2vcpu-16gb", "Memory-Optimized", 16384, 2, 50, 4, 84, true, false},
	{"so-2vcpu-16gb", "Storage-Optimized", 16384, 2, 300, 4, 131, true, false},
	{"gpu-h100x1-80gb", "H100 GPU - 1X", 245760, 20, 720, 15, 2522, true, true},
	{"512mb", "Legacy", 512, 1, 20, 1, 5, false, false},
	{"1gb", "Legacy", 1024, 1, 30, 2, 10, false, false},
	{"2gb", "Legacy", 2048, 2, 40, 3, 20, false, false},
	{"4gb", "Legacy", 4096, 2, 60, 4, 40, false, false},
	{"8gb", "Legacy", 8192, 4, 80, 5, 80, false, false},
};

static const struct {
	int id;
	const char *slug, *distribution, *name;
	int min_disk;
	bool listed, application;
} images[] = {
	{189103361, "debian-12-x64", "Debian", "12 x64", 7, true, false},
	{200918342, "debian-13-x64", "Debian", "13 x64", 7, true, false},
	{194784917, "ubuntu-22-04-x64", "Ubuntu", "22.04 (LTS) x64", 7, true, false},
	{195932981, "ubuntu-24-04-x64", "Ubuntu", "24.04 (LTS) x64", 7, true, false},
	{201144219, "ubuntu-25-10-x64", "Ubuntu", "25.10 x64", 7, true, false},
	{196543210, "centos-stream-9-x64", "CentOS", "9 Stream x64", 10, true, false},
	{196543277, "centos-stream-10-x64", "CentOS", "10 Stream x64", 10, true, false},
	{199012345, "fedora-42-x64", "Fedora", "42 x64", 15, true, false},
	{202012345, "fedora-43-x64", "Fedora", "43 x64", 15, true, false},
	{198765401, "rockylinux-8-x64", "Rocky Linux", "8 x64", 10, true, false},
	{198765432, "rockylinux-9-x64", "Rocky Linux", "9 x64", 10, true, false},
	{198765477, "rockylinux-10-x64", "Rocky Linux", "10 x64", 10, true, false},
	{188200001, "gpu-h100x1-base", "Ubuntu", "AI/ML Ready", 40, true, false},
	{180100001, "docker-20-04", "Ubuntu", "Docker on Ubuntu 22.04", 25, true, true},
	{180100002, "wordpress-20-04", "Ubuntu", "WordPress on Ubuntu 24.04", 25, true, true},
	{180100003, "nodejs-20-04", "Ubuntu", "NodeJS on Ubuntu 24.04", 25, true, true},
	{180100004, "lemp-20-04", "Ubuntu", "LEMP on Ubuntu 24.04", 25, true, true},
	{180100005, "mysql-20-04", "Ubuntu", "MySQL on Ubuntu 24.04", 25, true, true},
	{180100006, "lamp-20-04", "Ubuntu", "LAMP on Ubuntu 24.04", 25, true, true},
	{180100007, "mongodb-20-04", "Ubuntu", "MongoDB on Ubuntu 24.04", 25, true, true},
	{180100008, "gitlab-20-04", "Ubuntu", "GitLab on Ubuntu 24.04", 25, true, true},
	{180100009, "django-20-04", "Ubuntu", "Django on Ubuntu 24.04", 25, true, true},
	{10322059, "debian-7-0-x64", "Debian", "7.0 x64", 20, false, false},
	{10322623, "debian-8-x64", "Debian", "8.1 x64", 20, false, false},
	{9801950, "ubuntu-14-04-x64", "Ubuntu", "14.04 x64", 20, false, false},
};
/* clang-format on */

/* nyc1's smallest size is sold out; GPUs are in two regions only. */
static json_t *regions_of_size(size_t i)
{
	json_t *all = json_array();

	for (size_t k = 0; sizes[i].listed && k < sizeof regions / sizeof *regions; k++) {
		const char *slug = regions[k].slug;

		if (!regions[k].available || (!i && !strcmp(slug, "nyc1")))
			continue;
		if (!sizes[i].gpu || !strcmp(slug, "nyc2") || !strcmp(slug, "tor1"))
			add(all, json_string(slug));
	}
	return all;
}

static json_t *make_size(size_t i)
{
	json_t *size = json_pack(
	    "{s:s, s:i, s:i, s:i, s:f, s:f, s:f, s:o, s:b, s:s}", "slug", sizes[i].slug, "memory",
	    sizes[i].memory, "vcpus", sizes[i].vcpus, "disk", sizes[i].disk, "transfer",
	    (double)sizes[i].transfer, "price_monthly", (double)sizes[i].dollars, "price_hourly",
	    (double)(long)(sizes[i].dollars / 672.0 * 100000) / 100000, "regions",
	    regions_of_size(i), "available", sizes[i].listed, "description", sizes[i].description);

	if (sizes[i].gpu)
		put(size, "gpu_info",
		    json_pack("{s:i, s:s, s:{s:i, s:s}}", "count", 1, "model", "nvidia_h100",
			      "vram", "amount", 80, "unit", "gib"));
	return size;
}

static json_t *sizes_of_region(const char *slug)
{
	json_t *all = json_array();

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		json_t *in = regions_of_size(i);

		if (holds(in, slug))
			add(all, json_string(sizes[i].slug));
		json_decref(in);
	}
	return all;
}

static json_t *make_region(size_t i)
{
	return json_pack("{s:s, s:s, s:[s,s,s,s,s,s], s:b, s:o}", "name", regions[i].name, "slug",
			 regions[i].slug, "features", "backups", "ipv6", "metadata",
			 "install_agent", "storage", "image_transfer", "available",
			 regions[i].available, "sizes", sizes_of_region(regions[i].slug));
}

static json_t *make_image(size_t i)
{
	json_t *in = json_array();

	for (size_t k = 0; images[i].listed && k < sizeof regions / sizeof *regions; k++)
		add(in, json_string(regions[k].slug));
	return json_pack("{s:i, s:s, s:s, s:s, s:b, s:o, s:s, s:i, s:s, s:f, s:s, s:[], s:s}", "id",
			 images[i].id, "name", images[i].name, "distribution",
			 images[i].distribution, "slug", images[i].slug, "public", 1, "regions", in,
			 "created_at", "2026-06-02T15:52:21Z", "min_disk_size", images[i].min_disk,
			 "type", images[i].application ? "snapshot" : "base", "size_gigabytes",
			 1.39, "description", images[i].name, "tags", "status", "available");
}

void do_seed_catalog(void)
{
	json_t *tables[] = {do_catalog("regions"), do_catalog("sizes"), do_catalog("images")};

	if (json_object_size(tables[0]))
		return;
	for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
		put(tables[0], regions[i].slug, make_region(i));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		if (sizes[i].listed)
			put(tables[1], sizes[i].slug, make_size(i));
	for (size_t i = 0; i < sizeof images / sizeof *images; i++)
		if (images[i].listed)
			put(tables[2], images[i].slug, make_image(i));
}

/* What is retired is made once, and kept beside the lists. */
json_t *do_size(const char *slug)
{
	json_t *found = json_object_get(do_catalog("sizes"), slug);
	json_t *retired = do_catalog("retired_sizes");

	for (size_t i = 0; !found && i < sizeof sizes / sizeof *sizes; i++) {
		if (sizes[i].listed || strcmp(sizes[i].slug, slug) != 0)
			continue;
		found = json_object_get(retired, slug);
		if (!found)
			put(retired, slug, found = make_size(i));
	}
	return found;
}

json_t *do_image_once(const char *slug)
{
	json_t *found = json_object_get(do_catalog("images"), slug);
	json_t *retired = do_catalog("retired_images");

	for (size_t i = 0; !found && i < sizeof images / sizeof *images; i++) {
		if (images[i].listed || strcmp(images[i].slug, slug) != 0)
			continue;
		found = json_object_get(retired, slug);
		if (!found)
			put(retired, slug, found = make_image(i));
	}
	return found;
}

json_t *do_image(json_t *home, const json_t *id_or_slug)
{
	json_t *image;
	const char *key, *slug = text_of(id_or_slug);
	long long id =
	    json_is_integer(id_or_slug) ? json_integer_value(id_or_slug) : strtoll(slug, NULL, 10);

	if (*slug && strspn(slug, "0123456789") != strlen(slug))
		return json_object_get(do_catalog("images"), slug);
	json_object_foreach(do_catalog("images"), key, image)
		if (num(image, "id", 0) == id)
			return image;
	json_object_foreach(sub(home, "images"), key, image)
		if (num(image, "id", 0) == id)
			return image;
	return NULL;
}

static json_t *show(struct request *r, json_t *thing)
{
	(void)r;
	return do_public(thing);
}

static json_t *list_regions(struct request *r)
{
	return do_page(r, "regions", do_values(do_catalog("regions")), show);
}

static json_t *list_sizes(struct request *r)
{
	return do_page(r, "sizes", do_values(do_catalog("sizes")), show);
}

const struct do_route do_catalog_routes[] = {
    {"GET", "/v2/regions", "regions_list", list_regions, 200},
    {"GET", "/v2/sizes", "sizes_list", list_sizes, 200},
    {NULL, NULL, NULL, NULL, 0},
};
