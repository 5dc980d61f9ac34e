/* SPDX-License-Identifier: ISC
 * Sends http-request records and writes an http-response in the place of each, in the order of the
 * input. Any answer is success; what could not be sent goes out as it came, with an error. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "http-record.h"
#include "http.h"
#include "mem.h"
#include "rec.h"
#include "status.h"
#include "stop.h"

static const struct cli cli = {
    .usage = "http-send [-nq] [-f file] [-j jobs] [--attempts n] [--fail] [--idempotent]\n"
	     "[--timeout duration]",
    .help = "Sends http-request records, writes http-response records.\n"
	    "  -f, --file FILE         records; else standard input; may be repeated\n"
	    "  -j, --jobs N            so many at once (1: one after another)\n"
	    "  -n, --dry-run           send nothing, say what would be sent\n"
	    "      --attempts N        at most so many for each (5)\n"
	    "      --fail              an answer of 400 and above is an error\n"
	    "      --idempotent        POST and PATCH may be sent again like the others\n"
	    "      --timeout DURATION  of one attempt (60s)\n",
    .changes = true,
};

struct options {
	const char **files;
	size_t n_files, jobs;
	int attempts;
	long timeout_ms;
	bool dry, fail, idempotent;
};

struct sender;

/* One record of the input. */
struct item {
	struct rec *r;
	struct http_request *request; /* NULL: passed on, or handed to the engine */
	struct sender *sender;
	bool settled;
};

struct sender {
	const struct options *o;
	struct rec_io *io;
	struct http *engine;
	struct item *items;
	size_t n, next, written; /* items; the next to be sent; how many are written */
};

enum { ATTEMPTS = 256, FAIL, IDEMPOTENT, TIMEOUT };

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
	case TIMEOUT:
		o->timeout_ms = (long)cli_duration_arg("--timeout", optarg) * 1000;
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
					      {"timeout", required_argument, NULL, TIMEOUT},
					      CLI_LONG,
					      {0}};
	int option;

	while ((option = getopt_long(argc, argv, CLI_SHORT "f:j:n", table, NULL)) != -1)
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

/* "GET https://host/path": a query may carry a signature or a token. */
static char *title(const struct rec *r)
{
	const char *method = rec_string(r, "method"), *url = rec_string(r, "url");

	return mem_fmt("%s %.*s", method ? method : "?", url ? (int)strcspn(url, "?#@") : 1,
		       url ? url : "?");
}

static void fail(struct rec_io *io, struct rec *r, const char *what, struct failure *f)
{
	char *name = title(r);

	fail_prefix(f, "%s '%s'", what, name);
	free(name);
	rec_fail(io, r, f);
	fail_free(f);
}

/* The members of a request, as HAR has them: an answer holds them in `request`. */
static void drop_request(struct rec *r)
{
	static const char *const members[] = {
	    "method",  "url",         "headers",     "postData", "httpVersion",
	    "cookies", "queryString", "headersSize", "bodySize", "signing"};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		rec_del(r, members[i]);
}

/* The record becomes the answer; members that are not the request's stay. */
static void put_answer(struct rec *r, json_t *answer)
{
	const char *key;
	json_t *value;

	drop_request(r);
	json_object_foreach(answer, key, value)
		rec_set(r, key, json_incref(value));
	json_decref(answer);
}

static int status_of_answer(int status)
{
	if (status == 401 || status == 403)
		return ST_NOPERM;
	if (status == 429 || (status >= 500 && status != 501 && status != 505))
		return ST_TEMP;
	return ST_REFUSED;
}

static void take_answer(struct item *item, const struct http_request *request,
			struct http_answer *a)
{
	struct sender *s = item->sender;
	struct failure f = {0};
	char *name, *code;

