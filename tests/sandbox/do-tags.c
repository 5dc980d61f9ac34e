/* SPDX-License-Identifier: ISC
 * Tags: made by themselves or with what carries them. They stand on droplets and images. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static const char *const carriers[] = {"droplets", "images"};

static bool is_tag(const char *name)
{
	return *name && strlen(name) <= 255 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_") ==
		   strlen(name);
}

/* With one that is no tag it gets none of them, without a word: so does DigitalOcean. */
void do_tag_new(json_t *home, json_t *thing, const json_t *tags)
{
	json_t *tag;
	size_t i;

	json_array_foreach(tags, i, tag) {
		if (!is_tag(text_of(tag)))
			return;
	}
	json_array_foreach(tags, i, tag)
		do_tag(home, thing, text_of(tag));
}

void do_tag(json_t *home, json_t *thing, const char *tag)
{
	put_str(sub(sub(home, "tags"), tag), "name", tag);
	if (!holds(seq(thing, "tags"), tag))
		add(list(thing, "tags"), json_string(tag));
}

static json_t *count(json_t *home, const char *table_name, const char *tag, long long *total)
{
	json_t *thing;
	const char *key;
	long long n = 0, last = 0;
	json_t *shown;
	char *uri;

	json_object_foreach(sub(home, table_name), key, thing)
		if (holds(seq(thing, "tags"), tag)) {
			n++;
			last = num(thing, "id", 0);
		}
	*total += n;
	shown = json_pack("{s:I}", "count", (json_int_t)n);
	if (n) {
		uri = mem_fmt("https://api.digitalocean.com/v2/%s/%lld", table_name, last);
		put_str(shown, "last_tagged_uri", uri);
		free(uri);
	}
	return shown;
}

static json_t *show(struct request *r, json_t *tag)
{
	json_t *resources = json_object();
	long long total = 0;

	for (size_t i = 0; i < 2; i++)
		put(resources, carriers[i],
		    count(do_home(r), carriers[i], str(tag, "name"), &total));
	put_int(resources, "count", total);
	return json_pack("{s:O, s:o}", "name", json_object_get(tag, "name"), "resources",
			 resources);
}

static json_t *list_tags(struct request *r)
{
	return do_page(r, "tags", do_values(sub(do_home(r), "tags")), show);
}

static json_t *create_tag(struct request *r)
{
	const char *name = do_arg(r, "name");

	if (!is_tag(name))
		return do_refuse(r, 422, "Name is invalid");
	put_str(sub(sub(do_home(r), "tags"), name), "name", name);
	return do_one("tag", show(r, json_object_get(sub(do_home(r), "tags"), name)));
}

static json_t *tag_of(struct request *r)
{
	return json_object_get(sub(do_home(r), "tags"), do_arg(r, "tag_id"));
}

static json_t *get_tag(struct request *r)
{
	return tag_of(r) ? do_one("tag", show(r, tag_of(r))) : do_missing(r);
}

static json_t *delete_tag(struct request *r)
{
	json_t *thing;
	const char *key;

	if (!tag_of(r))
		return do_missing(r);
	for (size_t i = 0; i < 2; i++)
		json_object_foreach(sub(do_home(r), carriers[i]), key, thing)
			drop(list(thing, "tags"), do_arg(r, "tag_id"));
	json_object_del(sub(do_home(r), "tags"), do_arg(r, "tag_id"));
	return json_null();
}

static json_t *carrier(struct request *r, const json_t *resource)
{
	const char *type = str(resource, "resource_type");
	char *key = do_key(num(resource, "resource_id", -1));
	json_t *found =
	    json_object_get(sub(do_home(r), !strcmp(type, "image") ? "images" : "droplets"), key);

	free(key);
	return found;
}

static json_t *change_resources(struct request *r, bool on)
{
	size_t i;
	json_t *resource;

	if (!tag_of(r))
		return do_missing(r);
	json_array_foreach(seq(r->params, "resources"), i, resource)
		if (!carrier(r, resource))
			return do_missing(r);
	json_array_foreach(seq(r->params, "resources"), i, resource)
		if (on)
			do_tag(do_home(r), carrier(r, resource), do_arg(r, "tag_id"));
		else
			drop(list(carrier(r, resource), "tags"), do_arg(r, "tag_id"));
	return json_null();
}

static json_t *tag_resources(struct request *r)
{
	return change_resources(r, true);
}

static json_t *untag_resources(struct request *r)
{
	return change_resources(r, false);
}

const struct do_route do_tag_routes[] = {
    {"GET", "/v2/tags", "tags_list", list_tags, 200},
    {"POST", "/v2/tags", "tags_create", create_tag, 201},
    {"GET", "/v2/tags/{tag_id}", "tags_get", get_tag, 200},
    {"DELETE", "/v2/tags/{tag_id}", "tags_delete", delete_tag, 204},
    {"POST", "/v2/tags/{tag_id}/resources", "tags_assign_resources", tag_resources, 204},
    {"DELETE", "/v2/tags/{tag_id}/resources", "tags_unassign_resources", untag_resources, 204},
    {NULL, NULL, NULL, NULL, 0},
};
