/* SPDX-License-Identifier: ISC
 * The least filter: passes records on; sets members named by operands KEY=VALUE on those of kind
 * "test", fails those that have a member "fail". */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "rec.h"

static const struct cli cli = {"rec-cat [-f FILE] [KEY=VALUE ...]", "Passes records on.\n", false};

static void change(struct rec_io *io, struct rec *r, char **settings)
{
	const char *fail = rec_string(r, "fail");
	struct failure f = {0};

	for (; *settings; settings++) {
		char *value = strchr(*settings, '=');
		char *key = mem_dup_n(*settings, (size_t)(value - *settings));

		rec_set(r, key, json_string(value + 1));
		free(key);
	}
	if (fail) {
		fail_set(&f, (int)strlen(fail) + 64, "test", "cannot pass '%s': it says so", fail);
		rec_fail(io, r, &f);
		fail_free(&f);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {0}};
	const char *file = NULL;
	struct rec_io *io;
	struct rec *r;
	int c;

	cli_start(argc, argv, &cli);
	while ((c = getopt_long(argc, argv, "f:" CLI_SHORT, options, NULL)) != -1)
		if (c == 'f')
			file = optarg;
		else
			cli_option(c);
	io = rec_start(cli_name);
	rec_open(io, file);
	while ((r = rec_read(io))) {
		if (rec_is(r, "test"))
			change(io, r, argv + optind);
		rec_write(io, r);
	}
	return rec_finish(io);
}