	if (!a->status) {
		fail(s->io, item->r, "cannot send", &a->failure);
		return;
	}
	name = title(item->r);
	put_answer(item->r, http_response_json(request, a));
	if (s->o->fail && a->status >= 400) {
		code = mem_fmt("http-%d", a->status);
		fail_set(&f, status_of_answer(a->status), code, "'%s' was answered %d", name,
			 a->status);
		rec_fail(s->io, item->r, &f);
		fail_free(&f);
		free(code);
	}
	free(name);
}

static void write_settled(struct sender *s)
{
	for (; s->written < s->n && s->items[s->written].settled; s->written++)
		rec_write(s->io, s->items[s->written].r);
}

static void send_next(struct sender *s);

static void done(struct http_request *request, struct http_answer *a)
{
	struct item *item = request->ctx;

	take_answer(item, request, a);
	item->settled = true;
	write_settled(item->sender);
	send_next(item->sender);
}

static void send_next(struct sender *s)
{
	while (s->next < s->n && !s->items[s->next].request)
		s->next++;
	if (s->next == s->n)
		return;
	http_add(s->engine, s->items[s->next].request);
	s->items[s->next++].request = NULL;
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
		fail(s->io, item->r, "cannot send", &f);
		return;
	}
	item->request->effect = effect_of(item->request->method, s->o->idempotent);
	item->request->attempts = s->o->attempts;
	item->request->timeout_ms = s->o->timeout_ms;
	item->request->done = done;
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

	for (size_t i = 0; i < s->n; i++) {
		const struct rec *r = s->items[i].r;

		dry = dry || (r->kind && !strcmp(r->kind, "plan")) ||
		      json_is_true(json_object_get(r->json, "planned"));
	}
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

/* What is not sent keeps its place in the output. */
static void hold_back(struct sender *s, int status)
{
	struct failure f = {0};

	if (status)
		fail_set(&f, status, "not-attempted", "not sent: other input was wrong");
	for (size_t i = 0; i < s->n; i++) {
		struct item *item = &s->items[i];

		if (item->request && status)
			rec_fail_quietly(s->io, item->r, &f);
		http_request_free(item->request);
		item->request = NULL;
		item->settled = true;
	}
	if (status)
		cli_warn("nothing was sent: some input was wrong");
	fail_free(&f);
}

static const char *action_of(const struct http_request *request)
{
	if (request->effect == HTTP_READ)
		return "keep";
	return strcasecmp(request->method, "DELETE") ? "change" : "delete";
}

static void plan(struct sender *s, struct item *item)
{
	char *name = title(item->r);
	json_t *answer = json_pack("{ss sn sn}", "kind", "http-response", "status", "content");
	json_t *record =
	    json_pack("{ss ss ss ss}", "kind", "plan", "action", action_of(item->request), "target",
		      "http-request", "name", name);

	if (!record || !answer)
		mem_out();
	rec_emit(s->io, record);
	json_object_set_new(answer, "request", http_request_masked(item->request));
	json_object_set_new(answer, "planned", json_true());
	put_answer(item->r, answer);
	http_request_free(item->request);
	item->request = NULL;
	item->settled = true;
	free(name);
}

static void plan_all(struct sender *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->items[i].request)
			plan(s, &s->items[i]);
		write_settled(s);
	}
}

static void send_all(struct sender *s)
{
	stop_catch();
	s->engine = http_new();
	http_parallel(s->engine, (int)s->o->jobs);
	write_settled(s);
	for (size_t i = 0; i < s->o->jobs; i++)
		send_next(s);
	http_run(s->engine);
	http_free(s->engine);
}

static void work(struct sender *s)
{
	bool changes = changes_something(s);

	if (is_dry(s)) {
		plan_all(s);
	} else if (changes && !rec_whole(s->io)) {
		hold_back(s, 0);
	} else if (changes && wrong_input(s)) {
		hold_back(s, wrong_input(s));
	} else {
		send_all(s);
	}
	write_settled(s);
}

int main(int argc, char **argv)
{
	struct options o = {.jobs = 1};
	struct sender s = {.o = &o};
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
	work(&s);

	free(records);
	free(s.items);
	free(o.files);
	return rec_finish(s.io);
}
