/* SPDX-License-Identifier: ISC
 * Reads an images configuration, and the environment; writes a bake record for each cloud, region
 * and distribution that is asked for, or none when anything is wrong with one of them. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

#include "bake-spec/spec.h"

static const struct cli self = {
    .usage = "bake-spec [-q] [-c CLOUD] [-d DISTRIBUTION] [-r REGION] [--all] [--list]\n"
	     "[-f FILE] [FILE ...]",
    .help = "Makes bake records of an images configuration: what img-bake is to make.\n"
	    "  -c, --cloud CLOUD     ec2, digitalocean, rackspace, openstack or gce\n"
	    "  -d, --distribution DISTRIBUTION\n"
	    "                        one that the configuration has\n"
	    "  -r, --region REGION   else the configuration's or the environment's\n"
	    "      --all             every cloud, region and distribution, as far as not given\n"
	    "      --list            only what there is: records without settings\n"
	    "  -f, --file FILE       read FILE, as an operand does\n"
	    "-c, -d and -r may be repeated, and take several, separated by commas.\n"};

/* Adds the words of an option's argument, each once. */
static void add_words(json_t *words, const char *option, const char *text)
{
	size_t len, i;
	json_t *word, *had;

	do {
		len = strcspn(text, ",");
		word = json_stringn(text, len);
		if (!len || !word)
			cli_usage("%s takes names, separated by commas; one is %s", option,
				  len ? "not UTF-8" : "empty");
		json_array_foreach(words, i, had)
			if (json_equal(word, had))
				break;
		if (i == json_array_size(words))
			json_array_append(words, word);
		json_decref(word);
		text += len;
	} while (*text++);
}

static void read_all(struct config *c, const char *file, int n, char **operands)
{
	if (file)
		config_add(c, file);
	for (int i = 0; i < n; i++) {
		if (!*operands[i])
			cli_usage("the name of an input file is empty");
		config_add(c, operands[i]);
	}
	if (!file && !n)
		config_add(c, "-");
}

/* Where two images of one call cannot have one name; Google's are in no region. */
static char *place_of_image(const json_t *record)
{
	const char *provider = json_string_value(json_object_get(record, "provider"));
	const char *account = json_string_value(json_object_get(record, "account"));
	const char *region = json_string_value(json_object_get(record, "region"));
	const char *project = json_string_value(json_object_get(record, "project"));
	const char *name = json_string_value(json_object_get(record, "image_name"));

	return mem_fmt("image '%s' in %s %s%s%s%s", name ? name : "", provider,
		       account ? account : "", account ? " " : "", project ? project : "",
		       strcmp(provider, "gce") ? region : "");
}

static void check_twice(struct config *c, json_t *seen, const char *what, const char *label)
{
	const char *other = json_string_value(json_object_get(seen, what));

	if (other)
		fault_plain(c, ST_DATA, "cannot make '%s': '%s' makes %s, too", label, other, what);
	else
		json_object_set_new(seen, what, json_string(label));
}

static void check_names(struct config *c, const json_t *records)
{
	json_auto_t *seen = json_object();
	json_t *record;
	size_t i;

	json_array_foreach(records, i, record) {
		const char *label = json_string_value(json_object_get(record, "name"));
		char *image = place_of_image(record),
		     *itself = mem_fmt("records called '%s'", label);

		if (json_object_get(record, "image_name"))
			check_twice(c, seen, image, label);
		check_twice(c, seen, itself, label);
		free(image);
		free(itself);
	}
}

/* Names all variables that are not set, in one line. */
static void say_missing(struct config *c)
{
	struct buf names = {0};
	const char *name;
	json_t *value;

	json_object_foreach(c->missing, name, value)
		buf_fmt(&names, "%s%s", names.len ? ", " : "", name);
	if (names.len)
		fault_plain(c, ST_CONFIG, "cannot make a spec: not set: %s", names.data);
	buf_free(&names);
}

/* All or nothing: a matrix with a hole would pass for a whole one. */
static void write_records(struct rec_io *io, struct config *c, const struct choice *choices,
			  size_t n, bool list)
{
	json_auto_t *records = json_array();
	json_t *record;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(records,
				      list ? make_entry(&choices[i]) : make_record(c, &choices[i]));
	say_missing(c);
	check_names(c, records);
	for (size_t i = 0; !c->status && (record = json_array_get(records, i)); i++)
		rec_emit(io, json_incref(record));
}

static void make_all(struct rec_io *io, struct config *c, const struct wish *wish, bool list)
{
	const char *cloud = json_string_value(json_array_get(wish->clouds, 0));
	struct choice *choices = NULL;
	size_t n = 0;

	config_sort(c, json_array_size(wish->clouds) == 1 ? config_provider(cloud) : NULL);
	check_config(c);
	if (!c->status)
		choices = choose(c, wish, &n);
	if (!c->status)
		write_records(io, c, choices, n, list);
	if (c->status) {
		rec_vouch(io, false); /* no end */
		rec_status(io, c->status);
	}
	choices_free(choices, n);
}

int main(int argc, char **argv)
{
	enum { ALL = 256, LIST };
	static const struct option options[] = {{"all", no_argument, NULL, ALL},
						{"cloud", required_argument, NULL, 'c'},
						{"distribution", required_argument, NULL, 'd'},
						{"file", required_argument, NULL, 'f'},
						{"list", no_argument, NULL, LIST},
						{"region", required_argument, NULL, 'r'},
						CLI_LONG,
						{NULL, 0, NULL, 0}};
	struct wish wish = {json_array(), json_array(), json_array(), false};
	struct config config = {
	    .clouds = json_array(), .said = json_object(), .missing = json_object()};
	const char *file = NULL;
	bool list = false;
	struct rec_io *io;
	int option;

	cli_start(argc, argv, &self);
	while ((option = getopt_long(argc, argv, "c:d:f:r:" CLI_SHORT, options, NULL)) != -1)
		switch (option) {
		case ALL:
			wish.all = true;
			break;
		case LIST:
			list = wish.all = true;
			break;
		case 'c':
			add_words(wish.clouds, "-c", optarg);
			break;
		case 'd':
			add_words(wish.distributions, "-d", optarg);
			break;
		case 'f':
			cli_file(&file, optarg);
			break;
		case 'r':
			add_words(wish.regions, "-r", optarg);
			break;
		default:
			cli_option(option);
		}
	io = rec_start("bake-spec");
	read_all(&config, file, argc - optind, argv + optind);
	config.now = clk_now();

	make_all(io, &config, &wish, list);
	config_free(&config);
	json_decref(wish.clouds);
	json_decref(wish.regions);
	json_decref(wish.distributions);
	return rec_finish(io);
}
