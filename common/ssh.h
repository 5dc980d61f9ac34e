/* SPDX-License-Identifier: ISC
 * Commands on machines by the user's own ssh program: one or hundreds of sessions at once, host
 * keys always verified, phases told apart, trace and replay. */
#ifndef SLUICE_SSH_H
#define SLUICE_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "failure.h"

/* What the user adds: -F and each -o, as ssh has them. Ours come first on the command line, and so
 * win. The program is the first word of SLUICE_SSH (words as sh splits them, its others are options
 * for it), else "ssh". What they point to must outlive the engine. */
struct ssh_options {
	const char *config;   /* NULL: ssh's own */
	const char **options; /* "ServerAliveInterval=5" */
	size_t n_options;
};

struct ssh_target {
	const char *name;       /* what it is called in messages */
	const char *host;       /* an address or a name */
	int port;               /* 0: 22, or what ssh's configuration says */
	const char *user;       /* NULL: what ssh's configuration says */
	const char *key_file;   /* NULL: the agent's keys, or what ssh's configuration says */
	const char **host_keys; /* "ssh-ed25519 AAAA…": only these are accepted */
	size_t n_host_keys;     /* 0: it must be in the user's own known_hosts */
};

/* How far a session came. */
enum ssh_phase {
	SSH_STARTED,
	SSH_PORT,     /* the port took the connection */
	SSH_BANNER,   /* an ssh server answers */
	SSH_HOST_KEY, /* it is the right machine */
	SSH_LOGIN,    /* it lets us in */
	SSH_COMMAND,  /* the command was started */
};

struct ssh_session {
	struct ssh_target target; /* what it points to must outlive the session */
	char *command;    /* for the machine's shell; owned. Others can read it: no secrets */
	struct buf input; /* its standard input, and then what comes from */
	int input_fd;     /* this descriptor, closed by the engine; -1: nothing */
	char
	    *identity; /* owned: by what a replay knows the session again, beside the name;
			* NULL: command and input. Needed when these hold random bytes or secrets */
	char *mark;    /* owned: what follows it in a line goes to told(); or NULL */
	char *goodbye; /* owned: its input stays open, and ends with this when it is to end; NULL:
			* the input ends after what is sent */
	int64_t limit_ms; /* 0: none but SLUICE_DEADLINE */

	/* Callbacks, all may be NULL; in a replay all come at once. Lines are what the command
	 * writes to its standard output and error, as it comes, without newline, with secrets
	 * masked; one of more than 64 kB comes in pieces. */
	void (*phased)(struct ssh_session *s);
	void (*told)(struct ssh_session *s, const char *text);
	void (*line)(struct ssh_session *s, const char *text, size_t len);
	/* Called once when it is settled; may ssh_add() more. The session is released when it
	 * returns. Only from here may clk_now() and the like be called: sessions settle in a replay
	 * in the order in which they did. */
	void (*done)(struct ssh_session *s);
	void *ctx; /* the caller's */

	/* The answer. */
	enum ssh_phase phase;
	int status;             /* the command's, when failure.status is 0; 128+n for a signal */
	struct failure failure; /* 75 "network" (nothing there, or not yet), 75 "connection-lost"
				 * (after the login), 75 "deadline", 77 "host-key" (nothing was
				 * sent; never of use again), 77 "denied", 78 "no-ssh", 128+n
				 * "interrupted", 66 "not-recorded". The message has the target's
				 * name. */
	struct buf tail;        /* the last 8 kB of its lines, masked */
	int64_t began_ms;       /* wall clock */
	int64_t took_ms;

	struct ssh_running *running; /* the engine's */
};

/* A copy of the options is not made. */
struct ssh *ssh_new(const struct ssh_options *options);
void ssh_free(struct ssh *h);
void ssh_parallel(struct ssh *h, int most); /* sessions at once; 64 */

/* {0} but for input_fd (-1) and what is given; the command is copied. */
struct ssh_session *ssh_session_new(const struct ssh_target *target, const char *command);

/* Queues; the engine owns s from here on. `delay_ms`: not to be begun before (at once in a
 * replay). */
void ssh_add(struct ssh *h, struct ssh_session *s, int64_t delay_ms);
/* For told(): the command says that it has ended with this status. Whoever still holds its output,
 * a daemon that it left, is not waited for. */
void ssh_exited(struct ssh_session *s, int status);
/* Runs until all that was queued, and what the callbacks queue, is settled. In a callback it
 * returns at once. SIGINT and SIGTERM (stop.h): what waits is settled at once, what is under way
 * after two seconds, "interrupted"; ssh and all that it started is killed. */
void ssh_run(struct ssh *h);

/* ssh on this terminal: the same options for the host key, but it may ask, and has a terminal.
 * `words` (NULL-terminated, may be empty) are the command. Returns ssh's own status, 128+n, or 255
 * as 75 (it could not connect); -1 with f when it could not be started (78). Its standard output is
 * `out_fd`. */
int ssh_terminal(const struct ssh_options *options, const struct ssh_target *target,
		 char *const *words, int out_fd, struct failure *f);
/* An ssh_config fragment for the target: Host NAME with HostName, Port, User, IdentityFile,
 * HostKeyAlias, UserKnownHostsFile. */
void ssh_config_text(struct buf *b, const struct ssh_target *target, const char *known_hosts);
/* The lines of a known_hosts file with the target's keys. */
void ssh_known_hosts_text(struct buf *b, const struct ssh_target *target);
/* Whether ssh can be given this: an address, a user name, a port, public keys. Else false, f: 65.
 * The engine asks it, too. */
bool ssh_target_check(const struct ssh_target *target, struct failure *f);
/* What is wrong with a host key ("ssh-ed25519 AAAA… comment"), or NULL. */
const char *ssh_host_key_wrong(const char *key);

#endif
