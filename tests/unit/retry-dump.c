/* SPDX-License-Identifier: ISC
 * retry-dump: for each line {"status","code","change"} whether such an answer is sent again:
 * {"retry","throttling"}. */
#include <jansson.h>
#include <stdio.h>

#include "aws/error.h"
#include "cli.h"

static json_t *verdict(const json_t *question)
{
	const char *code = json_string_value(json_object_get(question, "code"));
	bool change = json_is_true(json_object_get(question, "change"));
	struct http_request r = {.effect = change ? HTTP_CHANGE : HTTP_READ};
	struct http_answer a = {.retry_after_ms = -1};
	enum http_verdict v;

	a.status = (int)json_integer_value(json_object_get(question, "status"));
	if (code)
		buf_fmt(&a.body,
			"<ErrorResponse><Error><Code>%s</Code><Message>m</Message></Error>"
			"<RequestId>r</RequestId></ErrorResponse>",
			code);
	v = aws_error_judge(&r, &a);
	http_answer_free(&a);
	return json_pack("{sb sb}", "retry",
			 v == HTTP_THROTTLED || (v == HTTP_FAULT && r.effect != HTTP_CHANGE),
			 "throttling", v == HTTP_THROTTLED);
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "retry-dump"};
	json_t *question;

	cli_start(argc, argv, &cli);
	while ((question = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL))) {
		json_t *json = verdict(question);

		json_dumpf(json, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(json);
		json_decref(question);
	}
	return 0;
}
