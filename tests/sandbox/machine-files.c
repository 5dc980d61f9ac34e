/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine-host.h"
#include "mem.h"

static const struct {
	const char *name, *text;
} tools[] = {
#include "machine-tools.inc"
};

bool write_file(const char *directory, const char *name, const char *text, mode_t mode)
{
	char *path = mem_fmt("%s/%s", directory, name), *fresh = mem_fmt("%s.new", path);
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	size_t len = strlen(text);
	bool done = fd >= 0 && write(fd, text, len) == (ssize_t)len && !fchmod(fd, mode);

	if (fd >= 0)
		close(fd);
	done = done && !rename(fresh, path);
	free(fresh);
	free(path);
	return done;
}

void write_tools(const char *directory)
{
	mkdir(directory, 0755);
	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		write_file(directory, tools[i].name, tools[i].text, 0755);
}

int run_program(const char *const argv[])
{
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}
