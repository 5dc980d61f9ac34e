/* SPDX-License-Identifier: ISC
 * creds-dump [PROFILE]: the keys that the chain finds, as JSON, or the error and its status. */
#include <stdio.h>
#include <stdlib.h>

#include "aws/creds.h"
#include "cli.h"

static json_t *as_json(const struct aws_keys *k)
{
	return json_pack("{ss ss ss* ss* sI ss}", "access_key_id", k->id, "secret_access_key",
			 k->secret, "session_token", k->token, "account_id", k->account, "expiry",
			 (json_int_t)(k->expires / 1000), "source", k->source);
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "creds-dump [PROFILE]"};
	struct failure f = {0};
	struct aws_keys keys = {0};
	struct profiles p;
	struct creds c = {.p = &p, .engine = http_new()};
	json_t *json;

	cli_start(argc, argv, &cli);
	if (!profiles_load(&p, argv[1], &f))
		cli_fail(&f);
	c.region = getenv("AWS_REGION") ? getenv("AWS_REGION") : profiles_get(&p, "region");
	if (!creds_find(&c, &keys, &f))
		cli_fail(&f);
	json = as_json(&keys);
	json_dumpf(json, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(json);
	aws_keys_free(&keys);
	buf_free(&c.tried);
	http_free(c.engine);
	profiles_free(&p);
	return 0;
}
