/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "do.h"
#include "mem.h"

/* Knob "hide": [MEMBER]: what a token without the scope for it does not see. */
static void hide(json_t *shown)
{
	const json_t *all = json_object_get(behave(), "digitalocean");
	size_t i;
	json_t *name;

	json_array_foreach(seq(all, "hide"), i, name)
		json_object_del(shown, text_of(name));
}

/* What a new one cannot say yet is not there, as in the answer to the creating call. */
json_t *do_shown_droplet(struct request *r, json_t *droplet)
{
	json_t *shown = do_public(droplet), *size = do_size(str(droplet, "size_slug"));
	json_t *image = json_object_get(droplet, "image");
	static const char *const of_size[] = {"memory", "vcpus", "disk", "gpu_info"};

	for (size_t i = 0; i < sizeof of_size / sizeof *of_size; i++)
		if (json_object_get(size, of_size[i]))
			json_object_set(shown, of_size[i], json_object_get(size, of_size[i]));
	json_object_set(shown, "size", size);
	json_object_set(shown, "region",
			json_object_get(do_catalog("regions"), str(droplet, "_region")));
	if (json_object_get(image, "_droplet"))
		put(shown, "image", do_public(image));
	put(shown, "networks", do_networks(r, droplet));
	if (!strcmp(str(droplet, "status"), "new")) {
		put(shown, "features", json_array());
		json_object_del(shown, "vpc_uuid");
	}
	hide(shown);
	return shown;
}

static bool is_wanted(const struct request *r, const json_t *droplet)
{
	const char *tag = do_arg(r, "tag_name"), *name = do_arg(r, "name");
	bool gpu = !strcmp(do_arg(r, "type"), "gpus");

	if (*tag && !holds(seq(droplet, "tags"), tag))
		return false;
	if (*name && strcasecmp(name, str(droplet, "name")) != 0)
		return false;
	return yes(droplet, "_gpu") == gpu;
}

static json_t *list_droplets(struct request *r)
{
	json_t *all, *droplet;
	const char *key;

	if (has(r->params, "name") && has(r->params, "tag_name"))
		return do_refuse(r, 422, "name cannot be combined with tag_name");
	all = json_array();
	json_object_foreach(sub(do_home(r), "droplets"), key, droplet)
		if (is_wanted(r, droplet))
			json_array_append(all, droplet);
	return do_page(r, "droplets", all, do_shown_droplet);
}

json_t *do_droplet(json_t *home, const struct request *r)
{
	const json_t *id = json_object_get(r->params, "droplet_id");
	char *key = json_is_integer(id) ? do_key(json_integer_value(id)) : mem_dup(text_of(id));
	json_t *found = json_object_get(sub(home, "droplets"), key);

	free(key);
	return found;
}

static json_t *get_droplet(struct request *r)
{
	json_t *droplet = do_droplet(do_home(r), r);

	return droplet ? do_one("droplet", do_shown_droplet(r, droplet)) : do_missing(r);
}

static json_t *create_one(struct request *r, const char *name, const struct do_wish *w,
			  json_t **link)
{
	json_t *home = do_home(r), *action;
	json_t *droplet = do_make_droplet(home, r->params, name, w);
	double seconds = do_knob("active", 20);

	do_make_machine(r, droplet);
	do_expect_addresses(home, droplet, seconds + do_knob("addresses", 5));
	action = do_begin(home, "create", "droplet", droplet, seconds);
	*link = do_action_link(action, "create");
	return do_shown_droplet(r, droplet);
}

/* Several are answered in another order than they were asked for: none is promised. */
static json_t *create_several(struct request *r, const struct do_wish *w)
{
	json_t *droplets = json_array(), *actions = json_array(), *name, *link;
	size_t i;

	json_array_foreach(seq(r->params, "names"), i, name) {
		json_array_insert_new(droplets, 0, create_one(r, text_of(name), w, &link));
		add(actions, link);
	}
	return json_pack("{s:o, s:{s:o}}", "droplets", droplets, "links", "actions", actions);
}

static json_t *create_droplets(struct request *r)
{
	size_t count = json_array_size(seq(r->params, "names"));
	struct do_wish w;
	json_t *shown, *link;

	if (!do_check_wish(r, count ? count : 1, &w))
		return NULL;
	if (count)
		return create_several(r, &w);
	shown = create_one(r, do_arg(r, "name"), &w, &link);
	return json_pack("{s:o, s:{s:[o]}}", "droplet", shown, "links", "actions", link);
}

void do_forget_droplet(json_t *home, const json_t *droplet)
{
	json_t *reserved;
	const char *ip;
	char *key = do_key(num(droplet, "id", 0));

	json_object_foreach(sub(home, "reserved_ips"), ip, reserved)
		if (num(reserved, "_droplet", 0) == num(droplet, "id", -1))
			json_object_del(reserved, "_droplet");
	json_object_del(sub(home, "droplets"), key);
	free(key);
}

static json_t *delete_droplet(struct request *r)
{
	json_t *home = do_home(r), *droplet = do_droplet(home, r);

	if (!droplet)
		return do_missing(r);
	if (do_busy(home, droplet))
		return do_refuse(r, 422, "Droplet already has a pending event.");
	if (!json_is_true(do_knob_of("undead", str(droplet, "name"))))
		do_forget_droplet(home, droplet);
	return json_null();
}

static json_t *delete_by_tag(struct request *r)
{
	json_t *droplets = sub(do_home(r), "droplets"), *droplet;
	const char *key;
	void *next;

	if (!has(r->params, "tag_name"))
		return do_refuse(r, 422, "tag_name is required");
	json_object_foreach_safe(droplets, next, key, droplet)
		if (holds(seq(droplet, "tags"), do_arg(r, "tag_name")))
			do_forget_droplet(do_home(r), droplet);
	return json_null();
}

static json_t *show_pool(struct request *r, json_t *pool)
{
	(void)r;
	return json_incref(pool);
}

/* Those that the state has. */
static json_t *list_pools(struct request *r)
{
	return do_page(r, "autoscale_pools", do_values(sub(do_home(r), "autoscale_pools")),
		       show_pool);
}

const struct do_route do_droplet_routes[] = {
    {"GET", "/v2/droplets", "droplets_list", list_droplets, 200},
    {"POST", "/v2/droplets", "droplets_create", create_droplets, 202},
    {"DELETE", "/v2/droplets", "droplets_destroy_byTag", delete_by_tag, 204},
    {"GET", "/v2/droplets/autoscale", "autoscalepools_list", list_pools, 200},
    {"GET", "/v2/droplets/{droplet_id}", "droplets_get", get_droplet, 200},
    {"DELETE", "/v2/droplets/{droplet_id}", "droplets_destroy", delete_droplet, 204},
    {NULL, NULL, NULL, NULL, 0},
};
