/* SPDX-License-Identifier: ISC
 * profile-dump CONFIG CREDENTIALS: what profile_parse() makes of the two files (- for none), or
 * {"error":…}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds.h"
#include "aws/profile.h"
#include "cli.h"

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "profile-dump CONFIG CREDENTIALS"};
	struct failure f = {0};
	char *config, *credentials;
	json_t *all;

	cli_start(argc, argv, &cli);
	if (argc != 3)
		cli_usage("two operands are wanted");
	config = creds_file(argv[1]);
	credentials = creds_file(argv[2]);
	all = profile_parse(config, config ? strlen(config) : 0, credentials,
			    credentials ? strlen(credentials) : 0, &f);
	if (!all)
		all = json_pack("{ss}", "error", f.message);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
	fail_free(&f);
	free(config);
	free(credentials);
	return 0;
}
