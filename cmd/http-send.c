/* SPDX-License-Identifier: ISC
 * Sends http-request records and writes an http-response in the place of each, in the order of the
 * input. Any answer is success; what could not be sent goes out as it came, with an error. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "http-record.h"
#include "http-send/send.h"
#include "mem.h"
#include "plan.h"
#include "status.h"

static const struct cli cli = {
    .usage = "http-send [-nq] [-f file] [-j jobs] [-t duration] [--attempts n] [--fail]\n"
	     "[--idempotent] [--plan file]",
    .help = "Sends http-request records, writes http-response records.\n"
	    "  -f, --file FILE         records; else standard input; may be repeated\n"
	    "  -j, --jobs N            so many at once (1: one after another)\n"
	    "  -n, --dry-run           send nothing, say what would be sent\n"
	    "  -t, --timeout DURATION  of one attempt (60s)\n"
	    "      --attempts N        at most so many for each (5)\n"
	    "      --fail              an answer of 400 and above is an error\n"
	    "      --idempotent        POST and PATCH may be sent again like the others\n"
	    "      --plan FILE         change only what FILE, the output of -n, names\n",
    .changes = true,
};

enum { ATTEMPTS = 256, FAIL, IDEMPOTENT, PLAN };

static void set_option(struct options *o, int option)
{
	switch (option) {
	case 'f':
		o->files = mem_grow(o->files, o->n_files + 1, sizeof(*o->files));
		o->files[o->n_files++] = optarg;
		break;
	case 'j':
		o->jobs = (size_t)cli_number_arg("-j", optarg, 1, 1000);
		break;
	case 'n':
		o->dry = true;
		break;
	case ATTEMPTS:
		o->attempts = (int)cli_number_arg("--attempts", optarg, 1, 1000);
		break;
	case FAIL:
		o->fail = true;
		break;
	case IDEMPOTENT:
		o->idempotent = true;
		break;
	case PLAN:
		o->plan = optarg;
		break;
	case 't':
		o->timeout_ms = (long)cli_duration_arg("-t", optarg) * 1000;
		break;
	default:
		cli_option(option);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {{"attempts", required_argument, NULL, ATTEMPTS},
					      {"dry-run", no_argument, NULL, 'n'},
					      {"fail", no_argument, NULL, FAIL},
					      {"file", required_argument, NULL, 'f'},
					      {"idempotent", no_argument, NULL, IDEMPOTENT},
					      {"jobs", required_argument, NULL, 'j'},
					      {"plan", required_argument, NULL, PLAN},
					      {"timeout", required_argument, NULL, 't'},
					      CLI_LONG,
					      {0}};
	int option;

	while ((option = getopt_long(argc, argv, CLI_SHORT "f:j:nt:", table, NULL)) != -1)
		set_option(o, option);
	if (optind < argc)
		cli_usage("unexpected operand '%s'", argv[optind]);
}

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (!strcasecmp(word, *list))
			return true;
	return false;
}

static enum http_effect effect_of(const char *method, bool idempotent)
{
	static const char *const reads[] = {"GET", "HEAD", "OPTIONS", "TRACE", NULL};
	static const char *const repeatable[] = {"PUT", "DELETE", NULL};

	if (is_one_of(method, reads))
		return HTTP_READ;
	return idempotent || is_one_of(method, repeatable) ? HTTP_IDEMPOTENT : HTTP_CHANGE;
}

/* Takes up a record: its request, or its error. */
static void prepare(struct item *item, struct sender *s)
{
	struct failure f = {0};

	item->sender = s;
	item->settled = true;
	if (!rec_is(item->r, "http-request"))
		return;
	item->request = http_request_from(item->r->json, &f);
	if (!item->request) {
		send_fail(s->io, item->r, "cannot send", &f);
		return;
	}
	item->request->effect = effect_of(item->request->method, s->o->idempotent);
	item->request->attempts = s->o->attempts;
	item->request->timeout_ms = s->o->timeout_ms;
	item->request->done = send_done;
	item->request->ctx = item;
	item->settled = false;
}

static bool changes_something(const struct sender *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].request && s->items[i].request->effect != HTTP_READ)
			return true;
	return false;
}

static bool is_dry(const struct sender *s)
{
	bool dry = s->o->dry;

	for (size_t i = 0; i < s->n; i++)
		dry = dry || plan_makes_dry(s->items[i].r);
	return dry;
}

/* The status of what must stop all changes before the first; 0: nothing. */
static int wrong_input(const struct sender *s)
{
	if (rec_broken(s->io))
		return ST_DATA;
	for (size_t i = 0; i < s->n; i++)
		if (rec_error(s->items[i].r) == ST_DATA)
			return ST_DATA;
	return 0;
}

/* What is not sent keeps its place in the output; f (status 0: it is only passed on) says why. */
static void hold_back(struct sender *s, const struct failure *f)
{
	for (size_t i = 0; i < s->n; i++) {
		struct item *item = &s->items[i];

		if (item->request && f->status)
			rec_fail_quietly(s->io, item->r, f);
		http_request_free(item->request);
		item->request = NULL;
		item->settled = true;
	}
	if (f->status)
		cli_warn("nothing was sent: %s", f->message);
	send_write(s);
}

/* Whether all may be sent; f says what stops it, its status is 0 when that is known otherwise. */
static bool may_send(const struct sender *s, struct failure *f)
{
	int wrong = wrong_input(s);

	if (!changes_something(s))
		return true;
	if (!rec_whole(s->io))
		return false;
	if (wrong)
		return fail_set(f, wrong, "not-attempted", "some input was wrong");
	return !s->o->plan || plan_agrees(s, f);
}

int main(int argc, char **argv)
{
	struct options o = {.jobs = 1};
	struct sender s = {.o = &o};
	struct failure why = {0};
	struct rec **records;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);

	s.io = rec_start("http-send");
	for (size_t i = 0; i < o.n_files; i++)
		rec_open(s.io, o.files[i]);
	if (!o.n_files)
		rec_open(s.io, NULL);

	records = rec_read_all(s.io, &s.n);
	s.items = mem_alloc((s.n + 1) * sizeof(*s.items));
	for (size_t i = 0; i < s.n; i++) {
		s.items[i].r = records[i];
		prepare(&s.items[i], &s);
	}
	if (is_dry(&s))
		plan_all(&s);
	else if (may_send(&s, &why))
		send_all(&s);
	else
		hold_back(&s, &why);

	fail_free(&why);
	free(records);
	free(s.items);
	free(o.files);
	return rec_finish(s.io);
}
