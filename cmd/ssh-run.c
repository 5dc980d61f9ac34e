/* SPDX-License-Identifier: ISC
 * Runs scripts on each machine of a stream over ssh, many at once; the result is on its record. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "plan.h"
#include "ssh-run/run.h"
#include "status.h"
#include "stop.h"
#include "wait.h"

static const struct cli cli = {
    .usage = "ssh-run [-nq] [-e NAME] [-F FILE] [-f FILE] [-i FILE] [-j N] [-l DIR] [-o OPTION] "
	     "[-t TIME] [--again] [--expect N] [--interval TIME] [--login TIME] [--max N] "
	     "[--no-cloud-init] [--plan FILE] [--private] [--sudo] [--user NAME] SCRIPT ...",
    .help = "Runs scripts on each machine of a stream, over ssh.\n"
	    "  -n, --dry-run        only say what would be done\n"
	    "  -e, --env NAME       hand this variable to the scripts; repeatable\n"
	    "  -F, --config FILE    ssh's configuration\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "  -i, --identity FILE  the private key to log in with (the agent's)\n"
	    "  -j, --jobs N         so many machines at once (8)\n"
	    "  -l, --logs DIR       keep the output as DIR/NAME.ssh-run.log\n"
	    "  -o, --option OPTION  for ssh, as its -o; repeatable\n"
	    "  -t, --timeout TIME   a script may take so long (no limit)\n"
	    "      --again          records that failed here before, too\n"
	    "      --expect N       refuse unless exactly N machines are meant\n"
	    "      --interval TIME  between two tries to log in (1s growing to 15s)\n"
	    "      --login TIME     wait so long until a machine lets us in (10m)\n"
	    "      --max N          refuse if more than N machines are meant\n"
	    "      --no-cloud-init  do not wait until cloud-init is done\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --private        prefer the private address\n"
	    "      --sudo           run the scripts as root, by sudo -n\n"
	    "      --user NAME      log in as NAME where a record does not say\n",
    .changes = true,
};

enum { INTERVAL = 256, LOGIN, NO_CLOUD_INIT, PRIVATE, SUDO, USER };

static const struct option longs[] = {BATCH_LONG,
				      {"env", required_argument, NULL, 'e'},
				      {"config", required_argument, NULL, 'F'},
				      {"identity", required_argument, NULL, 'i'},
				      {"jobs", required_argument, NULL, 'j'},
				      {"logs", required_argument, NULL, 'l'},
				      {"option", required_argument, NULL, 'o'},
				      {"timeout", required_argument, NULL, 't'},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"login", required_argument, NULL, LOGIN},
				      {"no-cloud-init", no_argument, NULL, NO_CLOUD_INIT},
				      {"private", no_argument, NULL, PRIVATE},
				      {"sudo", no_argument, NULL, SUDO},
				      {"user", required_argument, NULL, USER},
				      CLI_LONG,
				      {0}};

static void add_text(const char ***list, size_t *n, const char *text)
{
	*list = mem_grow(*list, *n + 1, sizeof **list);
	(*list)[(*n)++] = text;
}

static void read_option(struct run_options *o, int option)
{
	struct remote_options *r = &o->remote;

	if (batch_option(&o->batch, option, optarg))
		return;
	switch (option) {
	case 'e':
		add_text(&o->names, &o->n_names, optarg);
		break;
	case 'F':
		r->ssh.config = cli_text_arg("-F", optarg);
		break;
	case 'i':
		o->key_file = cli_text_arg("-i", optarg);
		break;
	case 'j':
		r->jobs = (int)cli_number_arg("-j", optarg, 1, 1000);
		break;
	case 'l':
		r->logs = cli_text_arg("-l", optarg);
		break;
	case 'o':
		add_text(&r->ssh.options, &r->ssh.n_options, cli_text_arg("-o", optarg));
		break;
	case 't':
		r->script_limit_ms = cli_duration_arg("-t", optarg) * 1000;
		break;
	case INTERVAL:
		r->interval_ms = wait_interval_arg("--interval", optarg);
		break;
	case LOGIN:
		r->login_limit_ms = cli_duration_arg("--login", optarg) * 1000;
		break;
	case NO_CLOUD_INIT:
		r->no_cloud_init = true;
		break;
	case PRIVATE:
		o->private_first = true;
		break;
	case SUDO:
		r->sudo = true;
		break;
	case USER:
		o->user = cli_text_arg("--user", optarg);
		break;
	default:
		cli_option(option);
	}
}

static void read_options(struct run_options *o, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, BATCH_SHORT "e:F:i:j:l:o:t:" CLI_SHORT, longs,
				     NULL)) != -1)
		read_option(o, option);
	o->scripts = argv + optind;
	if (!*o->scripts)
		cli_usage("say which scripts to run");
	cli_operands(o->scripts);
}

int main(int argc, char **argv)
{
	struct run_options o = {.remote.step = "ssh-run"};
	struct rec_io *io;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();

	io = rec_start(cli_name);
	run_scripts(io, &o);
	free(o.names);
	free(o.remote.ssh.options);
	return rec_finish(io);
}
