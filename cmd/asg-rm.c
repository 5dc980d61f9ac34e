/* SPDX-License-Identifier: ISC
 * Deletes the auto scaling groups of the asg records that it reads, or of the names given, with
 * the launch templates and configurations that only they used. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "asg-rm/rm.h"
#include "cli.h"
#include "guard.h"
#include "mem.h"
#include "plan.h"
#include "status.h"
#include "stop.h"

static const struct cli cli = {
    .usage = "asg-rm [-nq] [-f FILE] [-t TIME] [--interval TIME] [--plan FILE] "
	     "[--expect N] [--max N]\n"
	     "asg-rm -r REGION [-nq] [-t TIME] [--interval TIME] [--plan FILE] "
	     "[--expect N] [--max N] NAME ...",
    .help = "Deletes auto scaling groups, with the launch templates that only they used.\n"
	    "  -n, --dry-run        only say what would be deleted\n"
	    "  -f, --file FILE      asg records from FILE, not from standard input\n"
	    "  -r, --region REGION  where the groups of the names are\n"
	    "  -t, --timeout TIME   draining and deleting may take so long (1h)\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --expect N       refuse unless exactly N groups would go\n"
	    "      --max N          refuse if more than N groups would go\n",
    .changes = true,
};

struct options {
	bool dry;
	const char *file, *region, *plan;
	int64_t limit_ms, interval_ms;
	struct guard guard;
	char **names;
};

enum { INTERVAL = 256, PLAN, EXPECT, MAX };

static const struct option longs[] = {{"dry-run", no_argument, NULL, 'n'},
				      {"file", required_argument, NULL, 'f'},
				      {"region", required_argument, NULL, 'r'},
				      {"timeout", required_argument, NULL, 't'},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"plan", required_argument, NULL, PLAN},
				      {"expect", required_argument, NULL, EXPECT},
				      {"max", required_argument, NULL, MAX},
				      CLI_LONG,
				      {0}};

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){.limit_ms = 3600000};
	while ((option = getopt_long(argc, argv, "nf:r:t:" CLI_SHORT, longs, NULL)) != -1)
		switch (option) {
		case 'n':
			o->dry = true;
			break;
		case 'f':
			o->file = optarg;
			break;
		case 'r':
			o->region = optarg;
			break;
		case 't':
			o->limit_ms = cli_duration_arg("-t", optarg) * 1000;
			break;
		case INTERVAL:
			if (!wait_interval(optarg, &o->interval_ms))
				cli_usage("--interval is '%s', not a time such as 500ms or 5s",
					  optarg);
			break;
		case PLAN:
			o->plan = optarg;
			break;
		case EXPECT:
			guard_expect(&o->guard, optarg);
			break;
		case MAX:
			guard_max(&o->guard, optarg);
			break;
		default:
			cli_option(option);
		}
	o->names = argv + optind;
	for (char **name = o->names; *name; name++)
		if (!**name)
			cli_usage("an empty name");
	if (*o->names && o->file)
		cli_usage("-f FILE and names exclude each other");
	if (*o->names && !o->region)
		cli_usage("names go with -r REGION");
}

/* The records, those that names stand for included. */
static struct rec **read_records(struct rec_io *io, const struct options *o, size_t *n)
{
	struct rec **records = NULL;

	*n = 0;
	if (!*o->names) {
		rec_open(io, o->file);
		return rec_read_all(io, n);
	}
	for (char **name = o->names; *name; name++) {
		records = mem_grow(records, *n + 1, sizeof(struct rec *));
		records[(*n)++] =
		    rec_new(json_pack("{s:s, s:s, s:s, s:s}", "kind", "asg", "provider", "aws",
				      "region", o->region, "name", *name));
	}
	return records;
}

static bool ours(const struct rec *rec)
{
	const char *provider = rec_string(rec, "provider");

	return rec_is(rec, "asg") && provider && !strcmp(provider, "aws");
}

static bool look(struct rm *r, struct http *engine, struct failure *f)
{
	struct aws_options options = {.region = r->cloud.region};

	if (!r->name || !*r->name || !r->cloud.region)
		return fail_set(f, ST_DATA, "bad-asg", "an asg record needs 'name' and 'region'");
	return (r->cloud.aws = aws_open(engine, &options, f)) && rm_look(r, f);
}

