/* SPDX-License-Identifier: ISC
 * aws-do SERVICE ACTION [read|idempotent|change|list=MEMBER|account|twice]: a call with the
 * parameters of stdin (empty: {}); prints what it came to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "cli.h"
#include "mem.h"
#include "rec.h"

static json_t *call(struct aws *a, char **argv, json_t *params, struct failure *f, bool *unclear)
{
	const char *how = argv[3];

	if (!strncmp(how, "list=", 5))
		return aws_list(a, argv[1], argv[2], params, how + 5, f);
	if (!strcmp(how, "account")) {
		const char *account = aws_account(a, f);

		json_decref(params);
		return account ? json_string(account) : NULL;
	}
	if (!strcmp(how, "twice"))
		json_decref(aws_do(a, argv[1], argv[2], HTTP_READ, json_incref(params), f, NULL));
	return aws_do(a, argv[1], argv[2],
		      !strcmp(how, "change")       ? HTTP_CHANGE
		      : !strcmp(how, "idempotent") ? HTTP_IDEMPOTENT
						   : HTTP_READ,
		      params, f, unclear);
}

static void tell(json_t *result, const struct failure *f, bool unclear)
{
	json_t *json = f->status
			   ? json_pack("{si ss* ss* ss* ss* sb}", "status", f->status, "code",
				       f->code, "message", f->message, "operation", f->operation,
				       "request_id", f->request_id, "unclear", unclear)
			   : json_pack("{sO}", "result", result);
	char *text = json_dumps(json, JSON_COMPACT);

	puts(text);
	free(text);
	json_decref(json);
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "aws-do SERVICE ACTION HOW"};
	struct failure f = {0};
	struct http *engine = http_new();
	json_t *params = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL), *result;
	struct rec_io *io;
	struct aws *a;
	bool unclear = false;

	cli_start(argc, argv, &cli);
	if (argc != 4)
		cli_usage("three operands are wanted");
	io = rec_start("aws-do");
	a = aws_open(engine, NULL, &f);
	if (!a)
		cli_fail(&f);
	result = call(a, argv, params, &f, &unclear);
	tell(result, &f, unclear);
	rec_status(io, f.status);
	json_decref(result);
	fail_free(&f);
	aws_close(a);
	http_free(engine);
	fflush(stdout);
	return rec_finish(io);
}
