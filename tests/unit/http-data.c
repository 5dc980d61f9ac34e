/* SPDX-License-Identifier: ISC
 * For tests/http-data.t. `http-data plain`: URLs, one a line, each after whether plain http may be
 * used. `http-data records`: HTTP records read into the engine's structs and written again. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "http-record.h"
#include "rec.h"

static void write_plain(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("%d %s\n", http_plain_allowed(line), line);
	}
}

static json_t *again(const json_t *record, struct failure *f)
{
	const json_t *of = json_object_get(record, "request");
	struct http_request *r = http_request_from(of ? of : record, f);
	struct http_answer a = {.attempts = 3};
	json_t *json = NULL;

	if (r && !of)
		json = http_request_json(r);
	else if (r && http_answer_from(record, &a) && a.attempts == 3)
		json = http_response_json(r, &a);
	http_request_free(r);
	http_answer_free(&a);
	return json;
}

int main(int argc, char **argv)
{
	static const struct cli cli = {"http-data plain | records", "", false};
	struct failure f = {0};
	struct rec_io *io;
	struct rec *r;

	cli_start(argc, argv, &cli);
	if (argc > 1 && !strcmp(argv[1], "plain")) {
		write_plain();
		return 0;
	}
	io = rec_start("http-data");
	rec_open(io, NULL);
	while ((r = rec_read(io))) {
		json_t *json = again(r->json, &f);

		if (json)
			rec_emit(io, json);
		else
			puts(f.message ? f.message : "no answer");
		fflush(stdout);
		rec_free(r);
	}
	fail_free(&f);
	return rec_finish(io);
}
