/* SPDX-License-Identifier: ISC
 * What is to be made, against what the cloud has today: regions, sizes, images, keys, the account's
 * limit. Nothing is mapped silently. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "do/cloud.h"
#include "droplets.h"
#include "mem.h"
#include "nearest.h"
#include "plan.h"
#include "status.h"

struct catalog {
	struct ensure *e;
	json_t *regions, *sizes, *images; /* by id; images by slug, too */
	json_t *keys;                     /* reference → true, or what is wrong with it */
	json_int_t limit;                 /* of droplets; 0: not known */
	struct failure failure;
};

struct asked_key {
	struct catalog *catalog;
	char *key;
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void note_failure(struct catalog *c, struct failure *f, const char *what)
{
	if (f->status && !c->failure.status) {
		fail_move(&c->failure, f);
		fail_prefix(&c->failure, "cannot read %s", what);
	}
}

static void take_thing(struct cloud_item *item, json_t *record)
{
	json_t *table = item->ctx;

	json_object_set(table, text_of(record, "id"), record);
	if (*text_of(record, "slug"))
		json_object_set(table, text_of(record, "slug"), record);
}

static void settled(struct cloud_item *item)
{
	(void)item;
}

static void take_account(struct do_call *call)
{
	struct catalog *c = call->ctx;
	const json_t *account = json_object_get(call->result, "account");

	/* a token that may not read it: the service will say when it is too many */
	if (call->failure.status != ST_NOPERM)
		note_failure(c, &call->failure, "the account");
	c->limit = json_integer_value(json_object_get(account, "droplet_limit"));
}

static void take_key(struct do_call *call)
{
	struct asked_key *asked = call->ctx;

	if (call->failure.status && call->http_status != 404)
		note_failure(asked->catalog, &call->failure, "an ssh key");
	else
		json_object_set_new(asked->catalog->keys, asked->key,
				    json_boolean(call->http_status != 404));
	free(asked->key);
	free(asked);
}

static char *key_text(const json_t *key)
{
	if (json_is_integer(key))
		return mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(key));
	return mem_dup(json_string_value(key));
}

static bool to_be_made(const struct want *w)
{
	return !w->found && !w->work->failure.status;
}

/* Each key once: the list of all may be read only ten times a minute. */
static void ask_keys(struct catalog *c)
{
	struct do_client *client = do_cloud_client(c->e->cloud);
	json_t *key;
	size_t k;

	for (size_t i = 0; i < c->e->n; i++) {
		const struct want *w = &c->e->wants[i];

		if (!to_be_made(w))
			continue;
		json_array_foreach(json_object_get(w->json, "keys"), k, key) {
			struct asked_key *asked = mem_alloc(sizeof *asked);
			char *escaped;

			*asked = (struct asked_key){c, key_text(key)};
			if (json_object_get(c->keys, asked->key) ||
			    json_object_get(c->e->unmade, asked->key)) {
				free(asked->key);
				free(asked);
				continue;
			}
			json_object_set_new(c->keys, asked->key, json_true());
			escaped = do_escape(asked->key);
			do_queue(client, do_call_new("GET", NULL, take_key, asked,
						     "/v2/account/keys/%s", escaped));
			free(escaped);
		}
	}
}

static void read_catalog(struct catalog *c)
{
	static const char *const what[] = {"the regions", "the sizes", "the images"};
	struct cloud_item items[] = {{.kind = CLOUD_REGIONS, .ctx = c->regions},
				     {.kind = CLOUD_SIZES, .ctx = c->sizes},
				     {.kind = CLOUD_IMAGES, .ctx = c->images}};
	struct cloud_item *all[] = {&items[0], &items[1], &items[2]};

	for (size_t i = 0; i < 3; i++) {
		items[i].cloud = c->e->cloud;
		items[i].each = take_thing;
	}
	do_queue(do_cloud_client(c->e->cloud),
		 do_call_new("GET", NULL, take_account, c, "/v2/account"));
	ask_keys(c);
	cloud_digitalocean.list(all, 3, settled);
	for (size_t i = 0; i < 3; i++) {
		note_failure(c, &items[i].failure, what[i]);
		cloud_item_free(&items[i]);
	}
}

static bool lists(const json_t *list, const char *name)
{
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value) {
		if (!strcmp(json_string_value(value) ? json_string_value(value) : "", name))
			return true;
	}
	return false;
}

static bool offered(const json_t *thing, const char *region)
{
	return !json_is_false(json_object_get(thing, "available")) &&
	       (!region || lists(json_object_get(thing, "regions"), region));
}

/* The slugs of those that can be had in a region (NULL: anywhere). */
static json_t *offers(const json_t *table, const char *region)
{
	json_t *names = json_array(), *thing;
	const char *key;

	json_object_foreach((json_t *)(uintptr_t)table, key, thing) {
		const char *slug = text_of(thing, "slug");

		if (offered(thing, region) && (!*slug || !strcmp(slug, key)))
			json_array_append_new(names, json_string(key));
	}
	return names;
}

