/* SPDX-License-Identifier: ISC
 * Deletes the auto scaling groups of the asg records that it reads, or of the names given, with
 * the launch templates and configurations that only they used. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "asg-rm/rm.h"
#include "batch.h"
#include "cli.h"
#include "mem.h"
#include "status.h"
#include "stop.h"

static const struct cli cli = {
    .usage = "asg-rm [-nq] [-f FILE] [-t TIME] [--interval TIME] [--again] "
	     "[--plan FILE] [--expect N] [--max N]\n"
	     "asg-rm -r REGION [-nq] [-t TIME] [--interval TIME] [--again] "
	     "[--plan FILE] [--expect N] [--max N] NAME ...",
    .help = "Deletes auto scaling groups, with the launch templates that only they used.\n"
	    "  -n, --dry-run        only say what would be deleted\n"
	    "  -f, --file FILE      asg records from FILE, not from standard input\n"
	    "  -r, --region REGION  where the groups of the names are\n"
	    "  -t, --timeout TIME   draining and deleting may take so long (1h)\n"
	    "      --again          take up groups that failed here before, too\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --expect N       refuse unless exactly N groups would go\n"
	    "      --max N          refuse if more than N groups would go\n",
    .changes = true,
};

struct options {
	struct batch_options batch;
	const char *region;
	int64_t limit_ms, interval_ms;
	char **names;
};

enum { INTERVAL = 256 };

static const struct option longs[] = {BATCH_LONG,
				      {"region", required_argument, NULL, 'r'},
				      {"timeout", required_argument, NULL, 't'},
				      {"interval", required_argument, NULL, INTERVAL},
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

	*o = (struct options){.limit_ms = 3600000};
	while ((option = getopt_long(argc, argv, BATCH_SHORT "r:t:" CLI_SHORT, longs, NULL)) != -1)
		read_option(o, option);
	o->names = argv + optind;
	cli_operands(o->names);
	if (*o->names && o->batch.file)
		cli_usage("-f FILE and names exclude each other");
	if (*o->names && !o->region)
		cli_usage("names go with -r REGION");
}

static const struct batch_rules rules = {.filter = "asg-rm",
					 .kind = "asg",
					 .provider = "aws",
					 .things = "groups",
					 .deletes = true,
					 .counted = "asg"};

/* The records, or those that names stand for. */
static void read_batch(struct batch *b, const struct options *o)
{
	if (!*o->names)
		batch_read(b);
	for (char **name = o->names; *name; name++)
		batch_add(b, json_pack("{s:s, s:s, s:s, s:s}", "kind", "asg", "provider", "aws",
				       "region", o->region, "name", *name));
}

static bool look(struct rm *r, struct http *engine, struct failure *f)
{
	struct aws_options options = {.region = r->cloud.region};

	if (!r->name || !*r->name || !r->cloud.region)
		return fail_set(f, ST_DATA, "bad-asg", "an asg record needs 'name' and 'region'");
	return (r->cloud.aws = aws_open(engine, &options, f)) && rm_look(r, f);
}

static void look_and_plan(struct batch_work *work, struct http *engine, struct rec_io *io,
			  const struct options *o)
{
	struct rm *r = mem_alloc(sizeof *r);

	work->own = r;
	r->rec = work->rec;
	r->name = mem_dup(rec_string(r->rec, "name"));
	r->region = mem_dup(rec_string(r->rec, "region"));
	r->cloud = (struct asg_cloud){
	    .io = io, .region = r->region, .interval_ms = o->interval_ms, .limit_ms = o->limit_ms};
	if (look(r, engine, &work->failure))
		rm_plan(r, work->plan);
}

static void release(struct rm *r)
{
	if (r->cloud.aws)
		aws_close(r->cloud.aws);
	free(r->region);
	free(r->name);
	json_decref(r->groups);
	json_decref(r->templates);
	json_decref(r->configurations);
	free(r);
}

int main(int argc, char **argv)
{
	struct http *engine;
	struct options o;
	struct rec_io *io;
	struct batch b;
	bool act;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();
	io = rec_start(rules.filter);
	engine = http_new();
	batch_begin(&b, io, &rules, &o.batch);
	read_batch(&b, &o);
	for (size_t i = 0; i < b.n; i++)
		if (b.works[i].mine)
			look_and_plan(&b.works[i], engine, io, &o);

	act = batch_may_act(&b);
	for (size_t i = 0; i < b.n; i++) {
		struct batch_work *work = &b.works[i];

		if (!work->mine)
			continue;
		if (act && (stop_asked() ? stop_failure(&work->failure)
					 : rm_do(work->own, &work->failure)))
			rec_set(work->rec, "status", json_string("gone"));
		else if (b.dry && !work->failure.status)
			rec_set(work->rec, "status", json_string("gone"));
		release(work->own);
		batch_settle(&b, work);
	}

	batch_end(&b);
	http_free(engine);
	return rec_finish(io);
}
