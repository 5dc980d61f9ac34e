/* SPDX-License-Identifier: ISC
 * Actions: begun by a call, done when their time has come, or never. Knobs "errored" and "stuck":
 * {NAME: TYPE} for the actions of that type on the droplets of that name; images' are "transfer"
 * and, to fail, "transfer:REGION". */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static const int64_t NEVER = (int64_t)1 << 52;

static json_t *pending(void)
{
	return list(sub(state(), "digitalocean"), "pending");
}

static bool is_knob(const char *group, const json_t *droplet, const char *type)
{
	return !strcmp(text_of(do_knob_of(group, str(droplet, "name"))), type);
}

static const char *account_of(const json_t *home)
{
	json_t *one;
	const char *name;

	json_object_foreach(sub(sub(state(), "digitalocean"), "accounts"), name, one)
		if (one == home)
			return name;
	return "";
}

static void expect(const json_t *home, const char *what, long long id, const char *value,
		   double seconds)
{
	add(pending(),
	    json_pack("{s:I, s:s, s:s, s:I, s:s}", "due",
		      (json_int_t)(world_now() + (int64_t)(seconds * 1000)), "account",
		      account_of(home), "what", what, "id", (json_int_t)id, "value", value));
}

/* Nothing happens then but that it is seen. */
void do_expect_addresses(json_t *home, json_t *droplet, double seconds)
{
	put_int(droplet, "_addressed", world_now() + (int64_t)(seconds * 1000));
	expect(home, "addresses", num(droplet, "id", 0), "", seconds);
}

json_t *do_begin(json_t *home, const char *type, const char *kind, json_t *on, double seconds)
{
	long long id = do_new_id("action");
	char *key = do_key(id);
	const char *region = str(on, "_region");
	json_t *action = json_pack(
	    "{s:I, s:s, s:s, s:o, s:n, s:O, s:s, s:O*, s:s}", "id", (json_int_t)id, "status",
	    "in-progress", "type", type, "started_at", do_time(world_now()), "completed_at",
	    "resource_id", json_object_get(on, "id"), "resource_type", kind, "region",
	    json_object_get(do_catalog("regions"), region), "region_slug", region);

	put(sub(home, "actions"), key, action);
	free(key);
	if (!is_knob("stuck", on, type))
		expect(home, "action", id, "", seconds);
	return action;
}

json_t *do_action_link(const json_t *action, const char *rel)
{
	char *href = mem_fmt("https://api.digitalocean.com/v2/actions/%lld", num(action, "id", 0));
	json_t *link = json_pack("{s:O, s:s, s:s}", "id", json_object_get(action, "id"), "rel", rel,
				 "href", href);

	free(href);
	return link;
}

bool do_busy(const json_t *home, const json_t *droplet)
{
	json_t *action;
	const char *key;

	json_object_foreach(sub((json_t *)home, "actions"), key, action)
		if (!strcmp(str(action, "status"), "in-progress") &&
		    num(action, "resource_id", 0) == num(droplet, "id", -1))
			return true;
	return false;
}

static json_t *of_id(json_t *home, const char *tables, long long id)
{
	char *key = do_key(id);
	json_t *found = json_object_get(sub(home, tables), key);

	free(key);
	return found;
}

static void feature(json_t *droplet, const char *name, bool on)
{
	json_t *features = list(droplet, "features");

	drop(features, name);
	if (on)
		add(features, json_string(name));
}

/* What a droplet is after an action. The status follows the end of a power-off by a moment. */
static void take_effect(json_t *home, const json_t *action, json_t *droplet)
{
	const char *type = str(action, "type");
	const json_t *wish = json_object_get(action, "_wish");
	long long id = num(droplet, "id", 0);

	if (!strcmp(type, "power_on") || !strcmp(type, "reboot") || !strcmp(type, "power_cycle"))
		do_boot_machine(droplet);
	if (!strcmp(type, "create") || !strcmp(type, "power_on"))
		put_str(droplet, "status", "active");
	else if (!strcmp(type, "power_off") || !strcmp(type, "shutdown"))
		expect(home, "status", id, "off", do_knob("off_late", 2));
	else if (!strcmp(type, "snapshot"))
		do_keep_copy(action, do_snapshot(home, droplet,
						 has(wish, "name") ? str(wish, "name")
								   : str(droplet, "name")));
	else if (!strcmp(type, "enable_ipv6")) {
		feature(droplet, "ipv6", true);
		do_give_ipv6(droplet, "");
	} else if (!strcmp(type, "enable_backups") || !strcmp(type, "disable_backups"))
		feature(droplet, "backups", *type == 'e');
	else if (!strcmp(type, "rename"))
		put_str(droplet, "name", str(wish, "name"));
	else if (!strcmp(type, "resize"))
		put_str(droplet, "size_slug", str(wish, "size"));
	else if (!strcmp(type, "rebuild"))
		json_object_set(droplet, "image", do_image(home, json_object_get(wish, "image")));
}

