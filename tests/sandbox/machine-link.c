/* SPDX-License-Identifier: ISC
 * The directory of the machines, the way to their host, and their places in the network. */
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine-host.h"
#include "mem.h"

static struct {
	char *directory, *ssh_config;
	uid_t uid; /* of the machines' processes */
	int socket;
	unsigned char base[2]; /* of the addresses */
} own;

bool machines_on(void)
{
	return own.directory;
}

const char *machines_directory(void)
{
	return own.directory;
}

const char *machines_ssh_config(void)
{
	return own.ssh_config;
}

void machines_write_config(const char *hosts)
{
	char *text =
	    mem_fmt("%sHost 127.*\n\tUserKnownHostsFile %s/known_hosts\n", hosts, own.directory);

	write_file(own.directory, "ssh_config", text, 0644);
	free(text);
}

/* Root's machines are an ordinary user's, of one for each sandbox: in them one seems to be root,
 * and what a script does there it cannot do to this system. */
const char *machines_prepare(void)
{
	static char why[64];
	const char *missing = proot_missing(), *top = getuid() ? getenv("TMPDIR") : NULL;

	if (missing) {
		snprintf(why, sizeof why, "no %s", missing);
		return why;
	}
	own.uid = getuid() ? getuid() : 64000 + (uid_t)getpid() % 1000;
	own.directory = mem_fmt("%s/sandbox.XXXXXX", top ? top : "/tmp");
	if (!mkdtemp(own.directory) || (!getuid() && chown(own.directory, own.uid, own.uid)) ||
	    getrandom(own.base, sizeof own.base, 0) != sizeof own.base)
		return strerror(errno);
	own.ssh_config = mem_fmt("%s/ssh_config", own.directory);
	machines_write_config("");
	return NULL;
}

static _Noreturn void become_host(int socket)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fd != socket)
			close(fd);
	if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout))
		_exit(1);
	if (!getuid() && (setgroups(0, NULL) || setresgid(own.uid, own.uid, own.uid) ||
			  setresuid(own.uid, own.uid, own.uid)))
		_exit(1);
	host_run(socket, own.directory);
}

/* The host is nobody's child, so that its end is no surprise to who waits for another one. */
void machines_start(void)
{
	int ends[2], size = 1 << 20;
	pid_t pid;
	sigset_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	pid = fork();
	if (!pid) {
		setsid();
		if (fork())
			_exit(0);
		close(ends[0]);
		become_host(ends[1]);
	}
	close(ends[1]);
	own.socket = ends[0];
	waitpid(pid, NULL, 0);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &(struct timespec){0, 0});
}

void machines_end(void)
{
	char byte;

	if (!own.socket)
		return;
	shutdown(own.socket, SHUT_WR);
	while (recv(own.socket, &byte, 1, 0) > 0 || errno == EINTR)
		errno = 0;
}

void machines_send(const char *text)
{
	if (send(own.socket, text, strlen(text), MSG_NOSIGNAL) < 0)
		fprintf(stderr, "sandbox: cannot tell the machines: %s\n", strerror(errno));
}

json_t *machines_event(void)
{
	char text[512];
	ssize_t len = recv(own.socket, text, sizeof text, MSG_DONTWAIT);

	return len > 0 ? json_loadb(text, (size_t)len, 0, NULL) : NULL;
}

char *machine_address(void)
{
	static unsigned last;
	unsigned n = last++ + own.base[1] * 250u;

	return mem_fmt("127.%u.%u.%u", own.base[0] % 250 + 2, n / 250 % 250, n % 250 + 2);
}

bool machine_is_address(const char *address)
{
	return !strncmp(address, "127.", 4);
}

int machine_free_port(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	if (bind(fd, (struct sockaddr *)&at, len) || getsockname(fd, (struct sockaddr *)&at, &len))
		at.sin_port = htons(2222);
	close(fd);
	return ntohs(at.sin_port);
}
