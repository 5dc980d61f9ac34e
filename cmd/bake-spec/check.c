/* SPDX-License-Identifier: ISC
 * What no reader of settings would see: names that mean nothing, most often slips. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "spec.h"

#define MAPPING "this must be a mapping"

static json_t *names_of(const char *const *names)
{
	json_t *all = json_array();

	for (; *names; names++)
		json_array_append_new(all, json_string(*names));
	return all;
}

static json_t *setting_names(void)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n_settings; i++)
		for (size_t k = 0; settings[i].names[k]; k++)
			json_array_append_new(all, json_string(settings[i].names[k]));
	return all;
}

/* Members that begin with x- are the user's own. */
static void check_names(struct config *c, const struct spec_file *file, const json_t *map,
			const json_t *known, const char *what)
{
	const char *key;
	json_t *value;

	if (!json_is_object(map) && map && !json_is_null(map)) {
		fault(c, file, map, MAPPING);
		return;
	}
	json_object_foreach((json_t *)map, key, value) {
		char *guess;

		if (!strncmp(key, "x-", 2) || names_hold(known, key))
			continue;
		guess = guess_text(key, known);
		fault(c, file, json_is_null(value) ? map : value, "%s has no '%s'%s", what, key,
		      guess);
		free(guess);
	}
}

struct checker {
	struct config *c;
	const struct spec_file *file;
	json_t *settings;
};

static void check_settings(struct checker *x, const json_t *map)
{
	check_names(x->c, x->file, map, x->settings, "an image");
}

static void check_each(struct checker *x, const json_t *map,
		       void (*check)(struct checker *, const json_t *))
{
	const char *key;
	json_t *value;

	if (map && !json_is_null(map) && !json_is_object(map))
		fault(x->c, x->file, map, MAPPING);
	json_object_foreach((json_t *)map, key, value)
		check(x, value);
}

static void check_place(struct checker *x, const json_t *place)
{
	if (json_object_get(place, "distribution") && json_object_get(place, "distributions"))
		fault(x->c, x->file, place,
		      "'distribution' and 'distributions' are the same: one must go");
	check_settings(x, json_object_get(place, "defaults"));
	check_each(x, json_object_get(place, "distributions"), check_settings);
	check_each(x, json_object_get(place, "distribution"), check_settings);
}

static void check_region(struct checker *x, const json_t *region)
{
	static const char *const names[] = {"defaults", "distribution", "distributions", NULL};
	json_auto_t *known = names_of(names);

	check_names(x->c, x->file, region, known, "a region");
	check_place(x, region);
}

/* `default: us-west-2` names the default region. */
static void check_regions(struct checker *x, const json_t *regions)
{
	json_auto_t *others = json_is_object(regions) ? json_copy((json_t *)regions) : NULL;

	if (json_is_string(json_object_get(others, "default")))
		json_object_del(others, "default");
	check_each(x, others ? others : regions, check_region);
}

static void check_body(struct checker *x, const json_t *body)
{
	const json_t *region = json_object_get(body, "region");

	if (region && (!json_is_string(region) || !*json_string_value(region)))
		fault(x->c, x->file, region, "'region' must be the name of one");
	check_place(x, body);
	check_regions(x, json_object_get(body, "regions"));
}

void check_config(struct config *c)
{
	static const char *const inner[] = {"defaults", "distribution", "distributions",
					    "region",   "regions",      NULL};
	static const char *const outer[] = {
	    "cloud",         "clouds", "configs", "defaults",  "distribution",
	    "distributions", "region", "regions", "templates", NULL};
	json_auto_t *in = names_of(inner), *out = names_of(outer), *known = setting_names();

	for (size_t i = 0; i < c->n_bodies; i++) {
		const struct spec_body *body = &c->bodies[i];
		struct checker x = {c, body->file, known};

		if (body->json == yml_root(body->file->doc))
			check_names(c, body->file, body->json, out, "a configuration");
		else
			check_names(c, body->file, body->json, in, "a cloud");
		check_body(&x, body->json);
	}
}