/* "transfer", or "transfer:REGION". */
static bool is_transfer_knob(const json_t *image, const json_t *action)
{
	char *to = mem_fmt("transfer:%s", str(action, "region_slug"));
	bool failed = is_knob("errored", image, "transfer") || is_knob("errored", image, to);

	free(to);
	return failed;
}

static void finish(json_t *home, json_t *action)
{
	json_t *droplet = of_id(home, "droplets", num(action, "resource_id", 0));
	json_t *image = of_id(home, "images", num(action, "resource_id", 0));
	bool failed = image ? is_transfer_knob(image, action)
			    : is_knob("errored", droplet, str(action, "type"));

	put_str(action, "status", failed ? "errored" : "completed");
	put(action, "completed_at", do_time(world_now()));
	if (failed && droplet && !strcmp(str(action, "type"), "create"))
		put_int(droplet, "_addressed", NEVER);
	else if (failed)
		return;
	else if (droplet && !strcmp(str(action, "resource_type"), "droplet"))
		take_effect(home, action, droplet);
	else if (image && !strcmp(str(action, "type"), "transfer"))
		add(list(image, "regions"),
		    json_string(str(json_object_get(action, "_wish"), "region")));
}

static void happen(const json_t *event)
{
	json_t *home = do_home_of(str(event, "account"));
	bool is_action = !strcmp(str(event, "what"), "action");
	json_t *thing = of_id(home, is_action ? "actions" : "droplets", num(event, "id", 0));
	const char *status = str(event, "value");

	if (thing && is_action)
		finish(home, thing);
	else if (thing && *status)
		put_str(thing, "status", status);
}

int64_t do_settle(void)
{
	int64_t next = INT64_MAX;
	json_t *all = pending();

	for (size_t i = 0; i < json_array_size(all); i++) {
		json_t *event = json_incref(json_array_get(all, i));
		int64_t due = num(event, "due", 0);

		if (due <= world_now()) {
			json_array_remove(all, i--);
			happen(event);
			world_touch();
		} else if (due < next)
			next = due;
		json_decref(event);
	}
	return next;
}

static json_t *show(struct request *r, json_t *thing)
{
	(void)r;
	return do_public(thing);
}

static json_t *newest_first(const struct request *r, const char *kind, long long id)
{
	json_t *all = json_array(), *action;
	const char *key;

	json_object_foreach(sub(do_home(r), "actions"), key, action)
		if (!kind || (num(action, "resource_id", 0) == id &&
			      !strcmp(str(action, "resource_type"), kind)))
			json_array_insert(all, 0, action);
	return all;
}

static json_t *list_actions(struct request *r)
{
	return do_page(r, "actions", newest_first(r, NULL, 0), show);
}

static json_t *list_of_droplet(struct request *r)
{
	if (!do_droplet(do_home(r), r))
		return do_missing(r);
	return do_page(r, "actions", newest_first(r, "droplet", num(r->params, "droplet_id", 0)),
		       show);
}

static json_t *get_action(struct request *r)
{
	json_t *action = json_object_get(sub(do_home(r), "actions"), do_arg(r, "action_id"));

	if (!action || (has(r->params, "droplet_id") &&
			num(action, "resource_id", 0) != num(r->params, "droplet_id", -1)))
		return do_missing(r);
	return do_one("action", do_public(action));
}

