/* SPDX-License-Identifier: ISC
 * Writes the auto scaling groups of some regions as asg records, with their instances' health
 * behind all balancers. All regions are asked at once; what could not be read is a target. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "aws/asg.h"
#include "cli.h"
#include "mem.h"
#include "status.h"

static const struct cli cli = {
    .usage = "asg-list [-q] [-p PROFILE] [-r REGION] [--server NAME] [--env NAME] [-] [NAME ...]",
    .help = "Writes auto scaling groups as asg records.\n"
	    "  -p, --profile NAME   the profile of ~/.aws\n"
	    "  -r, --region REGION  repeatable\n"
	    "      --server NAME    only those with this tag server\n"
	    "      --env NAME       only those with this tag env\n"
	    "  NAME                 only these; 1 when one is not there\n"
	    "  -                    copies the records of standard input first\n",
};

struct options {
	struct aws_options aws;
	struct asg_place *places;
	size_t n;
	const char *server, *env;
	char **names;
	bool copies_input;
};

enum { SERVER = 256, ENV };

static const struct option longs[] = {{"profile", required_argument, NULL, 'p'},
				      {"region", required_argument, NULL, 'r'},
				      {"server", required_argument, NULL, SERVER},
				      {"env", required_argument, NULL, ENV},
				      CLI_LONG,
				      {0}};

static void add_region(struct options *o, const char *region)
{
	for (size_t i = 0; i < o->n; i++)
		if (!strcmp(o->places[i].region, region))
			return;
	o->places = mem_grow(o->places, o->n + 1, sizeof *o->places);
	o->places[o->n++] = (struct asg_place){.region = region};
}

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "p:r:" CLI_SHORT, longs, NULL)) != -1)
		switch (option) {
		case 'p':
			o->aws.profile = optarg;
			break;
		case 'r':
			add_region(o, cli_text_arg("-r", optarg));
			break;
		case SERVER:
			o->server = cli_text_arg("--server", optarg);
			break;
		case ENV:
			o->env = cli_text_arg("--env", optarg);
			break;
		default:
			cli_option(option);
		}
	o->names = argv + optind;
	if (*o->names && !strcmp(*o->names, "-")) {
		o->copies_input = true;
		o->names++;
	}
	cli_operands(o->names);
	for (char **name = o->names; *name; name++)
		if (!strcmp(*name, "-"))
			cli_usage("no name: '%s'", *name);
}

static bool wanted(const struct options *o, const json_t *group)
{
	const char *server = asg_tag(group, "server"), *env = asg_tag(group, "env");

	if ((o->server && (!server || strcmp(server, o->server) != 0)) ||
	    (o->env && (!env || strcmp(env, o->env) != 0)))
		return false;
	for (char **name = o->names; *name; name++)
		if (!strcmp(*name, asg_name(group)))
			return true;
	return !*o->names;
}

/* The groups that are asked for, of all regions that could be read; count in *n. */
static struct asg_item *select_groups(const struct options *o, size_t *n)
{
	struct asg_item *items = NULL;
	json_t *group;
	size_t k;

	*n = 0;
	for (size_t i = 0; i < o->n; i++)
		json_array_foreach(o->places[i].groups, k, group) {
			if (!wanted(o, group))
				continue;
			items = mem_grow(items, *n + 1, sizeof *items);
			items[(*n)++] = (struct asg_item){
			    .region = o->places[i].region, .group = group, .wants_image = true};
		}
	return items;
}

static void write_group(struct rec_io *io, const struct asg_item *item)
{
	struct rec *r = rec_new(asg_record(
	    item->region, item->group, item->failure.status ? NULL : &item->health, item->image));

	if (item->failure.status)
		rec_fail(io, r, &item->failure);
	rec_write(io, r);
}

static void write_failure(struct rec_io *io, const struct asg_place *place)
{
	struct rec *r = rec_new(json_pack("{s:s, s:s, s:s}", "kind", "target", "provider", "aws",
					  "region", place->region));

	rec_fail(io, r, &place->failure);
	rec_write(io, r);
}

/* A name that no region has is an answer of no, unless a region could not be read. */
static void tell_missing(struct rec_io *io, const struct options *o, const struct asg_item *items,
			 size_t n)
{
	for (char **name = o->names; *name; name++) {
		bool found = false;

		for (size_t i = 0; i < n; i++)
			found = found || !strcmp(asg_name(items[i].group), *name);
		if (found)
			continue;
		cli_warn("there is no asg '%s'", *name);
		rec_status(io, ST_NO);
	}
}

static void copy_input(struct rec_io *io)
{
	struct rec *r;

	rec_open(io, NULL);
	while ((r = rec_read(io)))
		rec_write(io, r);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct failure f = {0};
	struct http *engine;
	struct aws *aws;
	struct rec_io *io;
	struct asg_item *items;
	const char *region;
	size_t n;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	io = rec_start("asg-list");
	engine = http_new();
	o.aws.region = o.n ? o.places[0].region : NULL;
	if (!(aws = aws_open(engine, &o.aws, &f)) || !(region = aws_region(aws, &f)))
		cli_fail(&f);
	if (!o.n)
		add_region(&o, region);
	if (o.copies_input)
		copy_input(io);

	asg_all_of(aws, o.places, o.n);
	items = select_groups(&o, &n);
	asg_look_all(aws, items, n);

	for (size_t i = 0; i < n; i++)
		write_group(io, &items[i]);
	for (size_t i = 0; i < o.n; i++)
		if (o.places[i].failure.status)
			write_failure(io, &o.places[i]);
	tell_missing(io, &o, items, n);

	for (size_t i = 0; i < n; i++)
		asg_item_free(&items[i]);
	for (size_t i = 0; i < o.n; i++)
		asg_place_free(&o.places[i]);
	free(items);
	free(o.places);
	aws_close(aws);
	http_free(engine);
	return rec_finish(io);
}
