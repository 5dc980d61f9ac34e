/* SPDX-License-Identifier: ISC
 * DigitalOcean's ssh keys: lists them as ssh-key records, uploads those that records or files
 * hold, removes those that records, ids or fingerprints name. */
#include <getopt.h>
#include <string.h>

#include "cli.h"
#include "do-keys/keys.h"
#include "mem.h"
#include "stop.h"

static struct cli cli = {
    .usage = "do-keys list [-q] [-]\n"
	     "do-keys ensure [-nq] [-f FILE] [--again] [--plan FILE] [--expect N] [--max N]\n"
	     "do-keys ensure --key FILE [--name NAME] [-nq] [--again] [--plan FILE] [--expect N] "
	     "[--max N] "
	     "[-]\n"
	     "do-keys rm [-nq] [-f FILE] [--again] [--plan FILE] [--expect N] [--max N] [ID ...]",
    .help = "Lists, uploads and removes the ssh keys of a DigitalOcean account.\n"
	    "  -n, --dry-run        only say what would be done\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "      --key FILE       ensure the public key in FILE: id_ed25519.pub, security.json\n"
	    "      --name NAME      what to call it (its comment)\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --again          take up records that failed here before, too\n"
	    "      --expect N       refuse unless exactly N keys would be changed\n"
	    "      --max N          refuse if more than N keys would be changed\n",
};

enum { KEY = 256, NAME };

static const struct option longs[] = {BATCH_LONG,
				      {"key", required_argument, NULL, KEY},
				      {"name", required_argument, NULL, NAME},
				      CLI_LONG,
				      {0}};

static void read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return;
	switch (option) {
	case KEY:
		cli_file(&o->key, optarg);
		break;
	case NAME:
		o->name = cli_text_arg("--name", optarg);
		break;
	default:
		cli_option(option);
	}
}

/* What list and ensure take: nothing, or one "-". */
static void check_operands(const struct options *o, bool dash)
{
	if (*o->operands && (!dash || strcmp(*o->operands, "-") != 0 || o->operands[1]))
		cli_usage("%s takes no operand%s", o->verb, dash ? " but one -" : "");
}

static void check_options(const struct options *o, bool any)
{
	bool list = !strcmp(o->verb, "list"), ensure = !strcmp(o->verb, "ensure");

	if (!list && !ensure && strcmp(o->verb, "rm") != 0)
		cli_usage("unknown verb '%s'", o->verb);
	if (list && any)
		cli_usage("list has no options but -q");
	if (!ensure && (o->key || o->name))
		cli_usage("--key and --name are for ensure");
	if (o->name && !o->key)
		cli_usage("--name goes with --key");
	if (o->key && o->batch.file)
		cli_usage("-f and --key exclude each other");
	if (list || ensure)
		check_operands(o, list || o->key);
	else if (*o->operands && o->batch.file)
		cli_usage("-f FILE and ids exclude each other");
	cli_operands(o->operands);
}

static void read_options(struct options *o, int argc, char **argv)
{
	bool any = false;
	int option;

	while ((option = getopt_long(argc, argv, BATCH_SHORT CLI_SHORT, longs, NULL)) != -1) {
		read_option(o, option);
		any = any || option != 'q';
	}
	if (optind == argc)
		cli_usage("say what to do: list, ensure or rm");
	o->verb = argv[optind];
	o->operands = argv + optind + 1;
	check_options(o, any);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct keys k = {.options = &o};
	int status;

	cli.changes = argc > 1 && strcmp(argv[1], "list") != 0;
	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	if (cli.changes)
		stop_catch();

	k.filter = mem_fmt("%s %s", cli_name, o.verb);
	k.io = rec_start(k.filter);
	k.engine = http_new();
	if (!strcmp(o.verb, "list"))
		keys_list(&k);
	else if (!strcmp(o.verb, "ensure"))
		keys_ensure(&k);
	else
		keys_rm(&k);
	http_free(k.engine);
	status = rec_finish(k.io);
	free(k.filter);
	return status;
}
