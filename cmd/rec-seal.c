/* SPDX-License-Identifier: ISC
 * Runs a command that knows nothing of sealed streams inside one: keeps the `end` records from it
 * and ends the stream only if the input was whole and the command exited 0.
 *
 * Three processes, so that no pipe can fill up while nobody reads: the feeder (a child) reads the
 * input and writes it to COMMAND (its child); this one reads what COMMAND writes. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

static const struct cli self = {
    .usage = "rec-seal [-f FILE] COMMAND [ARGUMENT ...]",
    .help = "Runs COMMAND on a stream of records, sealed by SLUICE_SEAL=1 or not.\n"
	    "  -f, --file FILE       read FILE instead of standard input\n"};

/* What the feeder found, in memory that it shares with its parent. */
struct verdict {
	int command; /* COMMAND's status as ours, 0 when it succeeded */
	int input;   /* the input's, by the rules of sluice(7) */
	bool whole;  /* all came in, and COMMAND exited 0 */
	bool told;   /* that COMMAND could not be run */
};

static _Noreturn void die_of(const char *what)
{
	cli_die(ST_BUG, "cannot %s: %s", what, strerror(errno));
}

/* A child does not outlive its parent, which may be killed at any moment. */
static pid_t fork_bound(void)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		die_of("start a process");
	if (!child && (prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent))
		_exit(ST_BUG);
	return child;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die_of("wait for a process");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* 123 to 127 and 255 have a meaning for the programs that run other programs, ours for nobody. */
static int own_status(int status)
{
	switch (status) {
	case 124: /* timeout(1) */
		return ST_TEMP;
	case 126: /* the shell: cannot be run, not found */
	case 127:
		return ST_CONFIG;
	case 123:
	case 125:
	case 255:
		return ST_BUG;
	default:
		return status;
	}
}

static _Noreturn void run(char **command, int in, int out, struct verdict *v)
{
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	unsetenv("SLUICE_SEAL"); /* it gets no end, and its own would not be believed */
	execvp(command[0], command);
	cli_warn("cannot run '%s': %s", command[0], strerror(errno));
	v->told = true;
	_exit(ST_CONFIG);
}

/* False: nobody reads any more. */
static bool put(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* A command may stop reading (head); whether the input is whole is then still to be found out. */
static void feed(struct rec_io *io, int fd)
{
	bool wanted = true;
	struct rec *r;

	while ((wanted || rec_sealed()) && (r = rec_read(io))) {
		r->text[r->len] = '\n';
		wanted = wanted && put(fd, r->text, r->len + 1);
		rec_status(io, rec_error(r));
		rec_free(r);
	}
}

/* The feeder: runs COMMAND and feeds it. */
static void supervise(struct rec_io *io, char **command, bool input, int out, struct verdict *v)
{
	int in[2], status;
	pid_t child;

	if (pipe2(in, O_CLOEXEC))
		die_of("make a pipe");
	child = fork_bound();
	if (!child)
		run(command, input ? in[0] : STDIN_FILENO, out, v);
	close(in[0]);
	close(out);
	close(STDOUT_FILENO);
	signal(SIGPIPE, SIG_IGN);
	feed(io, in[1]);
	close(in[1]);

	status = wait_for(child);
	v->command = own_status(status);
	v->input = rec_outcome(io);
	v->whole = !status && rec_whole(io) && !rec_broken(io);
	if (status > 128 && status < 255)
		cli_warn("'%s' failed: ended by signal %d", command[0], status - 128);
	else if (status && !v->told)
		cli_warn("'%s' failed: exit status %d", command[0], status);
	if (!rec_whole(io))
		cli_warn("the input is not whole: what is before this did not finish, "
			 "or is a foreign command without rec-seal");
}

/* One single document is a file that somebody keeps: it gets no end. */
static void pass_output(struct rec_io *io)
{
	struct rec *first = rec_read(io), *r;

	if (!first)
		return;
	if (first->kind) {
		rec_write(io, first);
	} else if ((r = rec_read(io))) {
		rec_write(io, first);
		rec_write(io, r);
	} else {
		first->text[first->len] = '\n';
		rec_print(io, first->text, first->len + 1);
		rec_free(first);
	}
	while ((r = rec_read(io)))
		rec_write(io, r);
}

static int finish(struct rec_io *io, const struct verdict *v, int feeder)
{
	int status;

	rec_vouch(io, v->whole && !feeder);
	status = rec_finish(io);
	if (status == ST_IO)
		return status;
	if (feeder || v->command)
		return feeder ? feeder : v->command;
	return v->input && (!status || v->input != ST_PART) ? v->input : status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {NULL, 0, NULL, 0}};
	const char *file = NULL;
	struct verdict *verdict;
	struct rec_io *io;
	int option, out[2];
	pid_t feeder;
	char *name;

	cli_start(argc, argv, &self);
	while ((option = getopt_long(argc, argv, "+f:" CLI_SHORT, options, NULL)) != -1)
		if (option == 'f')
			cli_file(&file, optarg);
		else
			cli_option(option);
	if (optind == argc)
		cli_usage("the command to run is missing");
	if (!*argv[optind])
		cli_usage("the name of the command is empty");

	signal(SIGCHLD, SIG_DFL);
	io = rec_start("rec-seal");
	rec_documents(io, true);
	verdict =
	    mmap(NULL, sizeof(*verdict), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (verdict == MAP_FAILED || pipe2(out, O_CLOEXEC))
		die_of("make a pipe");
	feeder = fork_bound();
	if (!feeder) {
		bool input = file || !isatty(STDIN_FILENO); /* a terminal is COMMAND's own */

		if (input)
			rec_open(io, file);
		supervise(io, argv + optind, input, out[1], verdict);
		_exit(ST_OK);
	}
	close(out[1]);
	name = mem_fmt("<output of %s>", argv[optind]);
	rec_open_fd(io, out[0], name);

	pass_output(io);
	free(name);
	return finish(io, verdict, wait_for(feeder));
}