static struct rm *look_all(struct rec_io *io, struct http *engine, const struct options *o,
			   struct rec **records, size_t n)
{
	struct rm *all = mem_alloc((n + 1) * sizeof *all);

	for (size_t i = 0; i < n; i++) {
		struct rm *r = &all[i];

		if (!ours(records[i]))
			continue;
		r->rec = records[i];
		r->name = mem_dup(rec_string(r->rec, "name"));
		r->cloud = (struct asg_cloud){.io = io,
					      .region = mem_dup(rec_string(r->rec, "region")),
					      .interval_ms = o->interval_ms,
					      .limit_ms = o->limit_ms};
		if (look(r, engine, &r->failure))
			rm_plan(r);
	}
	return all;
}

/* What was wrong with any of them; else what the guards say of all. */
static bool refused(struct rec_io *io, const struct options *o, struct rec **records,
		    const struct rm *all, size_t n, struct failure *f)
{
	json_auto_t *plan = json_array(), *reviewed = NULL;
	const char *seal = getenv("SLUICE_SEAL");
	size_t selected = 0;

	if (!rec_whole(io))
		return !fail_set(f, ST_PART, "not-attempted",
				 "not attempted, since the input is not whole");
	if (rec_broken(io))
		return !fail_set(f, ST_DATA, "not-attempted",
				 "not attempted, since the input is broken");
	for (size_t i = 0; i < n; i++) {
		selected += all[i].rec != NULL;
		json_array_extend(plan, all[i].plan);
		if (all[i].failure.status || rec_error(records[i]) == ST_DATA)
			fail_set(f, all[i].failure.status ? all[i].failure.status : ST_DATA,
				 "not-attempted",
				 "not attempted, since something else of the input is wrong");
	}
	if (f->status)
		return true;
	if (o->plan && !(reviewed = plan_read(o->plan, f)))
		return true;
	return !guard_selected(&o->guard, selected ? plan_changes(plan, "asg") : 0, "groups",
			       selected || (seal && !strcmp(seal, "1")), f) ||
	       (reviewed && !plan_allowed(plan, reviewed, f));
}

static void write_one(struct rec_io *io, struct rm *r, bool dry)
{
	if (dry && r->plan)
		plan_emit(io, r->plan);
	if (dry)
		rec_set(r->rec, "planned", json_true());
	if (r->done || dry)
		rec_set(r->rec, "status", json_string("gone"));
	if (r->failure.status && !strcmp(r->failure.code, "not-attempted"))
		rec_fail_quietly(io, r->rec, &r->failure);
	else if (r->failure.status)
		rec_fail(io, r->rec, &r->failure);
	rec_write(io, r->rec);
}

static void release(struct rm *r)
{
	if (r->cloud.aws)
		aws_close(r->cloud.aws);
	free((char *)(uintptr_t)r->cloud.region);
	free(r->name);
	json_decref(r->groups);
	json_decref(r->templates);
	json_decref(r->configurations);
	json_decref(r->plan);
	fail_free(&r->failure);
}

int main(int argc, char **argv)
{
	struct failure f = {0};
	struct options o;
	struct http *engine;
	struct rec_io *io;
	struct rec **records;
	struct rm *all;
	bool stopped;
	size_t n;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();
	io = rec_start("asg-rm");
	engine = http_new();
	records = read_records(io, &o, &n);
	for (size_t i = 0; i < n; i++)
		o.dry = o.dry || plan_makes_dry(records[i]);

	all = look_all(io, engine, &o, records, n);
	stopped = refused(io, &o, records, all, n, &f);
	if (stopped) {
		rec_status(io, f.status);
		if (strcmp(f.code, "not-attempted") != 0 || !n)
			cli_warn("%s", f.message);
	}

	for (size_t i = 0; i < n; i++) {
		struct rm *r = &all[i];

		if (!r->rec) {
			rec_write(io, records[i]);
			continue;
		}
		if (stopped && !o.dry && !r->failure.status)
			fail_set(&r->failure, f.status, "not-attempted", "%s", f.message);
		if (!o.dry && !r->failure.status && !stop_asked())
			rm_do(r, &r->failure);
		else if (!o.dry && !r->failure.status)
			stop_failure(&r->failure);
		write_one(io, r, o.dry);
		release(r);
	}
	fail_free(&f);
	free(all);
	free(records);
	http_free(engine);
	return rec_finish(io);
}
