/* SPDX-License-Identifier: ISC
 * Writes the newest machine image of each region that an owner, names, tags, an architecture or an
 * SSM parameter describe. All regions are asked at once; what could not be read is a target. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "aws/find.h"
#include "aws/image.h"
#include "cli.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

static const struct cli cli = {
    "ami-find [-q] [-a architecture] [-o owner] [-p profile] [-r region] [-t key[=value]]\n"
    "[--all-regions] [--any-owner] [--deprecated] [-] [name ...]\n"
    "ami-find [-q] [-a architecture] [-o owner] [-p profile] [-r region]\n"
    "[--all-regions] --ssm parameter [-]",
    "Writes the newest available machine image of each region as an image record.\n"
    "  -a, --arch ARCH         x86_64 (amd64) or arm64 (aarch64)\n"
    "  -o, --owner OWNER       self, amazon, aws-marketplace or an account id; repeatable\n"
    "  -p, --profile NAME      the profile of ~/.aws\n"
    "  -r, --region REGION     repeatable\n"
    "  -t, --tag KEY[=VALUE]   must have this tag; repeatable\n"
    "      --all-regions       every region that the account may use\n"
    "      --any-owner         whoever made it: anybody can name an image as yours\n"
    "      --deprecated        those past their deprecation time too\n"
    "      --ssm PARAMETER     the image that this public or own parameter names\n"
    "  NAME                    names match, * and ? are wildcards; any of several\n"
    "  -                       copies the records of standard input first\n",
    false};

struct options {
	struct image_search search;
	json_t *regions, *names;
	const char *architecture;
	bool all_regions, any_owner, copies_input;
	struct aws_options aws;
};

enum { OPT_ALL_REGIONS = 256, OPT_ANY_OWNER, OPT_DEPRECATED, OPT_SSM };

static void append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value))
		mem_out();
}

static void add_region(struct options *o, const char *region)
{
	size_t i;
	json_t *known;

	json_array_foreach(o->regions, i, known)
		if (!strcmp(json_string_value(known), region))
			return;
	append(o->regions, json_string(region));
}

static void add_filter(struct options *o, const char *name, json_t *values)
{
	append(o->search.filters, json_pack("{ss so}", "Name", name, "Value", values));
}

static void add_tag(struct options *o, const char *tag)
{
	const char *equals = strchr(tag, '=');
	char *name;

	if (equals == tag)
		cli_usage("no tag: '%s'", tag);
	if (!equals) {
		add_filter(o, "tag-key", json_pack("[s]", tag));
		return;
	}
	name = mem_fmt("tag:%.*s", (int)(equals - tag), tag);
	add_filter(o, name, json_pack("[s]", equals + 1));
	free(name);
}

static void read_operands(struct options *o, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!strcmp(argv[i], "-"))
			o->copies_input = true;
		else
			append(o->names, json_string(cli_text_arg("an operand", argv[i])));
}

static void check_options(struct options *o)
{
	bool described = json_array_size(o->names) || json_array_size(o->search.filters);

	if (o->search.parameter && (described || o->any_owner || o->search.deprecated))
		cli_usage("--ssm names one image: no names, tags, --any-owner or --deprecated");
	if (o->all_regions && json_array_size(o->regions))
		cli_usage("--all-regions and --region exclude each other");
	if (o->any_owner && json_array_size(o->search.owners))
		cli_usage("--any-owner and --owner exclude each other");
	if (!o->search.parameter && !o->any_owner && !json_array_size(o->search.owners))
		cli_usage("whose image? give --owner, or --any-owner to trust anybody");
	if (json_array_size(o->names))
		add_filter(o, "name", json_incref(o->names));
	if (o->architecture)
		add_filter(o, "architecture", json_pack("[s]", o->architecture));
	add_filter(o, "state", json_pack("[s]", "available"));
	add_filter(o, "image-type", json_pack("[s]", "machine"));
}

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {{"all-regions", no_argument, NULL, OPT_ALL_REGIONS},
						{"any-owner", no_argument, NULL, OPT_ANY_OWNER},
						{"arch", required_argument, NULL, 'a'},
						{"deprecated", no_argument, NULL, OPT_DEPRECATED},
						{"owner", required_argument, NULL, 'o'},
						{"profile", required_argument, NULL, 'p'},
						{"region", required_argument, NULL, 'r'},
						{"ssm", required_argument, NULL, OPT_SSM},
						{"tag", required_argument, NULL, 't'},
						CLI_LONG,
						{0}};
	int c;

	while ((c = getopt_long(argc, argv, "a:o:p:r:t:" CLI_SHORT, options, NULL)) != -1)
		switch (c) {
		case 'a':
			o->architecture = aws_architecture(optarg);
			if (!o->architecture)
				cli_usage("no architecture: '%s'", optarg);
			break;
		case 'o':
			append(o->search.owners, json_string(cli_text_arg("-o", optarg)));
			break;
		case 'p':
			o->aws.profile = optarg;
			break;
		case 'r':
			add_region(o, cli_text_arg("-r", optarg));
			break;
		case 't':
			add_tag(o, cli_text_arg("-t", optarg));
			break;
		case OPT_ALL_REGIONS:
			o->all_regions = true;
			break;
		case OPT_ANY_OWNER:
			o->any_owner = true;
			break;
		case OPT_DEPRECATED:
			o->search.deprecated = true;
			break;
		case OPT_SSM:
			o->search.parameter = cli_text_arg("--ssm", optarg);
			break;
		default:
			cli_option(c);
		}
	read_operands(o, argc - optind, argv + optind);
	check_options(o);
}

/* The regions that the account may use, or those asked for, or the one of the environment. */
static bool choose_regions(struct options *o, struct aws *client, struct failure *f)
{
	json_t *all, *region;
	const char *own;
	size_t i;

	if (o->all_regions) {
		all = aws_list(client, "ec2", "DescribeRegions", NULL, "regionInfo", f);
		json_array_foreach(all, i, region)
			add_region(o, aws_str(region, "regionName"));
		json_decref(all);
		return all != NULL;
	}
	if (json_array_size(o->regions))
		return true;
	own = aws_region(client, f);
	if (own)
		add_region(o, own);
	return own != NULL;
}

