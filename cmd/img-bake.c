/* SPDX-License-Identifier: ISC
 * Bakes machine images: each step reads and writes the bake record. */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "img-bake/bake.h"
#include "mem.h"
#include "status.h"
#include "stop.h"
#include "trace.h"
#include "wait.h"

static const struct cli cli = {
    .usage = "img-bake up|create-image|destroy|down|status [-nq] [-f FILE | -i FILE] [-F CONFIG] "
	     "[-o OPTION] [-t TIME] [--again] [--console-keys] [--expect N] [--force] "
	     "[--interval TIME] [--lag TIME] [--max N] [--no-ssh] [--plan FILE]\n"
	     "img-bake bootstrap|tests|verify [-nq] [-e NAME] [-f FILE | -i FILE] [-F CONFIG] "
	     "[-l DIR] [-o OPTION] [-t TIME] [--again] [--console-keys] [--expect N] "
	     "[--interval TIME] [--lag TIME] [--max N] [--plan FILE] [--sudo] "
	     "[SCRIPT|DIRECTORY ...]\n"
	     "img-bake ssh -f FILE [-F CONFIG] [-o OPTION] [COMMAND ...]\n"
	     "img-bake ssh-config [-q] [-f FILE]\n",
    .help = "Makes machine images, a step at a time; bake records go from one to the next.\n"
	    "  -e, --env NAME       hand this variable to the scripts; repeatable\n"
	    "  -f, --file FILE      records from FILE, not from standard input\n"
	    "  -F, --config FILE    ssh's configuration file\n"
	    "  -i, --in-place FILE  records from FILE, and back into it\n"
	    "  -l, --logs DIR       what the scripts print goes to DIR/NAME.STEP.log, too\n"
	    "  -n, --dry-run        only say what would be done\n"
	    "  -o, --option OPTION  an option of ssh: Name=value; repeatable\n"
	    "  -t, --timeout TIME   wait so long: for a machine (20m), an image (2h), a script (no "
	    "limit)\n"
	    "      --again          records that failed in this step before, too\n"
	    "      --console-keys   read the host keys from the console, give the machine none\n"
	    "      --expect N       refuse unless exactly N things would change\n"
	    "      --force          remove the machine even when it carries no expiry\n"
	    "      --interval TIME  between two looks (1s growing to 15s)\n"
	    "      --lag TIME       lists may hide a new machine so long (15s)\n"
	    "      --max N          refuse if more than N things would change\n"
	    "      --no-ssh         do not log in to the machine\n"
	    "      --plan FILE      do only what FILE, the output of -n, names\n"
	    "      --sudo           scripts run as root\n",
    .changes = true,
};

enum { CONSOLE_KEYS = 256, FORCE, INTERVAL, LAG, NO_SSH, SUDO };

static const struct option longs[] = {BATCH_LONG,
				      {"config", required_argument, NULL, 'F'},
				      {"env", required_argument, NULL, 'e'},
				      {"in-place", required_argument, NULL, 'i'},
				      {"logs", required_argument, NULL, 'l'},
				      {"option", required_argument, NULL, 'o'},
				      {"timeout", required_argument, NULL, 't'},
				      {"console-keys", no_argument, NULL, CONSOLE_KEYS},
				      {"force", no_argument, NULL, FORCE},
				      {"interval", required_argument, NULL, INTERVAL},
				      {"lag", required_argument, NULL, LAG},
				      {"no-ssh", no_argument, NULL, NO_SSH},
				      {"sudo", no_argument, NULL, SUDO},
				      CLI_LONG,
				      {0}};

/* Letters of options: b batch, f file, k console-keys, l lag, L logs, n no-ssh, s ssh, S sudo,
 * t timeout, i interval, I in place, e env, F force. */
