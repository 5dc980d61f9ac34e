/* SPDX-License-Identifier: ISC
 * The parts of remote.h, for its own files. */
#ifndef SLUICE_REMOTE_PRIVATE_H
#define SLUICE_REMOTE_PRIVATE_H

#include "buf.h"
#include "remote.h"
#include "wait.h"

struct remote {
	const struct remote_options *options;
	struct ssh *ssh;
	struct buf exports; /* export NAME='value' */
	size_t export_lines;
	struct buf names; /* of these variables, for a session's identity */
	char mark[32];    /* begins the lines that are meant for us */
	unsigned scripts; /* started so far: their ids */
};

/* What one call does on each machine. */
struct remote_work {
	struct remote *r;
	struct remote_machine *machines;
	size_t n, next; /* the next to be begun */
	const struct remote_script *scripts;
	size_t n_scripts;
	const char *step;    /* of the log files; NULL: no log files */
	bool sudo_for_users; /* sudo unless the user is root */
	bool quiet;          /* its lines are not told */
	bool final;          /* nobody can log in afterwards */
};

/* A login, waited for. */
struct remote_login {
	struct wait wait;
	bool under_way;
	enum ssh_phase told; /* how far we said it came */
	enum ssh_phase last; /* how far the last try came */
	bool waits_told, cloud_told;
	int64_t pause;
	int64_t denied_since; /* 0: not yet */
	char boot_id[64];     /* what this session told */
	char *looked;         /* what the status file of the script says */
	bool stopping;
};

/* One machine's way through the work. */
struct remote_task {
	struct remote_work *work;
	struct remote_machine *m;
	struct remote_login login;
	size_t script; /* the one that is done now */
	char id[64];   /* its directory there */
	bool begun;    /* the loader told that it starts it */
	bool rebooted; /* it told that it was ended by a shutdown */
	bool held;     /* it was not started: the machine is going down */
	bool look;     /* the login is to see how it ended */
	char *refused; /* why the loader could not start it */
	int tries, reboots;
	int64_t began_ms;
	struct buf tail;
	int log; /* file descriptor, -1 */
};

/* remote.c */
void remote_note(const struct remote_machine *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool remote_sudo(const struct remote_task *t);
void remote_do(struct remote_work *work);
void remote_settle(struct remote_task *t); /* t is gone */
/* The session's output without what is not UTF-8. */
json_t *remote_text(const struct buf *text);

/* remote-loader.c: commands for the machine's shell; caller frees. */
char *remote_loader(const struct remote_task *t, bool directory);
char *remote_looker(const struct remote_task *t);
/* What goes before the script on standard input. */
void remote_header(const struct remote *r, struct buf *input, long long size);

/* remote-login.c; then remote_go_on(), remote_looked() or remote_lost(). */
void remote_login_begin(struct remote_task *t);
/* It let us in, but is about to go down. */
void remote_login_again(struct remote_task *t, int64_t now);
void remote_login_end(struct remote_task *t);
/* remote-run.c: the next thing to do on this machine, which lets us in. */
void remote_go_on(struct remote_task *t);
/* After a login that was to look how the script ended. */
void remote_looked(struct remote_task *t, int64_t now);
/* It did not let us in. */
void remote_lost(struct remote_task *t, struct failure *f, int64_t now);
bool remote_log_open(struct remote_task *t);

#endif
