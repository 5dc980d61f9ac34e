/* SPDX-License-Identifier: ISC
 * Writes the images of one's own in all clouds, or in some, as image records. Everything is asked
 * at once; the order is by cloud, region and date, whichever answers first. */
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "cloud-places.h"
#include "env.h"
#include "mem.h"

static const struct cli cli = {
    .usage = "img-list [-q] [-c CLOUD] [-r REGION] [-t KEY[=VALUE]] [--all-regions] [--run RUN] "
	     "[-] [NAME ...]",
    .help = "Writes your own images as image records, the newest of a region last.\n"
	    "  -c, --cloud CLOUD    aws or digitalocean; repeatable (all with credentials)\n"
	    "  -r, --region REGION  only there; repeatable\n"
	    "  -t, --tag KEY[=VALUE]  only with this tag; repeatable, all must hold\n"
	    "      --all-regions    every region that the account may use\n"
	    "      --run RUN        only what this run made\n"
	    "  NAME                 only these; * and ? are wildcards\n"
	    "  -                    copies the records of standard input first\n",
};

enum { RUN = 256 };

static const struct option longs[] = {CLOUD_PLACES_LONG,
				      {"tag", required_argument, NULL, 't'},
				      {"run", required_argument, NULL, RUN},
				      CLI_LONG,
				      {0}};

struct options {
	struct cloud_places places;
	const char **tags;
	size_t n_tags;
	char *run, **names;
	bool copies_input;
};

static void read_option(struct options *o, int option)
{
	if (cloud_places_option(&o->places, option, optarg))
		return;
	switch (option) {
	case 't':
		if (!*optarg || *optarg == '=')
			cli_usage("a tag is KEY or KEY=VALUE, not '%s'", optarg);
		o->tags = mem_grow(o->tags, o->n_tags + 1, sizeof *o->tags);
		o->tags[o->n_tags++] = optarg;
		break;
	case RUN:
		if (!*optarg)
			cli_usage("--run is empty");
		free(o->run);
		o->run = env_run_form(optarg);
		break;
	default:
		cli_option(option);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, CLOUD_PLACES_SHORT "t:" CLI_SHORT, longs, NULL)) !=
	       -1)
		read_option(o, option);
	o->names = argv + optind;
	if (*o->names && !strcmp(*o->names, "-")) {
		o->copies_input = true;
		o->names++;
	}
	cli_operands(o->names);
	for (char **name = o->names; *name; name++)
		if (!strcmp(*name, "-"))
			cli_usage("no name: '%s'", *name);
	cloud_places_check(&o->places);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool has_name(const struct options *o, const json_t *image)
{
	for (char **name = o->names; *name; name++)
		if (!fnmatch(*name, text_of(image, "name"), 0))
			return true;
	return !*o->names;
}

static bool has_tag(const json_t *tags, const char *wanted)
{
	const char *value = strchr(wanted, '=');
	char *key = value ? mem_dup_n(wanted, (size_t)(value - wanted)) : mem_dup(wanted);
	bool has = json_object_get(tags, key) && (!value || !strcmp(text_of(tags, key), value + 1));

	free(key);
	return has;
}

struct found {
	const struct options *o;
	json_t **images;
	size_t n;
};

static void take(void *ctx, json_t *image)
{
	struct found *f = ctx;
	const json_t *tags = json_object_get(image, "tags");

	for (size_t i = 0; i < f->o->n_tags; i++)
		if (!has_tag(tags, f->o->tags[i]))
			return;
	if (!has_name(f->o, image))
		return;
	f->images = mem_grow(f->images, f->n + 1, sizeof *f->images);
	f->images[f->n++] = json_incref(image);
}

static int order(const void *a, const void *b)
{
	static const char *const keys[] = {"provider", "region", "created", "name", "id"};
	json_t *const *x = a, *const *y = b;
	int differ = 0;

	for (size_t i = 0; !differ && i < sizeof keys / sizeof *keys; i++)
		differ = strcmp(text_of(*x, keys[i]), text_of(*y, keys[i]));
	return differ;
}

static void list(struct options *o, struct rec_io *io)
{
	static const enum cloud_kind images[] = {CLOUD_IMAGES};
	const struct cloud_item like = {.own = true, .run = o->run};
	struct cloud_accounts accounts = {.engine = http_new()};
	struct found found = {.o = o};

	cloud_places_find(&o->places, &accounts);
	cloud_places_list(&o->places, images, 1, &like, take, &found);
	if (found.n)
		qsort(found.images, found.n, sizeof *found.images, order);
	for (size_t i = 0; i < found.n; i++)
		rec_emit(io, found.images[i]);
	cloud_places_tell(&o->places, io);
	free(found.images);
	cloud_accounts_close(&accounts);
	http_free(accounts.engine);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct rec_io *io;
	struct rec *r;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);

	io = rec_start("img-list");
	if (o.copies_input)
		rec_open(io, "-");
	while (o.copies_input && (r = rec_read(io)))
		rec_write(io, r);
	list(&o, io);

	cloud_places_free(&o.places);
	free(o.tags);
	free(o.run);
	return rec_finish(io);
}