/* "'1gb' is no size in 'nyc3': 's-1vcpu-1gb'?" */
static bool refuse(struct want *w, const char *what, const char *slug, const char *region,
		   const json_t *table, const char *why)
{
	json_auto_t *names = offers(table, region);
	char *near = nearest(slug, names), *code = mem_fmt("unknown-%s", what);

	fail_set(&w->work->failure, ST_DATA, code, "droplet '%s': %s '%s' %s%s%s%s%s%s%s",
		 text_of(w->json, "name"), what, slug, why, region ? " in '" : "",
		 region ? region : "", region ? "'" : "", near ? ": did you mean " : "",
		 near ? near : "", near ? "?" : "");
	free(near);
	free(code);
	return false;
}

static bool needs(struct want *w, const char *key)
{
	const json_t *value = json_object_get(w->json, key);

	if (value && !json_is_null(value))
		return true;
	return fail_set(&w->work->failure, ST_DATA, "bad-instance",
			"droplet '%s' is not there, and to make it the record needs '%s'",
			text_of(w->json, "name"), key);
}

static bool check_place(struct want *w, const struct catalog *c)
{
	const char *region = text_of(w->json, "region"), *size = text_of(w->json, "size");
	char *image = key_text(json_object_get(w->json, "image"));
	const json_t *r = json_object_get(c->regions, region), *s = json_object_get(c->sizes, size),
		     *i = json_object_get(c->images, image);
	json_int_t needed = json_integer_value(json_object_get(i, "disk")),
		   disk = json_integer_value(json_object_get(s, "disk"));
	bool ok = true;

	if (!r)
		ok = refuse(w, "region", region, NULL, c->regions, "does not exist (any more)");
	else if (!offered(r, NULL))
		ok = refuse(w, "region", region, NULL, c->regions, "takes no new droplets");
	else if (!s)
		ok = refuse(w, "size", size, region, c->sizes, "does not exist (any more)");
	else if (!offered(s, region))
		ok = refuse(w, "size", size, region, c->sizes, "cannot be had");
	else if (!i || strcmp(text_of(i, "state"), "available") != 0)
		ok = refuse(w, "image", image, region, c->images, "does not exist (any more)");
	else if (!offered(i, region))
		ok = refuse(w, "image", image, region, c->images, "is not there");
	else if (needed > disk && disk)
		ok = fail_set(&w->work->failure, ST_DATA, "small-disk",
			      "droplet '%s': image '%s' needs %lld GB, size '%s' has %lld",
			      text_of(w->json, "name"), image, (long long)needed, size,
			      (long long)disk);
	if (ok && !json_is_boolean(json_object_get(w->json, "ipv6")))
		json_object_set_new(w->json, "ipv6",
				    json_boolean(lists(json_object_get(r, "features"), "ipv6")));
	free(image);
	return ok;
}

static bool check_keys(struct want *w, const struct catalog *c)
{
	const json_t *keys = json_object_get(w->json, "keys");
	json_t *key;
	size_t i;

	if (!json_array_size(keys) && !c->e->o->no_key)
		return fail_set(&w->work->failure, ST_DATA, "no-key",
				"droplet '%s' has no ssh key: give 'keys', -k, an ssh-key record, "
				"or --no-key",
				text_of(w->json, "name"));
	json_array_foreach(keys, i, key) {
		char *text = key_text(key);
		bool known = !json_is_false(json_object_get(c->keys, text));

		if (!known)
			fail_set(&w->work->failure, ST_DATA, "unknown-key",
				 "droplet '%s': the account has no ssh key '%s'",
				 text_of(w->json, "name"), text);
		free(text);
		if (!known)
			return false;
	}
	return true;
}

static void plan_one(struct want *w)
{
	plan_add(w->work->plan, "create", "instance", "digitalocean", text_of(w->json, "region"),
		 text_of(w->json, "name"), NULL, NULL, result_after(w), NULL);
}

static void check_limit(struct catalog *c, size_t wanted)
{
	size_t there = json_array_size(c->e->there);

	if (c->limit > 0 && wanted && there + wanted > (size_t)c->limit)
		fail_set(&c->failure, ST_REFUSED, "droplet-limit",
			 "cannot make %zu droplets: the account has %zu, its limit is "
			 "%" JSON_INTEGER_FORMAT,
			 wanted, there, c->limit);
}

static void check_wants(struct catalog *c)
{
	size_t wanted = 0;

	for (size_t i = 0; i < c->e->n; i++) {
		struct want *w = &c->e->wants[i];

		if (!to_be_made(w) || !needs(w, "region") || !needs(w, "size") ||
		    !needs(w, "image"))
			continue;
		if (check_place(w, c) && check_keys(w, c)) {
			plan_one(w);
			wanted++;
		}
	}
	check_limit(c, wanted);
}

void check_all(struct ensure *e)
{
	struct catalog c = {e, json_object(), json_object(), json_object(), json_object(), 0, {0}};
	bool any = false;

	for (size_t i = 0; i < e->n; i++)
		any = any || to_be_made(&e->wants[i]);
	if (any)
		read_catalog(&c);
	if (any && !c.failure.status)
		check_wants(&c);
	if (c.failure.status)
		fail_move(&e->batch.stop, &c.failure);
	json_decref(c.regions);
	json_decref(c.sizes);
	json_decref(c.images);
	json_decref(c.keys);
}
