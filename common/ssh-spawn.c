/* SPDX-License-Identifier: ISC
 * Starts ssh so that it ends with us, however we end. posix_spawn() cannot ask for that. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ssh-private.h"

/* Only what may be called between fork() and exec. */
static void become(char **words, const int fds[3], bool session, pid_t parent)
{
	static const int signals[] = {SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM};
	sigset_t none;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
	if (session)
		setsid();
	for (int fd = 0; fd < 3; fd++)
		if (fds[fd] != fd && dup2(fds[fd], fd) < 0)
			return;
	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		return;
	if (getppid() != parent)
		_exit(1); /* it died before */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(words[0], words);
}

int ssh_spawn(char **words, const int fds[3], bool session, pid_t *pid)
{
	pid_t parent = getpid();
	sigset_t all, before;
	int report[2], error = 0;

	if (pipe2(report, O_CLOEXEC))
		return errno;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	*pid = fork();
	if (!*pid) {
		become(words, fds, session, parent);
		error = errno;
		_exit(write(report[1], &error, sizeof error) != sizeof error);
	}
	if (*pid < 0)
		error = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(report[1]);
	while (*pid > 0 && read(report[0], &error, sizeof error) < 0 && errno == EINTR)
		;
	close(report[0]);
	if (*pid > 0 && error)
		waitpid(*pid, NULL, 0);
	return error;
}
