/* SPDX-License-Identifier: ISC
 * Who is at the other end of a loopback connection: the socket's inode from /proc/net/tcp, then
 * the processes that hold it open. So a test can have its client killed at an exact request. */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sandbox.h"

static unsigned long inode_of(int peer_port, int own_port)
{
	FILE *table = fopen("/proc/net/tcp", "re");
	char line[512];
	unsigned long found = 0;

	while (table && !found && fgets(line, sizeof line, table)) {
		unsigned local, remote;
		unsigned long inode;

		if (sscanf(line, " %*d: %*8x:%x %*8x:%x %*x %*s %*s %*s %*d %*d %lu", &local,
			   &remote, &inode) == 3 &&
		    (int)local == peer_port && (int)remote == own_port)
			found = inode;
	}
	if (table)
		fclose(table);
	return found;
}

static bool holds_socket(const char *pid, const char *socket)
{
	char path[1024], target[64];
	DIR *dir;
	struct dirent *fd;
	bool found = false;

	snprintf(path, sizeof path, "/proc/%s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (fd = readdir(dir))) {
		ssize_t len;

		snprintf(path, sizeof path, "/proc/%s/fd/%s", pid, fd->d_name);
		len = readlink(path, target, sizeof target - 1);
		if (len <= 0)
			continue;
		target[len] = '\0';
		found = !strcmp(target, socket);
	}
	if (dir)
		closedir(dir);
	return found;
}

void peer_kill(int peer_port, int own_port)
{
	char socket[64];
	unsigned long inode = inode_of(peer_port, own_port);
	DIR *proc = inode ? opendir("/proc") : NULL;
	struct dirent *entry;

	snprintf(socket, sizeof socket, "socket:[%lu]", inode);
	while (proc && (entry = readdir(proc))) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 1 && pid != getpid() && holds_socket(entry->d_name, socket))
			kill((pid_t)pid, SIGKILL);
	}
	if (proc)
		closedir(proc);
}
