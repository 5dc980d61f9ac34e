/* SPDX-License-Identifier: ISC
 * The parts of the ssh engine, for its own files. */
#ifndef SLUICE_SSH_PRIVATE_H
#define SLUICE_SSH_PRIVATE_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "ssh.h"

enum {
	SSH_LINE_MAX = 65536,
	SSH_TAIL = 8192,
	SSH_KEPT = 1 << 20, /* of the output, in a trace */
	SSH_LOGIN_MS = 60000,
	SSH_GRACE_MS = 2000,   /* after a signal to stop */
	SSH_GOODBYE_MS = 8000, /* for the command to end when it is told to */
	SSH_HURRY_MS = 700,    /* the same after a signal */
	SSH_REST_MS = 2000,    /* for the rest of the output when it has ended */
	SSH_KILL_MS = 300      /* between SIGTERM and SIGKILL */
};

/* What ssh's own log says: ssh-log.c. */
struct ssh_log {
	enum ssh_phase phase;
	bool host_key_wrong, negotiation, denied, exited, misconfigured;
	char *finger; /* "ssh-ed25519 SHA256:…", what the machine showed */
	char *offer;  /* the types of host keys that it has, when it has none of ours */
	char *reason; /* the last that was no debug line */
	char *hint;   /* what is wrong with a key file */
};

/* One line, without its end. True when the phase is another one. */
bool ssh_log_line(struct ssh_log *log, const char *line);
/* Why ssh ended with 255; `last` is what else was printed, or NULL. */
void ssh_log_failure(const struct ssh_log *log, const struct ssh_target *target, const char *last,
		     struct failure *f);
void ssh_log_free(struct ssh_log *log);

struct ssh_running {
	struct ssh_session *s;
	pid_t pid; /* 0: none; its own session and process group */
	int life;  /* a pidfd, or -1 */
	int in, out, log_fd;
	size_t sent;
	char *directory; /* of the files below, temporary */
	struct buf line, log_line, kept;
	struct ssh_log log;
	bool cut;     /* the beginning of kept was left out */
	bool skip;    /* inside a line that came in pieces */
	json_t *told; /* for a trace */
	int64_t due;  /* monotonic, as all here */
	int64_t began, ends, login_by, kill_at, reaped;
	int wait_status;
	bool gone;
	const char *ended_by; /* "deadline", "interrupted", "login", "exited": we ended it */
	bool goodbye, asked;  /* it was told so; SIGTERM was sent */
	bool exited;          /* it said that it ended */
	int64_t exited_at;
	int exit_status;
};

struct ssh {
	const struct ssh_options *options;
	struct ssh_running **jobs; /* in the order of ssh_add() */
	size_t n, under_way;
	int parallel;
	bool running;
	int64_t stopped_at;
};

/* The program and its arguments. NULL with f (78) when SLUICE_SSH is no command. To be freed by
 * words_free(). `directory`: where `log` and `known_hosts` are; NULL: for a terminal,
 * without log. */
char **ssh_arguments(const struct ssh_options *options, const struct ssh_target *target,
		     const char *known_hosts, const char *log);
/* Starts a program on these descriptors; it gets SIGTERM when we are gone, killed or not.
 * `session`: its own, and its own process group. 0 or an errno. */
int ssh_spawn(char **words, const int fds[3], bool session, pid_t *pid);
/* A temporary directory, mode 0700, with known_hosts if the target has keys; caller frees. NULL
 * with f (74). */
char *ssh_directory_make(const struct ssh_target *target, struct failure *f);
void ssh_directory_remove(const char *directory);

bool ssh_process_start(struct ssh *h, struct ssh_running *job, struct failure *f);
/* Tells its command to end, asks ssh to, and makes it, some time later each. */
void ssh_process_kill(struct ssh_running *job, const char *why);
/* Whether something of the input is there to be sent, or its end. */
bool ssh_process_sends(const struct ssh_running *job);
/* Moves what can be moved; called when poll() returned. */
void ssh_process_move(struct ssh_running *job);
bool ssh_process_finished(struct ssh_running *job);
void ssh_process_close(struct ssh_running *job);

/* Output as it comes; `end`: no more will come. */
void ssh_output(struct ssh_running *job, const char *data, size_t len, bool end);
void ssh_output_log(struct ssh_running *job, const char *data, size_t len);

void ssh_trace_record(const struct ssh_running *job);
/* Fills in the answer of that of the n which was recorded next; NULL: none of them was. */
struct ssh_running *ssh_trace_replay(struct ssh_running *const *jobs, size_t n);

#endif
