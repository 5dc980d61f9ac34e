/* SPDX-License-Identifier: ISC
 * From what is asked for to the images that are to be made. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "spec.h"
#include "status.h"

struct chooser {
	struct config *c;
	const struct wish *wish;
	const json_t *clouds; /* that are chosen */
	json_t *used;         /* regions and distributions that were asked for and found */
	struct choice *all;
	size_t n;
};

static const char *name_at(const json_t *names, size_t i)
{
	return json_string_value(json_array_get(names, i));
}

static void unknown(const struct chooser *x, const char *thing, const char *name, const char *of,
		    const json_t *names)
{
	char *guess = guess_text(name, names), *all = names_text(names);

	fault_plain(x->c, ST_USAGE, "cannot find %s '%s'%s%s%s; the configuration has %s", thing,
		    name, of ? " of " : "", of ? of : "", guess, *all ? all : "none");
	free(guess);
	free(all);
}

static void which(const struct chooser *x, const char *thing, const char *option, const char *of,
		  const json_t *names)
{
	char *all = names_text(names);

	fault_plain(x->c, ST_USAGE,
		    "cannot choose a %s%s%s: give %s, or --all; the configuration has %s", thing,
		    of ? " of " : "", of ? of : "", option, *all ? all : "none");
	free(all);
}

/* In the order in which they were asked for, else in that of the files. */
static json_t *chosen_clouds(const struct chooser *x)
{
	json_t *asked, *clouds = json_array();
	size_t i;

	json_array_foreach(x->wish->clouds, i, asked) {
		const char *name = json_string_value(asked), *cloud = config_provider(name);

		if (!cloud || !names_hold(x->c->clouds, cloud))
			unknown(x, "cloud", name, NULL, x->c->clouds);
		else if (!names_hold(clouds, cloud))
			json_array_append_new(clouds, json_string(cloud));
	}
	if (json_array_size(x->wish->clouds))
		return clouds;
	if (json_array_size(x->c->clouds) == 1 || x->wish->all || json_array_size(x->wish->regions))
		json_array_extend(clouds, x->c->clouds);
	if (!json_array_size(clouds))
		which(x, "cloud", "-c", NULL, x->c->clouds);
	return clouds;
}

/* The variable that names a cloud's region, NULL when none is set. */
static const char *region_variable(const char *cloud)
{
	static const struct {
		const char *cloud, *name;
	} variables[] = {{"aws", "AWS_REGION"},
			 {"aws", "AWS_DEFAULT_REGION"},
			 {"gce", "CLOUDSDK_COMPUTE_REGION"},
			 {"openstack", "OS_REGION_NAME"},
			 {"rackspace", "OS_REGION_NAME"}};

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (!strcmp(cloud, variables[i].cloud) && variable(variables[i].name))
			return variables[i].name;
	return NULL;
}

static void no_region(const struct chooser *x, const char *cloud, const char *from,
		      const char *region, const json_t *named)
{
	char *all = names_text(named);

	if (region)
		fault_plain(x->c, ST_CONFIG, "cannot use %s '%s': the configuration of %s has %s",
			    from, region, cloud, all);
	else
		fault_plain(x->c, ST_CONFIG,
			    "cannot choose a region of %s: give -r, or 'region' in the "
			    "configuration, which has %s by name",
			    cloud, *all ? all : "none");
	free(all);
}

/* The region that is meant when none is named; an array of it. */
static json_t *usual_region(const struct chooser *x, const char *cloud)
{
	bool open;
	json_auto_t *named = regions_of(x->c, cloud, &open);
	const char *region, *from = "'region'";
	char *said;
	json_t *one = json_array();

	if (!default_region(x->c, cloud, &said))
		return one;
	region = said;
	if (!region && json_array_size(named) == 1 && !open)
		region = name_at(named, 0);
	if (!region && (from = region_variable(cloud)))
		region = variable(from);
	if (!region || (!open && !names_hold(named, region)))
		no_region(x, cloud, from, region, named);
	else
		json_array_append_new(one, json_string(region));
	free(said);
	return one;
}

static bool any_cloud_names(const struct chooser *x, const char *region)
{
	json_t *cloud;
	bool open;
	size_t i;

	json_array_foreach(x->clouds, i, cloud) {
		json_auto_t *named = regions_of(x->c, json_string_value(cloud), &open);

		if (names_hold(named, region))
			return true;
	}
	return false;
}

/* The region that a word of -r means in a cloud, NULL: none. CLOUD:REGION is one of that cloud; a
 * name alone is the region of the clouds that have it by name, else of one that takes any. */
static const char *meant(const struct chooser *x, const char *cloud, const char *word)
{
	const char *colon = strchr(word, ':'), *region = colon ? colon + 1 : word;
	char *prefix = mem_dup_n(word, colon ? (size_t)(colon - word) : 0);
	const char *of = config_provider(prefix);
	bool open;
	json_auto_t *named = regions_of(x->c, cloud, &open);

	free(prefix);
	if (of)
		return !strcmp(of, cloud) && *region && (open || names_hold(named, region)) ? region
											    : NULL;
	return names_hold(named, word) || (open && !any_cloud_names(x, word)) ? word : NULL;
}

/* Two clouds that take any region, or two that nobody asked for. */
static bool is_ambiguous(const struct chooser *x, const char *word)
{
	return names_hold(x->used, word) &&
	       (!any_cloud_names(x, word) || !(json_array_size(x->wish->clouds) || x->wish->all));
}

