/* SPDX-License-Identifier: ISC
 * Killing a machine's processes. Never proot first: what it traces would go on without it, on the
 * real files of this system. */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine-host.h"

static pid_t tracer_of(const char *pid)
{
	char path[64], line[256];
	FILE *file;
	pid_t tracer = 0;

	snprintf(path, sizeof path, "/proc/%.20s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof line, file)) {
		if (!strncmp(line, "State:\tZ", 8))
			break;
		if (!strncmp(line, "TracerPid:", 10)) {
			tracer = (pid_t)strtol(line + 10, NULL, 10);
			break;
		}
	}
	if (file)
		fclose(file);
	return tracer;
}

static bool is_among(const pid_t *pids, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

size_t proot_signal(const pid_t *proots, size_t count, int signal)
{
	DIR *all = opendir("/proc");
	struct dirent *entry;
	size_t found = 0;

	while (count && all && (entry = readdir(all))) {
		pid_t tracer =
		    isdigit((unsigned char)*entry->d_name) ? tracer_of(entry->d_name) : 0;

		if (tracer <= 0 || !is_among(proots, count, tracer))
			continue;
		found++;
		if (signal)
			kill((pid_t)strtol(entry->d_name, NULL, 10), signal);
	}
	if (all)
		closedir(all);
	return found;
}
