/* SPDX-License-Identifier: ISC
 * DigitalOcean's DNS: lists records, makes those by which instances are to be known, removes
 * them. */
#include <getopt.h>
#include <string.h>

#include "cli.h"
#include "dns-name.h"
#include "do-records/records.h"
#include "mem.h"
#include "stop.h"
#include "wait.h"

static struct cli cli = {
    .usage = "do-records list [-q] [-] [DOMAIN ...]\n"
	     "do-records ensure [-nq] [-f FILE] [-t TIME] [-z DOMAIN] [--interval TIME] "
	     "[--ttl SECONDS] [--again] [--plan FILE] [--expect N] [--max N]\n"
	     "do-records rm [-nq] [-f FILE] [--again] [--plan FILE] [--expect N] [--max N] "
	     "[DOMAIN/ID ...]",
    .help = "Lists, makes and removes A and AAAA records of DigitalOcean's DNS.\n"
	    "  -n, --dry-run        only say what would be done\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "  -t, --timeout TIME   look so long for a record that may have been made (10s)\n"
	    "  -z, --zone DOMAIN    this domain may be made if the account has it not\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --ttl SECONDS    of new records\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --again          take up records that failed here before, too\n"
	    "      --expect N       refuse unless exactly N records would be changed\n"
	    "      --max N          refuse if more than N records would be changed\n",
};

enum { INTERVAL = 256, TTL };

static const struct option longs[] = {BATCH_LONG,
				      {"timeout", required_argument, NULL, 't'},
				      {"zone", required_argument, NULL, 'z'},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"ttl", required_argument, NULL, TTL},
				      CLI_LONG,
				      {0}};

static void add_zone(struct options *o, const char *text)
{
	char *name = dns_name_plain(text);
	const char *wrong = dns_name_wrong(name);

	if (wrong)
		cli_usage("the domain '%s' %s", text, wrong);
	o->zones = mem_grow(o->zones, o->n_zones + 1, sizeof *o->zones);
	o->zones[o->n_zones++] = name;
}

static void read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return;
	switch (option) {
	case 't':
		o->limit_ms = cli_duration_arg("-t", optarg) * 1000;
		break;
	case 'z':
		add_zone(o, optarg);
		break;
	case INTERVAL:
		o->interval_ms = wait_interval_arg("--interval", optarg);
		break;
	case TTL:
		o->ttl = cli_number_arg("--ttl", optarg, 30, 2147483647);
		break;
	default:
		cli_option(option);
	}
}

static void check_operands(const struct options *o, bool list, bool rm)
{
	if (!list && !rm && *o->operands)
		cli_usage("ensure takes no operand");
	if (rm && *o->operands && o->batch.file)
		cli_usage("-f FILE and operands exclude each other");
	cli_operands(o->operands);
	for (char **operand = o->operands; *operand; operand++) {
		const char *slash = strrchr(*operand, '/');

		if (rm && (!slash || slash == *operand || !slash[1]))
			cli_usage("'%s' is not DOMAIN/ID", *operand);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	bool any = false, only_ensure = false, list, rm;
	int option;

	while ((option = getopt_long(argc, argv, BATCH_SHORT "t:z:" CLI_SHORT, longs, NULL)) !=
	       -1) {
		read_option(o, option);
		any |= option != 'q';
		only_ensure |=
		    option == 't' || option == 'z' || option == INTERVAL || option == TTL;
	}
	if (optind == argc)
		cli_usage("say what to do: list, ensure or rm");
	o->verb = argv[optind];
	o->operands = argv + optind + 1;
	list = !strcmp(o->verb, "list");
	rm = !strcmp(o->verb, "rm");
	if (!list && !rm && strcmp(o->verb, "ensure") != 0)
		cli_usage("unknown verb '%s'", o->verb);
	if (list && any)
		cli_usage("list has no options but -q");
	if (rm && only_ensure)
		cli_usage("-t, -z, --interval and --ttl are for ensure");
	check_operands(o, list, rm);
}

int main(int argc, char **argv)
{
	struct options o = {.limit_ms = 10000};
	struct records r = {.options = &o};
	int status;

	cli.changes = argc > 1 && strcmp(argv[1], "list") != 0;
	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	if (cli.changes)
		stop_catch();

	r.filter = mem_fmt("%s %s", cli_name, o.verb);
	r.io = rec_start(r.filter);
	r.engine = http_new();
	if (!strcmp(o.verb, "list"))
		records_list(&r);
	else if (!strcmp(o.verb, "ensure"))
		records_ensure(&r);
	else
		records_rm(&r);
	http_free(r.engine);
	for (size_t i = 0; i < o.n_zones; i++)
		free(o.zones[i]);
	free(o.zones);
	status = rec_finish(r.io);
	free(r.filter);
	return status;
}
