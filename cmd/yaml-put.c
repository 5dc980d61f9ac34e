/* SPDX-License-Identifier: ISC
 * Reads image and instance records; in a YAML or JSON file sets the value that each names to its
 * id, and keeps every other byte. Nothing is loaded and dumped. */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "plan.h"
#include "status.h"
#include "yaml-put/put.h"

static const struct cli cli = {
    "yaml-put [-in] [-f RECORDS] [-v MEMBER] [--create] [--map MEMBER:FROM=TO] [--partial] "
    "[--shared] PATH-TEMPLATE FILE",
    "Ids of images and instances into a YAML or JSON file, every other byte kept.\n"
    "      --create          add keys that FILE does not have\n"
    "  -f, --file RECORDS    read the records from RECORDS instead of standard input\n"
    "  -i, --in-place        replace FILE instead of writing the new one to standard output\n"
    "      --map MEMBER:FROM=TO\n"
    "                        say TO where the member MEMBER is FROM\n"
    "  -n, --dry-run         show what would be done, do nothing\n"
    "      --partial         write the good records although others failed\n"
    "      --shared          also change what aliases stand for\n"
    "  -v, --value MEMBER    set this member (default: id)\n",
    false};

static struct put_options parse_options(int argc, char **argv)
{
	enum { CREATE = 256, MAP, PARTIAL, SHARED };
	static const struct option options[] = {{"create", no_argument, NULL, CREATE},
						{"file", required_argument, NULL, 'f'},
						{"in-place", no_argument, NULL, 'i'},
						{"map", required_argument, NULL, MAP},
						{"dry-run", no_argument, NULL, 'n'},
						{"partial", no_argument, NULL, PARTIAL},
						{"shared", no_argument, NULL, SHARED},
						{"value", required_argument, NULL, 'v'},
						CLI_LONG,
						{0}};
	struct put_options o = {.member = "id"};
	int c;

	while ((c = getopt_long(argc, argv, "f:inv:" CLI_SHORT, options, NULL)) != -1)
		switch (c) {
		case CREATE:
			o.create = true;
			break;
		case 'f':
			cli_file(&o.records, optarg);
			break;
		case 'i':
			o.in_place = true;
			break;
		case MAP:
			put_add_map(&o, optarg);
			break;
		case 'n':
			o.dry = true;
			break;
		case PARTIAL:
			o.partial = true;
			break;
		case SHARED:
			o.shared = true;
			break;
		case 'v':
			o.member = optarg;
			break;
		default:
			cli_option(c);
		}
	if (argc - optind != 2)
		cli_usage("a path and a file are needed");
	o.template = argv[optind];
	o.yaml = argv[optind + 1];
	if (!*o.template || !*o.yaml || !*o.member)
		cli_usage("the %s is empty", !*o.template ? "path"
					     : !*o.yaml   ? "file's name"
							  : "member");
	return o;
}

static void tell(const struct put_job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		const struct put *put = &job->puts[i];
		const char *now = put->value.text ? put->value.text : "(not known yet)";

		if (put->what == PUT_KEEP)
			cli_note("%s:%lu: '%s' is '%s' already", job->o->yaml, put->line,
				 put->path.text, now);
		else if (put->what == PUT_CHANGE)
			cli_note("%s:%lu: '%s': '%s' -> '%s'", job->o->yaml, put->line,
				 put->path.text, put->old, now);
		else if (put->what == PUT_CREATE)
			cli_note("%s:%lu: '%s': new, '%s'", job->o->yaml, put->line, put->path.text,
				 now);
	}
	if (!job->n)
		cli_note("'%s' stays as it is: no image or instance in the input", job->o->yaml);
}

static json_t *value_json(const char *text)
{
	return json_pack("{s:s?}", "value", text);
}

static void show_plan(const struct put_job *job)
{
	static const char *const actions[] = {"change", "keep", "create"};
	json_t *plan = json_array();

	for (size_t i = 0; i < job->n; i++) {
		const struct put *put = &job->puts[i];
		bool keep = put->what == PUT_KEEP;

		if (put->what != PUT_REFUSED)
			plan_add(plan, actions[put->what], "value", rec_string(put->r, "provider"),
				 rec_string(put->r, "region"), put->path.text, job->o->yaml,
				 keep || !put->old ? NULL : value_json(put->old),
				 keep ? NULL : value_json(put->value.text), NULL);
	}
	plan_emit(job->io, plan);
	json_decref(plan);
}

static void finish(struct put_job *job, const struct buf *old, const struct buf *now)
{
	struct failure f = {0};

	if (job->dry) {
		tell(job);
		show_plan(job);
	} else if (job->failed && !job->o->partial) {
		cli_warn("nothing is written: a record failed%s",
			 job->n > 1 ? "; --partial writes the others" : "");
	} else if (!job->o->in_place) {
		tell(job);
		rec_print(job->io, now->data, now->len);
	} else if ((old->len == now->len && !memcmp(old->data, now->data, old->len)) ||
		   file_replace(job->o->yaml, now->data, now->len, &f)) {
		tell(job);
	} else {
		cli_warn("%s", f.message);
		rec_status(job->io, f.status);
	}
	fail_free(&f);
}

/* FILE is read when the input has ended: a pipe may take an hour, and people go on editing. */
static void edit_file(struct put_job *job)
{
	struct buf old = {0}, now = {0};
	struct failure f = {0};
	int held = job->o->in_place && !job->dry ? file_hold(job->o->yaml) : -1;

	if (!file_read(job->o->yaml, &old, &f)) {
		cli_warn("%s", f.message);
		rec_status(job->io, f.status);
	} else if (put_edit(job, &old, &now)) {
		finish(job, &old, &now);
	}
	if (held >= 0)
		close(held);
	fail_free(&f);
	buf_free(&old);
	buf_free(&now);
}

int main(int argc, char **argv)
{
	struct put_options o;
	struct put_job job = {.o = &o};
	struct failure f = {0};
	struct rec *r;

	cli_start(argc, argv, &cli);
	o = parse_options(argc, argv);
	job.template = path_parse(o.template, &f);
	if (!job.template)
		cli_usage("%s", f.message);

	job.io = rec_start(cli_name);
	job.dry = o.dry;
	rec_open(job.io, o.records);
	while ((r = rec_read(job.io)))
		put_take(&job, r);
	if (!job.dry)
		rec_print(job.io, "", 0); /* a document or nothing: no end behind it */
	if (rec_whole(job.io) && !rec_broken(job.io))
		edit_file(&job);
	put_free(&job);
	return rec_finish(job.io);
}
