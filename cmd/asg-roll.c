/* SPDX-License-Identifier: ISC
 * Reads asg-spec records; makes the auto scaling group that each asks for, waits until it is
 * healthy behind its balancers, retires the others of its server and environment, and writes the
 * asg record. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "asg-roll/roll.h"
#include "status.h"
#include "stop.h"

enum { KEEP = 256, HOLD, BACK, TO, FRESH, DRAIN, FAILURES, INTERVAL };

static const struct cli cli = {
    .usage =
	"asg-roll [-nq] [-f FILE] [-r REGION] [-t TIME] [--hold] [--fresh] [--keep N] "
	"[--drain TIME] [--failures N] [--interval TIME] [--plan FILE] [--expect N] [--max N]\n"
	"asg-roll --back [--to NAME] [-nq] [-f FILE] [-r REGION] [-t TIME] [--hold] [--keep N] "
	"[--drain TIME] [--failures N] [--interval TIME] [--plan FILE] [--expect N] [--max N]",
    .help = "Makes a new auto scaling group, waits until it is healthy, retires the others.\n"
	    "  -n, --dry-run       only say what would be done\n"
	    "  -f, --file FILE     records from FILE, not from standard input\n"
	    "  -r, --region REGION for records that name none\n"
	    "  -t, --timeout TIME  the group must be healthy by then (30m)\n"
	    "      --hold          stop when it is healthy, the old ones still serving\n"
	    "      --back          bring a kept group back instead\n"
	    "      --to NAME       this one\n"
	    "      --fresh         take over nothing of the old group\n"
	    "      --keep N        keep the N groups retired last, asleep (0)\n"
	    "      --drain TIME    draining and deleting may take so long (1h)\n"
	    "      --failures N    give up after N failed launches in a row (3)\n"
	    "      --interval TIME between two looks (1s growing to 15s)\n"
	    "      --plan FILE     do only what FILE, the output of -n, names\n"
	    "      --expect N      refuse unless exactly N groups would be changed\n"
	    "      --max N         refuse if more than N groups would be changed\n",
    .changes = true,
};

/* Not --again: a failed asg-spec is an asg record by then. */
static const struct option longs[] = {{"dry-run", no_argument, NULL, 'n'},
				      {"file", required_argument, NULL, 'f'},
				      {"region", required_argument, NULL, 'r'},
				      {"timeout", required_argument, NULL, 't'},
				      {"hold", no_argument, NULL, HOLD},
				      {"back", no_argument, NULL, BACK},
				      {"to", required_argument, NULL, TO},
				      {"fresh", no_argument, NULL, FRESH},
				      {"keep", required_argument, NULL, KEEP},
				      {"drain", required_argument, NULL, DRAIN},
				      {"failures", required_argument, NULL, FAILURES},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"plan", required_argument, NULL, BATCH_PLAN},
				      {"expect", required_argument, NULL, BATCH_EXPECT},
				      {"max", required_argument, NULL, BATCH_MAX},
				      CLI_LONG,
				      {0}};

static void read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return;
	switch (option) {
	case 'r':
		o->region = cli_text_arg("-r", optarg);
		break;
	case 't':
		o->limit_ms = cli_duration_arg("-t", optarg) * 1000;
		break;
	case HOLD:
		o->hold = true;
		break;
	case BACK:
		o->back = true;
		break;
	case TO:
		o->to = cli_text_arg("--to", optarg);
		break;
	case FRESH:
		o->fresh = true;
		break;
	case KEEP:
		o->keep = cli_number_arg("--keep", optarg, 0, 1000);
		break;
	case DRAIN:
		o->drain_ms = cli_duration_arg("--drain", optarg) * 1000;
		break;
	case FAILURES:
		o->failures = cli_number_arg("--failures", optarg, 1, 50);
		break;
	case INTERVAL:
		o->interval_ms = wait_interval_arg("--interval", optarg);
		break;
	default:
		cli_option(option);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){.limit_ms = 1800000, .drain_ms = 3600000, .failures = 3};
	while ((option = getopt_long(argc, argv, BATCH_SHORT "r:t:" CLI_SHORT, longs, NULL)) != -1)
		read_option(o, option);
	if (optind < argc)
		cli_usage("there is no operand, but '%s'", argv[optind]);
	if (o->to && !o->back)
		cli_usage("--to NAME goes with --back");
	if (o->back && o->fresh)
		cli_usage("--fresh and --back exclude each other");
}

/* One deployment, step by step. */
static bool deploy(struct roll *r, struct failure *f)
{
	if (!roll_make(r, f) || !roll_settle(r, f))
		return false;
	asg_event(&r->cloud, "healthy", r->own, NULL);
	if (!roll_carry(r, f))
		return false;
	if (r->o->hold && json_array_size(json_object_get(r->replaces, "old")))
		return true;
	return roll_retire(r, f) && roll_tidy(r, f) && roll_finish(r, f);
}

static void run(struct roll *r, struct failure *f)
{
	struct failure late = {0};

	if (!deploy(r, f)) {
		const char *code = f->code ? f->code : "";

		if ((!strcmp(code, "not-healthy") || !strcmp(code, "launch-failed")) &&
		    !roll_undo(r, &late))
			cli_warn("cannot undo the deployment of '%s': %s", r->name, late.message);
		if (f->status == ST_TEMP || f->status >= 128)
			cli_warn("'%s' is left as it is: the same command goes on with it",
				 r->name);
	} else if (!result_made(r, &late)) {
		cli_warn("cannot look at '%s' again: %s", r->name, late.message);
	}
	fail_free(&late);
}

int main(int argc, char **argv)
{
	struct options o;
	struct rolls all;
	struct rec_io *io;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();

	io = rec_start("asg-roll");
	rolls_read(&all, io, &o);
	rolls_prepare(&all);
	if (batch_may_act(&all.batch))
		for (size_t i = 0; i < all.batch.n; i++) {
			struct batch_work *work = &all.batch.works[i];

			if (!work->own)
				continue;
			if (stop_asked())
				stop_failure(&work->failure);
			else
				run(work->own, &work->failure);
			rolls_settle(&all, work);
		}
	rolls_end(&all);
	return rec_finish(io);
}