static const struct step steps[] = {
    {.name = "up",
     .options = "bfIstiknl",
     .check = up_check,
     .look = up_look,
     .act = up_act,
     .changes = true,
     .limit_seconds = 1200},
    {.name = "bootstrap",
     .options = "bfIstieLS",
     .scripts = true,
     .check = scripts_check,
     .act = scripts_act,
     .changes = true},
    {.name = "tests",
     .options = "bfIstieLS",
     .scripts = true,
     .check = scripts_check,
     .act = scripts_act,
     .changes = true},
    {.name = "create-image",
     .options = "bfIstinl",
     .check = image_check,
     .look = image_look,
     .act = image_act,
     .changes = true,
     .limit_seconds = 7200},
    {.name = "verify",
     .options = "bfIstieLSkl",
     .scripts = true,
     .check = verify_check,
     .act = verify_act,
     .changes = true,
     .limit_seconds = 1200},
    {.name = "destroy",
     .options = "bfItilF",
     .check = destroy_check,
     .look = destroy_look,
     .act = destroy_act,
     .changes = true,
     .deletes = true,
     .failed_too = true,
     .limit_seconds = 900},
    {.name = "down",
     .options = "bfIti",
     .check = down_check,
     .look = down_look,
     .act = down_act,
     .changes = true,
     .limit_seconds = 600},
    {.name = "status",
     .options = "fI",
     .check = status_check,
     .act = status_act,
     .failed_too = true},
    {.name = "ssh", .options = "fs", .failed_too = true},
    {.name = "ssh-config", .options = "f", .failed_too = true},
};

static const struct step *find_step(const char *name)
{
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (name && !strcmp(name, steps[i].name))
			return &steps[i];
	if (name)
		cli_usage("no step: '%s'", name);
	cli_usage(
	    "what to do? up, bootstrap, tests, create-image, verify, destroy, down, status, ssh "
	    "or ssh-config");
}

static void add_ssh_option(struct options *o, const char *option)
{
	struct ssh_options *ssh = &o->remote.ssh;

	if (!strchr(option, '='))
		cli_usage("-o is '%s', not Name=value", option);
	ssh->options = mem_grow(ssh->options, ssh->n_options + 1, sizeof *ssh->options);
	ssh->options[ssh->n_options++] = option;
}

static int64_t lag_arg(const char *text)
{
	return !strcmp(text, "0") || !strcmp(text, "0s") ? 0 : wait_interval_arg("--lag", text);
}

/* The option's letter among those of a step. */
static char read_option(struct options *o, int option)
{
	if (batch_option(&o->batch, option, optarg))
		return option == 'f' ? 'f' : 'b';
	switch (option) {
	case 'F':
		o->remote.ssh.config = cli_text_arg("-F", optarg);
		return 's';
	case 'o':
		add_ssh_option(o, optarg);
		return 's';
	case 'e':
		json_array_append_new(o->environment, json_string(cli_text_arg("-e", optarg)));
		return 'e';
	case 'i':
		cli_file(&o->in_place, optarg);
		return 'I';
	case 'l':
		o->remote.logs = cli_text_arg("-l", optarg);
		return 'L';
	case 't':
		o->limit_ms = cli_duration_arg("-t", optarg) * 1000;
		return 't';
	case CONSOLE_KEYS:
		o->console_keys = true;
		return 'k';
	case FORCE:
		o->force = true;
		return 'F';
	case INTERVAL:
		o->interval_ms = wait_interval_arg("--interval", optarg);
		return 'i';
	case LAG:
		o->lag_ms = lag_arg(optarg);
		return 'l';
	case NO_SSH:
		o->no_ssh = true;
		return 'n';
	case SUDO:
		o->remote.sudo = true;
		return 'S';
	default:
		cli_option(option);
		return 0;
	}
}

static void check_operands(const struct options *o, const struct step *step)
{
	if (*o->operands && !step->scripts && strcmp(step->name, "ssh") != 0)
		cli_usage("%s has no operand, but '%s'", step->name, *o->operands);
	if (step->scripts)
		cli_operands(o->operands);
	if (o->in_place && o->batch.file)
		cli_usage("-f and -i exclude each other");
	if (!strcmp(step->name, "ssh") && !o->batch.file)
		cli_usage("ssh needs -f FILE: standard input is the command's");
}

/* In a replay they come from the recording, which is found by the input, later. */
static void check_environment(const struct options *o)
{
	struct remote *remote = remote_new(&o->remote);
	struct failure f = {0};
	json_t *name;
	size_t i;

	json_array_foreach(o->environment, i, name)
		if (trace_mode() != TRACE_REPLAY &&
		    !remote_environment_from(remote, json_string_value(name), &f))
			cli_fail(&f);
	remote_free(remote);
}

