/* SPDX-License-Identifier: ISC
 * What was made for a while and is left over in any cloud: lists it, without any state file, and
 * removes it. Touches nothing that carries no expiry. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "env.h"
#include "mem.h"
#include "run-reap/reap.h"
#include "stop.h"
#include "wait.h"

static struct cli cli = {
    .usage = "run-reap list [-q] [-c CLOUD] [-r REGION] [--all-regions] [--run RUN] [-]\n"
	     "run-reap rm [-nq] [-f FILE] [-t TIME] [--again] [--expect N] [--interval TIME] "
	     "[--max N] [--plan FILE] [--run RUN]",
    .help = "Lists or removes what runs left in the clouds: machines, volumes, keys, groups.\n"
	    "  -c, --cloud CLOUD    aws or digitalocean; repeatable (all with credentials)\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "  -n, --dry-run        only say what would be removed\n"
	    "  -r, --region REGION  only there; repeatable\n"
	    "  -t, --timeout TIME   wait so long for machines, then for the rest (10m)\n"
	    "      --again          records that failed here before, too\n"
	    "      --all-regions    every region that the account may use\n"
	    "      --expect N       refuse unless exactly N things would go\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --max N          refuse if more than N things would go\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --run RUN        what this run left, expired or not\n",
};

enum { INTERVAL = 256, RUN };

static const struct option longs[] = {BATCH_LONG,
				      CLOUD_PLACES_LONG,
				      {"timeout", required_argument, NULL, 't'},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"run", required_argument, NULL, RUN},
				      CLI_LONG,
				      {0}};

struct verb {
	const char *name, *options; /* those that it takes; b: of batches, p: of places */
	void (*run)(struct reap *r);
};

static const struct verb verbs[] = {{"list", "pR", reap_list}, {"rm", "btiR", reap_rm}};

/* The option's letter among those of a verb. */
static char read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return 'b';
	if (cloud_places_option(&o->places, option, optarg))
		return 'p';
	switch (option) {
	case 't':
		o->limit_ms = cli_duration_arg("-t", optarg) * 1000;
		return 't';
	case INTERVAL:
		o->interval_ms = wait_interval_arg("--interval", optarg);
		return 'i';
	case RUN:
		if (!*optarg)
			cli_usage("--run is empty");
		free(o->run);
		o->run = env_run_form(optarg);
		return 'R';
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
	cli_usage("what to do? list or rm");
}

static void check_operands(const struct options *o, const struct verb *verb)
{
	if (!*o->operands)
		return;
	if (verb->run == reap_rm)
		cli_usage("rm has no operand, but '%s'", *o->operands);
	if (strcmp(*o->operands, "-") != 0 || o->operands[1])
		cli_usage("list has no operand but -");
}

static const struct verb *read_options(struct options *o, int argc, char **argv)
{
	const struct verb *verb;
	char given[8] = "";
	int option;

	*o = (struct options){.limit_ms = 600000};
	while ((option = getopt_long(argc, argv, BATCH_SHORT CLOUD_PLACES_SHORT "t:" CLI_SHORT,
				     longs, NULL)) != -1) {
		char letter = read_option(o, option);

		if (letter && !strchr(given, letter))
			given[strlen(given)] = letter;
	}
	verb = find_verb(argv[optind]);
	if (strspn(given, verb->options) != strlen(given))
		cli_usage("%s takes fewer options than that", verb->name);
	o->operands = argv + optind + 1;
	check_operands(o, verb);
	cloud_places_check(&o->places);
	return verb;
}

int main(int argc, char **argv)
{
	const struct verb *verb;
	struct options o;
	struct reap r = {.options = &o};
	int status;

	cli.changes = argc > 1 && strcmp(argv[1], "list") != 0;
	cli_start(argc, argv, &cli);
	verb = read_options(&o, argc, argv);
	if (verb->run == reap_rm)
		stop_catch();

	r.filter = mem_fmt("%s %s", cli_name, verb->name);
	r.io = rec_start(r.filter);
	r.accounts.engine = http_new();
	verb->run(&r);
	cloud_accounts_close(&r.accounts);
	http_free(r.accounts.engine);
	status = rec_finish(r.io);

	cloud_places_free(&o.places);
	free(r.filter);
	free(o.run);
	return status;
}
