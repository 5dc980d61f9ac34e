/* SPDX-License-Identifier: ISC
 * Reads image records; writes those that may go: all but the newest of each series, those that are
 * old enough, or what is both. What is in doubt stays. Everything is held until the input ends. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "rec.h"
#include "status.h"
#include "img-old/series.h"

static const struct cli cli = {
    "img-old [-f FILE] [--keep N] [--older-than TIME] [FILE ...]",
    "Image records that may go.\n"
    "  -f, --file FILE       read FILE instead of standard input\n"
    "      --keep N          all but the newest N of each series\n"
    "      --older-than TIME only those older than TIME, such as 30d or 12h\n",
    false};

struct opts {
	const char *file;
	long long keep, age; /* 0: not given */
};

struct line {
	char *text;
	size_t len;
	int error;
	enum { PASSED, STAYS, GOOD, FAILED, GOES } what;
	uint32_t series, id;
	int64_t created;
};

struct images {
	struct line *lines;
	size_t n;
	struct series series;
	int64_t now;
	unsigned long read, undated, unfinished, unnamed, go;
};

enum { DAY_MS = 86400000 };

/* One of tomorrow would keep the newest ones from being the newest. */
static bool is_dated(const struct images *all, const struct line *line)
{
	return line->created >= 0 && line->created <= all->now + DAY_MS;
}

static void take_image(struct images *all, const struct opts *o, const struct rec *r,
		       struct line *line)
{
	const char *state = rec_string(r, "state"), *created = rec_string(r, "created");
	bool good = !state || !strcmp(state, "available");

	all->read++;
	line->what = STAYS;
	line->created = created ? clk_parse_iso(created) : -1;
	line->series = series_of(&all->series, r);
	line->id = series_id(&all->series, r);
	if (!good && strcmp(state, "failed") != 0)
		all->unfinished++;
	else if (!is_dated(all, line))
		all->undated++;
	else if (o->keep && line->series == SERIES_NONE)
		all->unnamed++;
	else
		line->what = good ? GOOD : FAILED;
}

static void refuse(struct rec_io *io, struct rec *r)
{
	const char *name = rec_string(r, "name");
	struct failure f = {0};

	fail_set(&f, ST_DATA, "wrong-type", "cannot judge image '%s': it has no id",
		 name ? name : "?");
	rec_fail(io, r, &f);
	fail_free(&f);
}

static void take(struct images *all, const struct opts *o, struct rec_io *io, struct rec *r)
{
	struct line line = {.what = PASSED};

	if (rec_is(r, "image") && !rec_string(r, "id") &&
	    !json_is_true(json_object_get(r->json, "planned")))
		refuse(io, r);
	if (rec_is(r, "image"))
		take_image(all, o, r, &line);
	line.error = rec_error(r);
	line.text = rec_take(r, &line.len);
	if (!(all->n & (all->n - 1)))
		all->lines = mem_grow(all->lines, all->n ? 2 * all->n : 1, sizeof(line));
	all->lines[all->n++] = line;
}

/* Newest first; of one time as they came. */
static int by_age(const void *a, const void *b)
{
	const struct line *x = *(struct line *const *)a, *y = *(struct line *const *)b;

	if (x->created != y->created)
		return x->created > y->created ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* A failed image is none of the N; an image that is listed twice is one. */
static void judge(struct images *all, const struct opts *o)
{
	struct line **order = mem_alloc((all->n + 1) * sizeof(struct line *));
	long long *kept = mem_alloc(((size_t)all->series.names.n + 1) * sizeof(*kept));
	bool *stays = mem_alloc((size_t)all->series.ids.n + 1);
	int64_t newest = o->age ? all->now - o->age * 1000 : INT64_MAX;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		if (all->lines[i].what == GOOD || all->lines[i].what == FAILED)
			order[n++] = &all->lines[i];
		else if (all->lines[i].what == STAYS)
			stays[all->lines[i].id] = true;
	qsort(order, n, sizeof(struct line *), by_age);
	for (size_t i = 0; i < n; i++) {
		struct line *line = order[i];

		if (o->keep && kept[line->series] < o->keep && !stays[line->id]) {
			kept[line->series] += line->what == GOOD;
			stays[line->id] = true;
		}
		if (!stays[line->id] && line->created < newest) {
			line->what = GOES;
			all->go++;
		}
	}
	free(order);
	free(kept);
	free(stays);
}

static void tell(const struct images *all)
{
	cli_note("%lu of %lu images may go", all->go, all->read);
	if (all->undated)
		cli_note("images that stay because their date is not known: %lu", all->undated);
	if (all->unfinished)
		cli_note("images that stay because they are not finished: %lu", all->unfinished);
	if (all->unnamed)
		cli_note("images that stay because they have neither distribution nor name: %lu",
			 all->unnamed);
}

static void release(struct images *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->lines[i].text);
	free(all->lines);
	series_free(&all->series);
}

/* Seconds, which a number alone is elsewhere, are hardly what is meant. */
static long long age_arg(const char *text)
{
	long long age = cli_duration_arg("--older-than", text);

	if (!age)
		cli_usage("--older-than 0 would be all images");
	if (!text[strspn(text, "0123456789")])
		cli_usage("--older-than takes a time with its unit, such as %sd, not '%s'", text,
			  text);
	return age;
}

static struct opts parse_options(int argc, char **argv)
{
	enum { KEEP = 256, OLDER_THAN };
	static const struct option options[] = {{"file", required_argument, NULL, 'f'},
						{"keep", required_argument, NULL, KEEP},
						{"older-than", required_argument, NULL, OLDER_THAN},
						CLI_LONG,
						{0}};
	struct opts o = {0};
	int c;

	while ((c = getopt_long(argc, argv, "f:" CLI_SHORT, options, NULL)) != -1)
		switch (c) {
		case 'f':
			cli_file(&o.file, optarg);
			break;
		case KEEP:
			o.keep = cli_number_arg("--keep", optarg, 1, 1000000);
			break;
		case OLDER_THAN:
			o.age = age_arg(optarg);
			break;
		default:
			cli_option(c);
		}
	if (!o.keep && !o.age)
		cli_usage("--keep, --older-than or both are needed");
	return o;
}

int main(int argc, char **argv)
{
	struct images all = {0};
	struct rec_io *io;
	struct opts o;
	struct rec *r;

	cli_start(argc, argv, &cli);
	o = parse_options(argc, argv);

	io = rec_start(cli_name);
	all.now = clk_now();
	rec_open_all(io, o.file, argc - optind, argv + optind);
	while ((r = rec_read(io)))
		take(&all, &o, io, r);
	judge(&all, &o);
	for (size_t i = 0; i < all.n; i++)
		if (all.lines[i].what == PASSED || all.lines[i].what == GOES)
			rec_write_text(io, all.lines[i].text, all.lines[i].len, all.lines[i].error);

	tell(&all);
	release(&all);
	return rec_finish(io);
}