/* Options up to the first operand, or all; returns where the operands begin. */
static int take_options(struct options *o, char *given, int argc, char **argv, bool up_to_operand)
{
	int option;

	optind = 0; /* from the begin */
	while ((option = getopt_long(argc, argv,
				     up_to_operand ? "+" BATCH_SHORT "F:e:i:l:o:t:" CLI_SHORT
						   : BATCH_SHORT "F:e:i:l:o:t:" CLI_SHORT,
				     longs, NULL)) != -1) {
		char letter = read_option(o, option);

		if (letter && !strchr(given, letter))
			given[strlen(given)] = letter;
	}
	return optind;
}

static const struct step *read_options(struct options *o, int argc, char **argv)
{
	const struct step *step;
	char given[64] = "";
	int at;

	*o = (struct options){.environment = json_array(), .lag_ms = 15000, .limit_ms = -1};
	at = take_options(o, given, argc, argv, true);
	step = find_step(argv[at]);
	argv[at] = argv[0]; /* for getopt's messages */
	/* the options of a command for ssh are the command's */
	at += take_options(o, given, argc - at, argv + at, !step->scripts);
	o->step = step->name;
	o->operands = argv + at;
	if (strspn(given, step->options) != strlen(given))
		cli_usage("%s takes fewer options than that", step->name);
	check_operands(o, step);
	if (step->scripts && strcmp(step->name, "verify") != 0)
		o->remote.script_limit_ms = o->limit_ms > 0 ? o->limit_ms : 0;
	if (o->limit_ms < 0)
		o->limit_ms = step->limit_seconds * 1000;
	o->remote.login_limit_ms = o->limit_ms;
	o->remote.interval_ms = o->interval_ms;
	if (o->in_place)
		o->batch.file = o->in_place;
	return step;
}

/* A file that is replaced when all is written: standard output goes beside it. */
struct in_place {
	char *place, *fresh; /* of a symbolic link, where it leads */
};

static void begin_in_place(struct in_place *p, const char *path)
{
	struct stat old;
	int fd;

	p->place = realpath(path, NULL);
	if (!p->place || stat(p->place, &old))
		cli_die(ST_NOINPUT, "cannot read '%s': %m", path);
	p->fresh = mem_fmt("%s.XXXXXX", p->place);
	fd = mkostemp(p->fresh, O_CLOEXEC);
	if (fd < 0)
		cli_die(ST_IO, "cannot write beside '%s': %m", path);
	if (fchmod(fd, old.st_mode & 07777) || dup2(fd, STDOUT_FILENO) < 0) {
		cli_warn("cannot write beside '%s': %m", path);
		unlink(p->fresh);
		exit(ST_IO);
	}
	close(fd);
}

/* All records are written by now: they take the file's place, also when one failed. */
static void end_in_place(struct in_place *p, struct rec_io *io)
{
	if (p->fresh &&
	    (rec_stdout_lost(io) || fsync(STDOUT_FILENO) || rename(p->fresh, p->place))) {
		cli_warn("cannot replace '%s': %m", p->place);
		rec_status(io, ST_IO);
		unlink(p->fresh);
	}
	free(p->fresh);
	free(p->place);
}

static void take_step(struct rec_io *io, const struct step *step, const struct options *o)
{
	struct http *engine;
	struct in_place place = {0};

	if (step->changes)
		stop_catch();
	stop_put_off(step->deletes);
	if (o->in_place)
		begin_in_place(&place, o->in_place);
	engine = http_new();
	if (step->act)
		step_run(io, engine, o, step);
	else
		ssh_config_step(io, o);
	http_free(engine);
	end_in_place(&place, io);
	stop_put_off(false);
}

int main(int argc, char **argv)
{
	const struct step *step;
	struct options o;
	struct rec_io *io;
	char *filter;
	int status, of_ssh = 0;

	cli_start(argc, argv, &cli);
	step = read_options(&o, argc, argv);
	o.filter = filter = mem_fmt("%s %s", cli_name, step->name);
	io = rec_start(filter);
	check_environment(&o);
	if (!strcmp(step->name, "ssh"))
		of_ssh = ssh_step(io, &o);
	else
		take_step(io, step, &o);
	status = rec_finish(io);

	json_decref(o.environment);
	free(o.remote.ssh.options);
	free(filter);
	return of_ssh ? of_ssh : status;
}
