/* SPDX-License-Identifier: ISC
 * Droplets: lists them as instance records, makes those that records ask for, removes those that
 * records or ids name. */
#include <getopt.h>
#include <string.h>

#include "cli.h"
#include "do-droplets/droplets.h"
#include "mem.h"
#include "status.h"

static const struct cli cli = {
    .usage = "do-droplets list [-q] [-]",
    .help = "Lists DigitalOcean's droplets as instance records.\n"
	    "  -                    list: copies the records of standard input first\n",
    .changes = false,
};

static const struct option longs[] = {CLI_LONG, {0}};

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, CLI_SHORT, longs, NULL)) != -1)
		cli_option(option);
	if (optind == argc)
		cli_usage("say what to do: list");
	o->verb = argv[optind];
	o->operands = argv + optind + 1;
	if (strcmp(o->verb, "list") != 0)
		cli_usage("unknown verb '%s'", o->verb);
	for (char **operand = o->operands; *operand; operand++)
		if (strcmp(*operand, "-") != 0 || operand > o->operands)
			cli_usage("list takes no operand but one -");
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct http *engine;
	struct rec_io *io;
	char *filter;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);

	filter = mem_fmt("%s %s", cli_name, o.verb);
	io = rec_start(filter);
	engine = http_new();
	droplets_list(io, engine, &o);
	http_free(engine);
	free(filter);
	return rec_finish(io);
}