static const char *why_not(struct request *r, const json_t *droplet, const char *type)
{
	static const char *const types[] = {"enable_backups",
					    "disable_backups",
					    "reboot",
					    "power_cycle",
					    "shutdown",
					    "power_off",
					    "power_on",
					    "restore",
					    "password_reset",
					    "resize",
					    "rebuild",
					    "rename",
					    "snapshot",
					    "enable_ipv6",
					    "enable_private_networking",
					    "change_kernel",
					    NULL};
	size_t i = 0;
	bool off = !strcmp(str(droplet, "status"), "off");

	while (types[i] && strcmp(types[i], type) != 0)
		i++;
	if (!types[i])
		return "The action type is not valid.";
	if (do_busy(do_home(r), droplet))
		return "Droplet already has a pending event.";
	if (off && (!strcmp(type, "power_off") || !strcmp(type, "shutdown")))
		return "Droplet is already powered off.";
	if (!off && !strcmp(type, "power_on"))
		return "Droplet is already powered on.";
	if (!strcmp(type, "enable_ipv6") && holds(seq(droplet, "features"), "ipv6"))
		return "IPv6 is already enabled for this Droplet.";
	if (!strcmp(type, "rename") && !has(r->params, "name"))
		return "Name can't be blank";
	if (!strcmp(type, "resize") && !json_object_get(do_catalog("sizes"), do_arg(r, "size")))
		return "You specified an invalid size for Droplet resize.";
	if (!strcmp(type, "resize") && !off)
		return "Droplet must be powered off before it is resized.";
	if (!strcmp(type, "rebuild") && !do_image(do_home(r), json_object_get(r->params, "image")))
		return "You specified an invalid image for Droplet rebuild.";
	return NULL;
}

static json_t *start(struct request *r, const char *kind, json_t *on)
{
	const char *type = do_arg(r, "type");
	bool slow = !strcmp(type, "snapshot") || !strcmp(type, "transfer");
	json_t *action = do_begin(do_home(r), type, kind, on,
				  slow ? do_knob("snapshot", 60) : do_knob("action", 5));

	if (!strcmp(type, "transfer")) {
		json_object_set(action, "region",
				json_object_get(do_catalog("regions"), do_arg(r, "region")));
		put_str(action, "region_slug", do_arg(r, "region"));
	}
	put(action, "_wish", json_copy(r->params));
	if (!strcmp(type, "snapshot"))
		do_copy_machine(on, action);
	return do_one("action", do_public(action));
}

static json_t *post_action(struct request *r)
{
	json_t *droplet = do_droplet(do_home(r), r);
	const char *why = droplet ? why_not(r, droplet, do_arg(r, "type")) : NULL;

	if (!droplet)
		return do_missing(r);
	return why ? do_refuse(r, 422, "%s", why) : start(r, "droplet", droplet);
}

static json_t *post_image_action(struct request *r)
{
	json_t *image = do_image(do_home(r), json_object_get(r->params, "image_id"));

	if (!image || yes(image, "public"))
		return do_missing(r);
	if (strcmp(do_arg(r, "type"), "transfer") != 0 ||
	    !json_object_get(do_catalog("regions"), do_arg(r, "region")))
		return do_refuse(r, 422, "The action type is not valid.");
	return start(r, "image", image);
}

static json_t *list_of_image(struct request *r)
{
	if (!do_image(do_home(r), json_object_get(r->params, "image_id")))
		return do_missing(r);
	return do_page(r, "actions", newest_first(r, "image", num(r->params, "image_id", 0)), show);
}

const struct do_route do_action_routes[] = {
    {"GET", "/v2/actions", "actions_list", list_actions, 200},
    {"GET", "/v2/actions/{action_id}", "actions_get", get_action, 200},
    {"GET", "/v2/droplets/{droplet_id}/actions", "dropletActions_list", list_of_droplet, 200},
    {"POST", "/v2/droplets/{droplet_id}/actions", "dropletActions_post", post_action, 201},
    {"GET", "/v2/droplets/{droplet_id}/actions/{action_id}", "dropletActions_get", get_action, 200},
    {"GET", "/v2/images/{image_id}/actions", "imageActions_list", list_of_image, 200},
    {"POST", "/v2/images/{image_id}/actions", "imageActions_post", post_image_action, 201},
    {"GET", "/v2/images/{image_id}/actions/{action_id}", "imageActions_get", get_action, 200},
    {NULL, NULL, NULL, NULL, 0},
};
