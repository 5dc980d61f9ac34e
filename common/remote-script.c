/* SPDX-License-Identifier: ISC
 * Scripts and directories of scripts, as they are sent. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "remote.h"
#include "sha256-hex.h"
#include "status.h"
#include "trace.h"

extern char **environ;

static char *last_part(const char *path)
{
	size_t len = strlen(path);
	const char *start;

	while (len > 1 && path[len - 1] == '/')
		len--;
	start = path + len;
	while (start > path && start[-1] != '/')
		start--;
	return mem_dup_n(start, len - (size_t)(start - path));
}

static bool cannot(struct failure *f, const char *verb, const char *path, int error)
{
	return fail_set(f, ST_NOINPUT, "not-there", "cannot %s '%s': %s", verb, path,
			strerror(error));
}

static int nameless_file(void)
{
	const char *directory = getenv("TMPDIR");
	char *name = mem_fmt("%s/sluice-XXXXXX", directory && *directory ? directory : "/tmp");
	int fd = mkostemp(name, O_CLOEXEC);

	if (fd >= 0)
		unlink(name);
	free(name);
	return fd;
}

/* tar's own words go to our standard error. */
static bool run_tar(const char *path, int fd)
{
	const char *const words[] = {"tar", "-C", path, "-cf", "-", ".", NULL};
	posix_spawn_file_actions_t actions;
	int error, status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	error = posix_spawnp(&pid, "tar", &actions, NULL, (char *const *)words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return false;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

static bool pack(struct remote_script *s, struct failure *f)
{
	char *run = mem_fmt("%s/run", s->path);
	struct stat st;
	bool there = !stat(run, &st) && S_ISREG(st.st_mode);

	free(run);
	if (!there)
		return fail_set(f, ST_DATA, "no-run", "the directory '%s' has no file 'run'",
				s->path);
	s->fd = nameless_file();
	if (s->fd < 0)
		return fail_set(f, ST_IO, "temporary", "cannot make a temporary file: %s",
				strerror(errno));
	if (!run_tar(s->path, s->fd))
		return fail_set(f, ST_IO, "tar", "cannot pack the directory '%s'", s->path);
	return true;
}

static bool take_hash(struct remote_script *s, struct failure *f)
{
	struct stat st;
	void *data = NULL;

	if (fstat(s->fd, &st))
		return cannot(f, "read", s->path, errno);
	s->size = st.st_size;
	if (s->size)
		data = mmap(NULL, (size_t)s->size, PROT_READ, MAP_PRIVATE, s->fd, 0);
	if (data == MAP_FAILED)
		return cannot(f, "read", s->path, errno);
	sha256_hex(data ? data : "", (size_t)s->size, s->hash);
	if (data)
		munmap(data, (size_t)s->size);
	return true;
}

static bool open_here(struct remote_script *s, struct failure *f)
{
	struct stat st;

	if (stat(s->path, &st))
		return cannot(f, "read", s->path, errno);
	s->directory = S_ISDIR(st.st_mode);
	if (!s->directory && !S_ISREG(st.st_mode))
		return fail_set(f, ST_NOINPUT, "not-there",
				"cannot send '%s': it is neither a file nor a directory", s->path);
	if (s->directory)
		return pack(s, f) && take_hash(s, f);
	s->fd = open(s->path, O_RDONLY | O_CLOEXEC);
	return s->fd < 0 ? cannot(f, "read", s->path, errno) : take_hash(s, f);
}

bool remote_script_open(struct remote_script *s, const char *path, struct failure *f)
{
	json_auto_t *noted = NULL;
	char *note;

	*s = (struct remote_script){.path = mem_dup(path), .name = last_part(path), .fd = -1};
	if (trace_mode() != TRACE_REPLAY && !open_here(s, f))
		return false;
	if (trace_mode() == TRACE_OFF)
		return true;
	note = mem_fmt("script:%s", path);
	noted = trace_note(note, json_pack("{sb ss}", "directory", s->directory, "hash", s->hash));
	free(note);
	s->directory = json_is_true(json_object_get(noted, "directory"));
	if (json_string_length(json_object_get(noted, "hash")) == 64)
		memcpy(s->hash, json_string_value(json_object_get(noted, "hash")), 65);
	return true;
}

void remote_script_close(struct remote_script *s)
{
	if (s->path && s->fd >= 0)
		close(s->fd);
	free(s->path);
	free(s->name);
	*s = (struct remote_script){.fd = -1};
}
