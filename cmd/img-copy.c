/* SPDX-License-Identifier: ISC
 * Copies images to other regions: starts all copies, then waits for all of them. Writes each image
 * record, then one for each region. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "img-copy/copy.h"
#include "mem.h"
#include "stop.h"
#include "wait.h"

static const struct cli cli = {
    .usage = "img-copy -t REGION ... [-nq] [-f FILE] [-T TIME] [--again] [--encrypt] [--expect N] "
	     "[--interval TIME] [--kms-key REGION=KEY] [--max N] [--plan FILE] [--share ACCOUNT]",
    .help = "Copies images to other regions: the image records, each with its copies behind it.\n"
	    "  -n, --dry-run        only say what would be copied\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "  -t, --to REGION      where to; repeatable\n"
	    "  -T, --timeout TIME   wait so long for all copies (2h)\n"
	    "      --again          take up images and copies that failed here before, too\n"
	    "      --encrypt        encrypt the copies\n"
	    "      --expect N       refuse unless exactly N copies would be made\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --kms-key REGION=KEY  encrypt the copies there with this key; repeatable\n"
	    "      --max N          refuse if more than N copies would be made\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --share ACCOUNT  let this account use the images; repeatable\n",
    .changes = true,
};

enum { ENCRYPT = 256, INTERVAL, KMS_KEY, SHARE };

static const struct option longs[] = {BATCH_LONG,
				      {"to", required_argument, NULL, 't'},
				      {"timeout", required_argument, NULL, 'T'},
				      {"encrypt", no_argument, NULL, ENCRYPT},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"kms-key", required_argument, NULL, KMS_KEY},
				      {"share", required_argument, NULL, SHARE},
				      CLI_LONG,
				      {0}};

static void add_region(struct options *o, const char *region)
{
	cli_text_arg("-t", region);
	for (size_t i = 0; i < o->n_regions; i++)
		if (!strcmp(o->regions[i], region))
			return;
	o->regions = mem_grow(o->regions, o->n_regions + 1, sizeof *o->regions);
	o->regions[o->n_regions++] = region;
}

static void add_key(struct options *o, const char *text)
{
	const char *key = strchr(text, '=');
	char *region;

	if (!key || key == text || !key[1])
		cli_usage("--kms-key is REGION=KEY, not '%s'", text);
	region = mem_dup_n(text, (size_t)(key - text));
	if (json_object_get(o->keys, region))
		cli_usage("two keys for '%s'", region);
	if (json_object_set_new(o->keys, region, json_string(key + 1)))
		cli_usage("--kms-key is no UTF-8");
	free(region);
}

static void read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return;
	switch (option) {
	case 't':
		add_region(o, optarg);
		break;
	case 'T':
		o->limit_ms = cli_duration_arg("-T", optarg) * 1000;
		break;
	case ENCRYPT:
		o->encrypt = true;
		break;
	case INTERVAL:
		o->interval_ms = wait_interval_arg("--interval", optarg);
		break;
	case KMS_KEY:
		add_key(o, optarg);
		break;
	case SHARE:
		json_array_append_new(o->accounts, json_string(cli_text_arg("--share", optarg)));
		break;
	default:
		cli_option(option);
	}
}

static void check_keys(const struct options *o)
{
	const char *region;
	json_t *key;

	json_object_foreach(o->keys, region, key) {
		size_t i = 0;

		while (i < o->n_regions && strcmp(o->regions[i], region) != 0)
			i++;
		if (i == o->n_regions)
			cli_usage("--kms-key for '%s', but no -t %s", region, region);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){.limit_ms = 7200000, .keys = json_object(), .accounts = json_array()};
	while ((option = getopt_long(argc, argv, BATCH_SHORT "t:T:" CLI_SHORT, longs, NULL)) != -1)
		read_option(o, option);
	if (argv[optind])
		cli_usage("no operands, but '%s'", argv[optind]);
	if (!o->n_regions)
		cli_usage("where to? -t REGION");
	check_keys(o);
}

int main(int argc, char **argv)
{
	static const struct batch_rules rules = {
	    .filter = "img-copy", .kind = "image", .things = "copies", .counted = "image"};
	struct options o;
	struct copying c = {.o = &o};
	struct rec_io *io;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();

	io = rec_start("img-copy");
	c.accounts.engine = http_new();
	batch_begin(&c.batch, io, &rules, &o.batch);
	batch_read(&c.batch);
	copying_read(&c);
	copying_look(&c);
	if (batch_may_act(&c.batch))
		copying_act(&c);
	copying_write(&c);
	batch_end(&c.batch);

	cloud_accounts_close(&c.accounts);
	http_free(c.accounts.engine);
	json_decref(o.keys);
	json_decref(o.accounts);
	free(o.regions);
	return rec_finish(io);
}