static json_t *asked_regions(struct chooser *x, const char *cloud)
{
	json_t *asked, *regions = json_array();
	size_t i;
	bool open;

	json_array_foreach(x->wish->regions, i, asked) {
		const char *word = json_string_value(asked), *region = meant(x, cloud, word);

		if (!region)
			continue;
		if (is_ambiguous(x, word))
			fault_plain(x->c, ST_USAGE,
				    "cannot choose a cloud for region '%s': several take it: give "
				    "CLOUD:%s",
				    word, word);
		json_array_append_new(regions, json_string(region));
		json_array_append_new(x->used, json_string(word));
	}
	if (json_array_size(x->wish->clouds) && !json_array_size(regions)) {
		json_auto_t *named = regions_of(x->c, cloud, &open);

		unknown(x, "region", name_at(x->wish->regions, 0), cloud, named);
	}
	return regions;
}

static json_t *chosen_regions(struct chooser *x, const char *cloud)
{
	bool open;
	json_t *named;

	if (json_array_size(x->wish->regions))
		return asked_regions(x, cloud);
	named = regions_of(x->c, cloud, &open);
	if (x->wish->all && json_array_size(named))
		return named;
	json_decref(named);
	return usual_region(x, cloud);
}

static json_t *asked_distributions(struct chooser *x, const char *of, const json_t *named,
				   bool open)
{
	json_t *chosen = json_array(), *asked;
	size_t i;

	json_array_foreach(x->wish->distributions, i, asked) {
		if (open || names_hold(named, json_string_value(asked))) {
			json_array_append(chosen, asked);
			json_array_append(x->used, asked);
		} else if (!x->wish->all) {
			unknown(x, "distribution", json_string_value(asked), of, named);
		}
	}
	return chosen;
}

static json_t *chosen_distributions(struct chooser *x, const char *cloud, const char *region)
{
	bool open;
	json_t *named = distributions_of(x->c, cloud, region, &open), *chosen;
	char *of = mem_fmt("%s %s", cloud, region);

	if (json_array_size(x->wish->distributions)) {
		chosen = asked_distributions(x, of, named, open);
		json_decref(named);
	} else {
		chosen = named;
		if (!json_array_size(named) ||
		    (!x->wish->all && (open || json_array_size(named) > 1)))
			which(x, "distribution", "-d", of, named);
	}
	free(of);
	return chosen;
}

/* It becomes part of hosts' names, of files' and of messages. */
static bool is_good_name(const struct chooser *x, const char *thing, const char *name)
{
	const char *wrong = NULL;

	if (!*name)
		wrong = "it is empty";
	else if (strstr(name, "${") || strstr(name, "<%"))
		wrong = "variables stand in values, not in names";
	for (const char *c = name; *c && !wrong; c++)
		if (*c == '/' || iscntrl((unsigned char)*c))
			wrong = "it has a '/' or a control character";
	if (wrong)
		fault_plain(x->c, ST_DATA, "cannot use %s '%s': %s", thing, name, wrong);
	return !wrong;
}

static void add_choice(struct chooser *x, const char *cloud, const char *region,
		       const char *distribution)
{
	if (!is_good_name(x, "region", region) || !is_good_name(x, "distribution", distribution))
		return;
	x->all = mem_grow(x->all, x->n + 1, sizeof(*x->all));
	x->all[x->n++] = (struct choice){mem_dup(cloud), mem_dup(region), mem_dup(distribution)};
}

static void add_cloud(struct chooser *x, const char *cloud)
{
	json_auto_t *regions = chosen_regions(x, cloud);
	json_t *region, *distribution;
	size_t i, k;

	json_array_foreach(regions, i, region) {
		const char *name = json_string_value(region);
		json_auto_t *distributions = chosen_distributions(x, cloud, name);

		json_array_foreach(distributions, k, distribution)
			add_choice(x, cloud, name, json_string_value(distribution));
	}
}

/* Of all chosen clouds: what a name that none has may have meant. */
static json_t *all_names(const struct chooser *x, bool regions)
{
	json_t *all = json_array(), *cloud, *region;
	size_t i, k;
	bool open;

	json_array_foreach(x->clouds, i, cloud) {
		const char *name = json_string_value(cloud);
		json_auto_t *named = regions_of(x->c, name, &open);

		if (regions)
			json_array_extend(all, named);
		else
			json_array_foreach(named, k, region) {
				json_auto_t *more =
				    distributions_of(x->c, name, json_string_value(region), &open);

				json_array_extend(all, more);
			}
	}
	return all;
}

static void check_used(const struct chooser *x, const char *thing, const json_t *asked)
{
	json_auto_t *names = all_names(x, asked == x->wish->regions);
	json_t *name;
	size_t i;

	json_array_foreach(asked, i, name)
		if (!names_hold(x->used, json_string_value(name)))
			unknown(x, thing, json_string_value(name), NULL, names);
}

struct choice *choose(struct config *c, const struct wish *wish, size_t *n)
{
	struct chooser x = {.c = c, .wish = wish, .used = json_array()};
	json_t *clouds = chosen_clouds(&x), *cloud;
	size_t i;

	x.clouds = clouds;
	json_array_foreach(clouds, i, cloud)
		add_cloud(&x, json_string_value(cloud));
	if (!c->status) {
		check_used(&x, "region", wish->regions);
		check_used(&x, "distribution", wish->distributions);
	}
	json_decref(clouds);
	json_decref(x.used);
	*n = x.n;
	return x.all;
}

void choices_free(struct choice *choices, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(choices[i].cloud);
		free(choices[i].region);
		free(choices[i].distribution);
	}
	free(choices);
}
