/* SPDX-License-Identifier: ISC
 * ssh on the user's terminal. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "ssh-private.h"
#include "status.h"
#include "words.h"

static char **with_command(char **words, char *const *command)
{
	size_t n = 0;

	while (words[n])
		n++;
	for (; *command; command++) {
		words = mem_grow(words, n + 2, sizeof *words);
		words[n++] = mem_dup(*command);
		words[n] = NULL;
	}
	return words;
}

/* The keys of the terminal are ssh's. */
static int wait_for(pid_t pid)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt, quit;
	int status;

	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		kill(pid, SIGTERM); /* the others that are caught end it */
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	if (!WIFEXITED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status) == 255 ? ST_TEMP : WEXITSTATUS(status);
}

int ssh_terminal(const struct ssh_options *options, const struct ssh_target *target,
		 char *const *words, int out_fd, struct failure *f)
{
	char *directory, *known = NULL, **all;
	int error, status = -1;
	pid_t pid;

	if (!ssh_target_check(target, f) || !(directory = ssh_directory_make(target, f)))
		return -1;
	if (target->n_host_keys)
		known = mem_fmt("%s/known_hosts", directory);
	all = ssh_arguments(options, target, known, NULL);
	if (!all) {
		fail_set(f, ST_CONFIG, "no-ssh", "SLUICE_SSH is no command");
	} else {
		all = with_command(all, words);
		error = ssh_spawn(all, (int[]){0, out_fd, 2}, false, &pid);
		if (error)
			fail_set(f, ST_CONFIG, "no-ssh", "cannot start '%s': %s", all[0],
				 strerror(error));
		else
			status = wait_for(pid);
	}
	ssh_directory_remove(directory);
	words_free(all);
	free(directory);
	free(known);
	return status;
}
