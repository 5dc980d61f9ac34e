/* SPDX-License-Identifier: ISC
 * Removes the images of records, or of ids, each before the snapshots that it is made of. What a
 * machine, group or template uses stays, unless forced. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "img-rm/rm.h"
#include "mem.h"
#include "stop.h"
#include "wait.h"

static const struct cli cli = {
    .usage = "img-rm [-nq] [-c CLOUD] [-f FILE] [-T TIME] [--again] [--expect N] [--force] "
	     "[--interval TIME] [--max N] [--plan FILE] [--skip-used]\n"
	     "img-rm -c CLOUD [-nq] [-r REGION] [-T TIME] [--expect N] [--force] "
	     "[--interval TIME] [--max N] [--plan FILE] [--skip-used] ID ...",
    .help = "Removes images, then their snapshots.\n"
	    "  -n, --dry-run        only say what would be removed\n"
	    "  -c, --cloud CLOUD    of ids, and of records that do not say it\n"
	    "  -f, --file FILE      image records from FILE, not from standard input\n"
	    "  -r, --region REGION  where the images of the ids are\n"
	    "  -T, --timeout TIME   what is busy is tried again so long (10m)\n"
	    "      --again          take up images that failed here before, too\n"
	    "      --expect N       refuse unless exactly N images would go\n"
	    "      --force          also what is in use\n"
	    "      --interval TIME  between two tries (1s growing to 15s)\n"
	    "      --max N          refuse if more than N images would go\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --skip-used      leave what is in use, remove the others\n",
    .changes = true,
};

enum { FORCE = 256, INTERVAL, SKIP_USED };

static const struct option longs[] = {BATCH_LONG,
				      {"cloud", required_argument, NULL, 'c'},
				      {"region", required_argument, NULL, 'r'},
				      {"timeout", required_argument, NULL, 'T'},
				      {"force", no_argument, NULL, FORCE},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"skip-used", no_argument, NULL, SKIP_USED},
				      CLI_LONG,
				      {0}};

static void read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return;
	switch (option) {
	case 'c':
		if (!cloud_named(optarg))
			cli_usage("no cloud: '%s'", optarg);
		o->cloud = cloud_named(optarg)->provider;
		break;
	case 'r':
		o->region = cli_text_arg("-r", optarg);
		break;
	case 'T':
		o->limit_ms = cli_duration_arg("-T", optarg) * 1000;
		break;
	case FORCE:
		o->force = true;
		break;
	case INTERVAL:
		o->interval_ms = wait_interval_arg("--interval", optarg);
		break;
	case SKIP_USED:
		o->skip_used = true;
		break;
	default:
		cli_option(option);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){.limit_ms = 600000};
	while ((option = getopt_long(argc, argv, BATCH_SHORT "c:r:T:" CLI_SHORT, longs, NULL)) !=
	       -1)
		read_option(o, option);
	o->ids = argv + optind;
	cli_operands(o->ids);
	if (*o->ids && o->batch.file)
		cli_usage("-f FILE and ids exclude each other");
	if (*o->ids && !o->cloud)
		cli_usage("ids go with -c CLOUD");
	if (!*o->ids && o->region)
		cli_usage("-r goes with ids: records say their own region");
	if (o->force && o->skip_used)
		cli_usage("--force and --skip-used exclude each other");
}

/* The records, or those that ids stand for. */
static void read_batch(struct batch *b, const struct options *o)
{
	if (!*o->ids)
		batch_read(b);
	for (char **id = o->ids; *id; id++)
		batch_add(b, json_pack("{s:s, s:s, s:s*, s:s}", "kind", "image", "provider",
				       o->cloud, "region", o->region, "id", *id));
}

int main(int argc, char **argv)
{
	static const struct batch_rules rules = {
	    .filter = "img-rm", .kind = "image", .things = "images", .deletes = true};
	struct options o;
	struct removal r = {.o = &o};
	struct rec_io *io;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();

	io = rec_start("img-rm");
	r.accounts.engine = http_new();
	batch_begin(&r.batch, io, &rules, &o.batch);
	read_batch(&r.batch, &o);
	removal_look(&r);
	if (batch_may_act(&r.batch))
		removal_act(&r);
	for (size_t i = 0; i < r.n && r.batch.dry; i++)
		if (r.list[i].goes && !r.list[i].work->failure.status)
			rec_set(r.list[i].work->rec, "state", json_string("gone"));
	batch_end(&r.batch);

	for (size_t i = 0; i < r.n; i++) {
		cloud_item_free(&r.list[i].item);
		json_decref(r.list[i].left);
	}
	free(r.list);
	cloud_accounts_close(&r.accounts);
	http_free(r.accounts.engine);
	return rec_finish(io);
}
