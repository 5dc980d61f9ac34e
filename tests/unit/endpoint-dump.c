/* SPDX-License-Identifier: ISC
 * endpoint-dump: for each line {"service","region","fips","dualstack","global","endpoint"} where
 * that service answers: {"url","region"} or {"error"}. With -p, {"service","region","flag"} and
 * the profile files and environment decide. */
#include <stdio.h>
#include <string.h>

#include "aws/endpoint.h"
#include "cli.h"

static const char *text(const json_t *json, const char *key)
{
	return json_string_value(json_object_get(json, key));
}

static bool on(const json_t *json, const char *key)
{
	return json_is_true(json_object_get(json, key));
}

static json_t *answer(const json_t *question, const struct profiles *p)
{
	const struct aws_service *s = aws_service(text(question, "service"));
	struct aws_service other = {.name = text(question, "service"),
				    .prefix = text(question, "service"),
				    .id = text(question, "id")};
	struct aws_variant v = {on(question, "fips"), on(question, "dualstack"),
				on(question, "global")};
	const char *region = text(question, "region"), *custom = text(question, "endpoint");
	struct failure f = {0};
	struct aws_where w;
	json_t *json;
	bool ok;

	if (!s)
		s = &other;
	ok =
	    p ? aws_endpoint(&w, s, region, p, custom, &f) : aws_host(&w, s, region, v, custom, &f);
	json = ok ? json_pack("{ss ss*}", "url", w.url, "region", w.region)
		  : json_pack("{ss}", "error", f.message);
	aws_where_free(&w);
	fail_free(&f);
	return json;
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "endpoint-dump [-p]"};
	struct failure f = {0};
	struct profiles p = {0};
	bool files = argc > 1 && !strcmp(argv[1], "-p");
	json_t *question;

	cli_start(argc, argv, &cli);
	if (files && !profiles_load(&p, NULL, &f))
		cli_fail(&f);
	while ((question = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, NULL))) {
		json_t *json = answer(question, files ? &p : NULL);

		json_dumpf(json, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(json);
		json_decref(question);
	}
	profiles_free(&p);
	return 0;
}
