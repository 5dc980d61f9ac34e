/* SPDX-License-Identifier: ISC
 * sandbox: clouds on loopback, for tests and for a first look without an account. See README.md. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "mem.h"
#include "world.h"

static const char usage[] =
    "usage: sandbox [--speed N] [--tick SECONDS] [--seed FILE] [--state FILE] [--machines]\n"
    "               [--daemon [--with PID] | --run COMMAND ...]\n"
    "Prints its URL and serves until SIGTERM. --daemon: prints URL and PID, then goes to the\n"
    "background, until PID ends; --run: runs COMMAND with the environment that leads to it.\n"
    "--speed: model seconds in a second; --tick: model seconds that a request takes;\n"
    "--machines: those of the clouds have an sshd of their own (also by SANDBOX_MACHINES=1);\n"
    "--seed: what there is besides the default; --state: loaded at first, written at last.\n";

struct options {
	double speed, tick;
	const char *seed, *state;
	bool daemon, run, machines;
	pid_t with;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "sandbox: %s: %s\n", what, why);
	exit(1);
}

static double number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (*end || end == text || value < 0)
		die(text, "not a number");
	return value;
}

static struct options read_options(int argc, char **argv)
{
	static const struct option names[] = {
	    {"speed", 1, NULL, 's'}, {"tick", 1, NULL, 't'},     {"seed", 1, NULL, 'S'},
	    {"state", 1, NULL, 'f'}, {"run", 0, NULL, 'r'},      {"daemon", 0, NULL, 'd'},
	    {"with", 1, NULL, 'w'},  {"machines", 0, NULL, 'm'}, {"help", 0, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	struct options o = {.speed = -1, .machines = getenv("SANDBOX_MACHINES")};
	int c;

	while ((c = getopt_long(argc, argv, "+h", names, NULL)) != -1)
		switch (c) {
		case 's':
			o.speed = number(optarg);
			break;
		case 't':
			o.tick = number(optarg);
			break;
		case 'S':
			o.seed = optarg;
			break;
		case 'f':
			o.state = optarg;
			break;
		case 'r':
			o.run = true;
			break;
		case 'd':
			o.daemon = true;
			break;
		case 'w':
			o.with = (pid_t)number(optarg);
			break;
		case 'm':
			o.machines = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(64);
		}
	if (o.run ? optind == argc : optind != argc) {
		fputs(usage, stderr);
		exit(64);
	}
	return o;
}

static json_t *read_json(const char *file)
{
	json_error_t wrong;
	json_t *value = json_load_file(file, 0, &wrong);

	if (!value)
		die(file, wrong.text);
	return value;
}

static void prepare(const struct options *o)
{
	if (o->speed >= 0 || o->tick > 0)
		world_speed(o->speed >= 0 ? o->speed : 0);
	world_tick(o->tick);
	world_reset();
	if (o->seed) {
		json_t *seed = read_json(o->seed);

		world_seed(seed);
		json_decref(seed);
	}
	if (o->state && !access(o->state, F_OK)) {
		json_t *dump = read_json(o->state);

		if (!world_load(dump))
			die(o->state, "not a state");
		json_decref(dump);
	}
}

static void keep(const struct options *o)
{
	json_t *dump = o->state ? world_dump() : NULL;
	char *fresh;

	if (!dump)
		return;
	fresh = mem_fmt("%s.new", o->state);
	if (json_dump_file(dump, fresh, JSON_INDENT(1)) || rename(fresh, o->state))
		die(o->state, "cannot write it");
	free(fresh);
	json_decref(dump);
}

static pid_t run(char **command, const char *url)
{
	const char *const env[][2] = {
	    {"AWS_ENDPOINT_URL", url},
	    {"AWS_EC2_METADATA_SERVICE_ENDPOINT", url},
	    {"SANDBOX_URL", url},
	    {"AWS_ACCESS_KEY_ID", "AKIDSANDBOX"},
	    {"AWS_SECRET_ACCESS_KEY", "sandbox-secret-key"},
	    {"AWS_REGION", "us-west-2"},
	    {"AWS_DEFAULT_REGION", "us-west-2"},
	    {"AWS_CONFIG_FILE", "/dev/null"},
	    {"AWS_SHARED_CREDENTIALS_FILE", "/dev/null"},
	    {"DIGITALOCEAN_API_URL", url},
	    {"DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_sandbox"},
	};
	char *ssh = machines_on() ? mem_fmt("ssh -F %s", machines_ssh_config()) : NULL;
	sigset_t none;
	pid_t pid = fork();

	if (pid) {
		free(ssh);
		return pid;
	}
	for (size_t i = 0; i < sizeof env / sizeof *env; i++)
		setenv(env[i][0], env[i][1], 1);
	if (ssh)
		setenv("SLUICE_SSH", ssh, 1);
	unsetenv("AWS_SESSION_TOKEN");
	unsetenv("AWS_PROFILE");
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(command[0], command);
	fprintf(stderr, "sandbox: cannot run '%s': %s\n", command[0], strerror(errno));
	_exit(127);
}

static int catch (bool interrupts)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGCHLD);
	if (interrupts)
		sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int status_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Until a signal, or what it was started with, ends it; the exit status. */
static int loop(struct server *s, int signals, int watched, pid_t child)
{
	struct pollfd fds[] = {
	    {server_fd(s), POLLIN, 0}, {signals, POLLIN, 0}, {watched, POLLIN, 0}};

	for (;;) {
		struct signalfd_siginfo got;

		fds[1].revents = fds[2].revents = 0;
		poll(fds, 3, server_timeout(s));
		server_run(s);
		if (fds[2].revents)
			return 0;
		if (!fds[1].revents || read(signals, &got, sizeof got) != sizeof got)
			continue;
		if (got.ssi_signo == SIGCHLD && child)
			return status_of(child);
		if (got.ssi_signo != SIGCHLD && !child)
			return 0;
		if (got.ssi_signo == SIGTERM)
			kill(child, SIGTERM);
	}
}

static void to_background(const char *url)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = fork();

	if (pid < 0)
		die("cannot fork", strerror(errno));
	if (pid) {
		printf("%s %ld%s%s\n", url, (long)pid, machines_on() ? " " : "",
		       machines_on() ? machines_ssh_config() : "");
		exit(fflush(stdout) ? 1 : 0);
	}
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
}

int main(int argc, char **argv)
{
	struct options o = read_options(argc, argv);
	struct server *s;
	int signals, watched = -1, status;
	pid_t child = 0;
	const char *why;
	char *url;

	signal(SIGPIPE, SIG_IGN);
	if (o.machines && (why = machines_prepare()))
		die("machines", why);
	prepare(&o);
	s = server_start();
	if (!s)
		die("cannot listen", strerror(errno));
	url = mem_fmt("http://127.0.0.1:%d", server_port(s));
	if (o.with && (watched = (int)syscall(SYS_pidfd_open, o.with, 0)) < 0)
		die("cannot watch the process", strerror(errno));
	signals = catch (!o.run);
	if (o.daemon)
		to_background(url);
	if (o.machines)
		machines_start();
	if (o.run) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		signal(SIGINT, SIG_IGN);
		child = run(argv + optind, url);
	} else if (!o.daemon && (puts(url) < 0 || fflush(stdout)))
		die("cannot write", strerror(errno));
	status = loop(s, signals, watched, child);
	server_stop(s);
	keep(&o);
	machines_end();
	free(url);
	return status;
}
