/* SPDX-License-Identifier: ISC
 * Work on machines over ssh: wait until they let us in, run scripts there over reboots, leave
 * nothing of us behind. What img-bake and ssh-run share; built on ssh.h. */
#ifndef SLUICE_REMOTE_H
#define SLUICE_REMOTE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "failure.h"
#include "ssh.h"

struct remote_options {
	struct ssh_options ssh;
	int jobs;                /* machines at once; 0: 8 */
	const char *logs;        /* directory of NAME.STEP.log, or NAME@ID.STEP.log, with the
				  * scripts' output; or NULL */
	const char *step;        /* STEP of these: "bootstrap" */
	int64_t login_limit_ms;  /* until it lets us in; 0: 10 minutes */
	int64_t denied_ms;       /* a denied login counts only after so long: keys are installed
				  * after the port opens; 0: 60 s */
	int64_t interval_ms;     /* between two tries; 0: 1 s growing to 15 s */
	int64_t script_limit_ms; /* a script's, its reboots included; 0: none */
	bool sudo;               /* scripts run under sudo -n */
	bool no_cloud_init;      /* do not wait for cloud-init */
	bool strict_cloud_init;  /* cloud-init's error is ours: status 1, "cloud-init" */
};

/* A file, or a directory that is sent whole and whose `run` is started in it. */
struct remote_script {
	char *path;
	char *name; /* for messages: the path's last part */
	bool directory;
	char hash[65]; /* of what it holds */
	int fd;        /* private from here on: it, or its archive; -1 in a replay */
	long long size;
};

struct remote_machine {
	struct ssh_target target; /* filled in by the caller */
	const char *id;           /* of it, where names may be the same, or NULL; borrowed */
	bool sudo;                /* scripts run under sudo here, whatever the options say */
	bool logged_in;           /* by remote_login() or remote_scripts(); the caller may set it
				   * when an earlier process did: one try, then as if not */
	char boot_id[64];         /* since the login; "" unknown */
	char *cloud_init;         /* "done", "error", …, NULL: there is none; the caller frees */
	json_t *runs;             /* what ran here, see remote_scripts(); the caller's */
	struct failure failure;   /* set: nothing is done with it any more */
	/* NULL, or called once for each call of a function below when it is settled there. */
	void (*settled)(struct remote_machine *m);
	void *own; /* the caller's */

	struct remote_task *task; /* private */
};

struct remote *remote_new(const struct remote_options *options); /* which must outlive it */
void remote_free(struct remote *r);
/* A variable for the scripts, over standard input; its value is a secret from now on. */
void remote_environment(struct remote *r, const char *name, const char *value);
/* For an option's argument NAME: its value from our environment. False with f: 64 no name of a
 * variable, 78 it is not set. */
bool remote_environment_from(struct remote *r, const char *name, struct failure *f);

/* Looks at a file or directory and takes its hash (in a replay: from the recording; it need not be
 * there). False with f: 66, or 65 for a directory without `run`. */
bool remote_script_open(struct remote_script *script, const char *path, struct failure *f);
void remote_script_close(struct remote_script *script); /* back to {0} */

/* All of these work on n machines at once and pass over those with a failure; they return when all
 * are settled. */

/* Waits until each lets us in and cloud-init is done, tells the phases on stderr. Failures: those
 * of ssh.h ("host-key" at once, "denied" after the grace, "deadline" names the phase). */
void remote_login(struct remote *r, struct remote_machine *machines, size_t n);
/* Logs in where that was not done, then runs the scripts in their order, over reboots; the first
 * that fails ends it for this machine: 1 "script-failed", 1 "went-down" (crashed in the middle), 75
 * "connection-lost", "deadline". Each line goes to stderr as "NAME: TEXT". Appends to m->runs
 * {"script","status","seconds"} and where it applies "reboots", "output" (the last lines; only of a
 * script that failed); status is null when it did not end by itself. */
void remote_scripts(struct remote *r, struct remote_machine *machines, size_t n,
		    const struct remote_script *scripts, size_t n_scripts);
/* Before an image is made: removes the host keys that were injected (those of the target), the
 * lines of this public key ("ssh-ed25519 AAAA…", NULL: none) from all authorized_keys, our files,
 * and cloud-init's memory of this instance, in which the keys are kept. By sudo when the user is
 * not root. Nobody can log in by these keys afterwards. Twice is as once. */
void remote_clean(struct remote *r, struct remote_machine *machines, size_t n,
		  const char *public_key);

#endif
