/* SPDX-License-Identifier: ISC
 * Where settings stand. A region's are stronger than a cloud's, a cloud's than everybody's, a
 * distribution's than the defaults beside it, and a later file's than an earlier one's. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "spec.h"

#define DEFAULT "default"

static bool is(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static bool is_about(const struct spec_body *body, const char *cloud)
{
	return body->cloud == cloud || is(body->cloud, cloud);
}

static const json_t *region_in(const struct spec_body *body, const char *region)
{
	return json_object_get(json_object_get(body->json, "regions"), region);
}

/* The seed's word is `distribution`, with several in it. */
static const json_t *distributions_in(const json_t *json)
{
	const json_t *all = json_object_get(json, "distributions");

	return all ? all : json_object_get(json, "distribution");
}

static void add_names(json_t *names, const json_t *from, bool *open)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)from, name, value)
		if (is(name, DEFAULT))
			*open |= !json_is_string(value);
		else if (!names_hold(names, name))
			json_array_append_new(names, json_string(name));
}

json_t *regions_of(const struct config *c, const char *cloud, bool *open)
{
	json_t *names = json_array();

	*open = false;
	for (size_t i = 0; i < c->n_bodies; i++)
		if (is_about(&c->bodies[i], cloud))
			add_names(names, json_object_get(c->bodies[i].json, "regions"), open);
	if (!json_array_size(names))
		*open = true;
	return names;
}

/* What the files say of it, the last one's word; NULL when they say nothing. */
static const json_t *said_region(const struct config *c, const char *cloud,
				 const struct spec_file **file)
{
	for (size_t i = c->n_bodies; i-- > 0;) {
		const struct spec_body *body = &c->bodies[i];
		const json_t *says = json_object_get(body->json, "region");

		if (!is_about(body, cloud))
			continue;
		if (!json_is_string(says))
			says = region_in(body, DEFAULT);
		*file = body->file;
		if (json_is_string(says))
			return says;
	}
	return NULL;
}

bool default_region(struct config *c, const char *cloud, char **region)
{
	char none[] = "", *provider = mem_dup(cloud);
	struct choice choice = {provider, none, none};
	struct maker m = {.config = c, .choice = &choice};
	const struct spec_file *file;
	const json_t *says = said_region(c, cloud, &file);
	struct buf text = {0};
	bool good = !says || expand(&m, file, says, &text, NULL);

	*region = good && says ? buf_take(&text) : NULL;
	buf_free(&text);
	free(provider);
	return good;
}

/* The key of a region in `regions`: its name, or `default`. */
static const char *region_key(const struct config *c, const char *cloud, const char *region)
{
	for (size_t i = 0; i < c->n_bodies; i++)
		if (is_about(&c->bodies[i], cloud) && region_in(&c->bodies[i], region))
			return region;
	return DEFAULT;
}

json_t *distributions_of(const struct config *c, const char *cloud, const char *region, bool *open)
{
	const char *key = region_key(c, cloud, region);
	json_t *names = json_array();

	*open = false;
	for (size_t i = 0; i < c->n_bodies; i++)
		if (is_about(&c->bodies[i], cloud))
			add_names(names, distributions_in(region_in(&c->bodies[i], key)), open);
	if (*open || json_array_size(names))
		return names;
	for (size_t i = 0; i < c->n_bodies; i++)
		if (is_about(&c->bodies[i], cloud))
			add_names(names, distributions_in(c->bodies[i].json), open);
	if (*open || json_array_size(names))
		return names;
	for (size_t i = 0; i < c->n_bodies; i++)
		if (!c->bodies[i].cloud)
			add_names(names, distributions_in(c->bodies[i].json), open);
	return names;
}

/* One rank of layers: those of a cloud's bodies (NULL: everybody's), in a region or not, of the
 * distribution or the defaults beside it. */
struct rank {
	const char *cloud, *region, *distribution;
};

static void add_rank(const struct config *c, struct layers *layers, const struct rank *rank)
{
	for (size_t i = c->n_bodies; i-- > 0;) {
		const struct spec_body *body = &c->bodies[i];
		const json_t *in = body->json, *settings_in;

		if (!is_about(body, rank->cloud))
			continue;
		if (rank->region)
			in = region_in(body, rank->region);
		settings_in = rank->distribution
				  ? json_object_get(distributions_in(in), rank->distribution)
				  : json_object_get(in, "defaults");
		if (!json_is_object(settings_in))
			continue;
		layers->at = mem_grow(layers->at, layers->n + 1, sizeof(*layers->at));
		layers->at[layers->n++] = (struct layer){settings_in, body->file};
	}
}

/* A distribution that is not there by name is its neighbour `default`. */
static void add_ranks(const struct config *c, struct layers *layers, struct rank rank,
		      const char *distribution)
{
	size_t had = layers->n;

	rank.distribution = distribution;
	add_rank(c, layers, &rank);
	rank.distribution = DEFAULT;
	if (layers->n == had)
		add_rank(c, layers, &rank);
	rank.distribution = NULL;
	add_rank(c, layers, &rank);
}

struct layers layers_of(const struct config *c, const struct choice *choice)
{
	const char *key = region_key(c, choice->cloud, choice->region);
	struct layers layers = {0};

	add_ranks(c, &layers, (struct rank){choice->cloud, key, NULL}, choice->distribution);
	add_ranks(c, &layers, (struct rank){choice->cloud, NULL, NULL}, choice->distribution);
	add_ranks(c, &layers, (struct rank){NULL, NULL, NULL}, choice->distribution);
	return layers;
}

struct found find_setting(const struct layers *layers, const char *const *names)
{
	for (size_t i = 0; i < layers->n; i++)
		for (size_t k = 0; names[k]; k++) {
			const json_t *value = json_object_get(layers->at[i].settings, names[k]);

			if (value)
				return (struct found){json_is_null(value) ? NULL : value,
						      layers->at[i].file, i, true};
		}
	return (struct found){0};
}