static void write_target(struct rec_io *io, const char *region, struct failure *f)
{
	struct rec *target = rec_new(
	    json_pack("{ss ss ss*}", "kind", "target", "provider", "aws", "region", region));

	if (!f->operation)
		fail_prefix(f, "cannot find an image%s%s%s", region ? " in '" : "",
			    region ? region : "", region ? "'" : "");
	rec_fail(io, target, f);
	rec_write(io, target);
}

static void write_place(struct rec_io *io, struct image_place *p)
{
	if (p->best) {
		rec_emit(io, json_incref(p->best));
	} else if (p->failure.status == ST_NO) {
		cli_warn("cannot find an image in '%s': %s", p->region, p->failure.message);
		rec_status(io, ST_NO);
	} else {
		write_target(io, p->region, &p->failure);
	}
}

static void find(struct rec_io *io, const struct options *o, struct aws *client)
{
	size_t n = json_array_size(o->regions);
	struct image_place *places = mem_alloc(n * sizeof *places);

	for (size_t i = 0; i < n; i++)
		places[i].region = json_string_value(json_array_get(o->regions, i));
	image_find(client, &o->search, places, n);
	for (size_t i = 0; i < n; i++) {
		write_place(io, &places[i]);
		image_place_free(&places[i]);
	}
	free(places);
}

int main(int argc, char **argv)
{
	struct options o = {.search = {.owners = json_array(), .filters = json_array()},
			    .regions = json_array(),
			    .names = json_array()};
	struct failure f = {0};
	struct http *engine;
	struct aws *client;
	struct rec_io *io;
	struct rec *r;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);

	io = rec_start(cli_name);
	if (o.copies_input)
		rec_open(io, NULL);
	while ((r = rec_read(io)))
		rec_write(io, r);

	engine = http_new();
	client = aws_open(engine, &o.aws, &f);
	if (client && choose_regions(&o, client, &f))
		find(io, &o, client);
	else
		write_target(io, o.aws.region, &f);

	aws_close(client);
	http_free(engine);
	fail_free(&f);
	json_decref(o.search.owners);
	json_decref(o.search.filters);
	json_decref(o.regions);
	json_decref(o.names);
	return rec_finish(io);
}
