/* SPDX-License-Identifier: ISC
 * Droplets: lists them as instance records, makes those that records ask for, removes those that
 * records or ids name. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "do-droplets/droplets.h"
#include "mem.h"
#include "status.h"
#include "stop.h"
#include "wait.h"

static const struct cli cli = {
    .usage = "do-droplets list [-q] [-]\n"
	     "do-droplets ensure [-nq] [-f FILE] [-k KEY] [-r REGION] [-t TIME] [--again] "
	     "[--expect N] [--interval TIME] [--lag TIME] [--max N] [--no-key] [--plan FILE]\n"
	     "do-droplets rm [-nq] [-f FILE] [-t TIME] [--again] [--expect N] [--interval TIME] "
	     "[--max N] [--plan FILE] [ID ...]",
    .help = "Lists, makes or removes DigitalOcean's droplets.\n"
	    "  -n, --dry-run        only say what would be done\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "  -k, --key KEY        ssh key of new droplets: id or MD5 fingerprint; repeatable\n"
	    "  -r, --region REGION  for records that name none\n"
	    "  -t, --timeout TIME   wait so long until they are ready (30m), or gone (10m)\n"
	    "      --again          records that failed here before, too\n"
	    "      --expect N       refuse unless exactly N droplets would change\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --lag TIME       lists may hide a new droplet so long (15s)\n"
	    "      --max N          refuse if more than N droplets would change\n"
	    "      --no-key         new droplets may be without ssh key\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n",
    .changes = true,
};

enum { INTERVAL = 256, LAG, NO_KEY };

static const struct option longs[] = {BATCH_LONG,
				      {"key", required_argument, NULL, 'k'},
				      {"region", required_argument, NULL, 'r'},
				      {"timeout", required_argument, NULL, 't'},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"lag", required_argument, NULL, LAG},
				      {"no-key", no_argument, NULL, NO_KEY},
				      CLI_LONG,
				      {0}};

struct verb {
	const char *name, *options; /* those that it takes, as letters; b: of batches */
	void (*run)(struct rec_io *io, struct http *engine, const struct options *o);
	long long limit_seconds;
};

static const struct verb verbs[] = {{"list", "", droplets_list, 0},
				    {"ensure", "bkrtilN", droplets_ensure, 1800},
				    {"rm", "bti", droplets_remove, 600}};

/* Here 0 will do, too. */
static int64_t interval_arg(const char *option, const char *text)
{
	return !strcmp(text, "0") || !strcmp(text, "0s") ? 0 : wait_interval_arg(option, text);
}

static void add_key(struct options *o, const char *key)
{
	if (!strchr(key, ':') && (!*key || strspn(key, "0123456789") != strlen(key)))
		cli_usage("-k is '%s', neither the id nor the MD5 fingerprint of a key", key);
	json_array_append_new(o->keys, json_string(key));
}

/* The option's letter among those of a verb. */
static char read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return 'b';
	switch (option) {
	case 'k':
		add_key(o, optarg);
		return 'k';
	case 'r':
		o->region = cli_text_arg("-r", optarg);
		return 'r';
	case 't':
		o->limit_ms = cli_duration_arg("-t", optarg) * 1000;
		return 't';
	case INTERVAL:
		o->interval_ms = interval_arg("--interval", optarg);
		return 'i';
	case LAG:
		o->lag_ms = interval_arg("--lag", optarg);
		return 'l';
	case NO_KEY:
		o->no_key = true;
		return 'N';
	default:
		cli_option(option);
		return 0;
	}
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (name && !strcmp(name, verbs[i].name))
			return &verbs[i];
	if (name)
		cli_usage("no verb: '%s'", name);
	cli_usage("what to do? list, ensure or rm");
}

static void check_operands(const struct options *o, const struct verb *verb)
{
	for (char **operand = o->operands; *operand; operand++) {
		bool dash = !strcmp(*operand, "-") && operand == o->operands && !operand[1];

		if (verb->run == droplets_ensure)
			cli_usage("ensure has no operand, but '%s'", *operand);
		if (verb->run == droplets_list && !dash)
			cli_usage("list has no operand but -");
		if (verb->run == droplets_remove &&
		    (!**operand || strspn(*operand, "0123456789") != strlen(*operand)))
			cli_usage("'%s' is no droplet's id", *operand);
	}
	if (*o->operands && o->batch.file)
		cli_usage("-f FILE and ids exclude each other");
}

static const struct verb *read_options(struct options *o, int argc, char **argv)
{
	const struct verb *verb;
	char given[32] = "";
	int option;

	*o = (struct options){.keys = json_array(), .lag_ms = 15000};
	while ((option = getopt_long(argc, argv, BATCH_SHORT "k:r:t:" CLI_SHORT, longs, NULL)) !=
	       -1) {
		char letter = read_option(o, option);

		if (letter && !strchr(given, letter))
			given[strlen(given)] = letter;
	}
	verb = find_verb(argv[optind]);
	o->verb = verb->name;
	o->operands = argv + optind + 1;
	if (strspn(given, verb->options) != strlen(given))
		cli_usage("%s takes fewer options than that", verb->name);
	check_operands(o, verb);
	if (!strchr(given, 't'))
		o->limit_ms = verb->limit_seconds * 1000;
	return verb;
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	struct options o;
	struct http *engine;
	struct rec_io *io;
	char *filter;
	int status;

	cli_start(argc, argv, &cli);
	verb = read_options(&o, argc, argv);
	if (verb->run != droplets_list)
		stop_catch();

	o.filter = filter = mem_fmt("%s %s", cli_name, verb->name);
	io = rec_start(filter);
	engine = http_new();
	verb->run(io, engine, &o);
	http_free(engine);
	status = rec_finish(io);

	json_decref(o.keys);
	free(filter);
	return status;
}
