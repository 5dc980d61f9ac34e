/* SPDX-License-Identifier: ISC
 * The HTTP engine by itself: sends http-request records (all are read first), and writes each, in
 * order, with what became of it. A member "effect" (read, idempotent, change) says what it does;
 * "follow": N more of the same are sent one after another, from the callback of the one before. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "http-record.h"
#include "mem.h"
#include "rec.h"
#include "stop.h"

static const struct cli cli = {"http-try [-a ATTEMPTS] [-j JOBS] [-t MILLISECONDS] [-f FILE]",
			       "Sends requests.\n", true};

struct work {
	struct rec *r;
	struct http *h;
	long long follow;
};

static void queue(struct work *work);

static void note(struct work *work, const struct http_answer *a)
{
	json_t *result =
	    json_pack("{si sb si}", "status", a->status, "sent", a->sent, "attempts", a->attempts);
	json_t *body = json_stringn(a->body.len ? a->body.data : "", a->body.len);

	json_object_set_new(result, "body", body ? body : json_string("(not UTF-8)"));
	if (!a->status)
		json_object_set_new(result, "failure",
				    json_pack("{si ss ss}", "status", a->failure.status, "code",
					      a->failure.code, "message", a->failure.message));
	rec_set(work->r, "result", result);
}

static void settled(struct http_request *r, struct http_answer *a)
{
	struct work *work = r->ctx;

	note(work, a);
	if (work->follow-- > 0)
		queue(work);
}

static enum http_effect effect_of(const struct rec *r)
{
	const char *effect = rec_string(r, "effect");

	return !effect || !strcmp(effect, "read") ? HTTP_READ
	       : !strcmp(effect, "change")        ? HTTP_CHANGE
						  : HTTP_IDEMPOTENT;
}

static void queue(struct work *work)
{
	struct failure f = {0};
	struct http_request *r = http_request_from(work->r->json, &f);

	if (!r)
		cli_fail(&f);
	r->effect = effect_of(work->r);
	r->done = settled;
	r->ctx = work;
	http_add(work->h, r);
}

static void send_all(struct rec_io *io, struct http *h)
{
	size_t n;
	struct rec **all = rec_read_all(io, &n);
	struct work *works = mem_alloc(n * sizeof(*works));

	for (size_t i = 0; i < n; i++) {
		works[i] = (struct work){
		    all[i], h, json_integer_value(json_object_get(all[i]->json, "follow"))};
		queue(&works[i]);
	}
	http_run(h);
	for (size_t i = 0; i < n; i++)
		rec_write(io, all[i]);
	free(works);
	free(all);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {0}};
	struct http *h = http_new();
	const char *file = NULL;
	struct rec_io *io;
	int c;

	cli_start(argc, argv, &cli);
	while ((c = getopt_long(argc, argv, "a:f:j:t:" CLI_SHORT, options, NULL)) != -1)
		if (c == 'a')
			http_attempts(h, (int)cli_number_arg("-a", optarg, 1, 100));
		else if (c == 'j')
			http_parallel(h, (int)cli_number_arg("-j", optarg, 1, 1000));
		else if (c == 't')
			http_timeout(h, (long)cli_number_arg("-t", optarg, 1, 1000000));
		else if (c == 'f')
			file = optarg;
		else
			cli_option(c);
	stop_catch();
	io = rec_start(cli_name);
	rec_open(io, file);
	send_all(io, h);
	http_free(h);
	return rec_finish(io);
}
