/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "mem.h"
#include "status.h"

#define CHUNK 65536

bool file_read_fd(int fd, const char *name, struct buf *to, struct failure *f)
{
	ssize_t n;

	do {
		buf_reserve(to, CHUNK);
		n = read(fd, to->data + to->len, CHUNK);
		if (n > 0)
			to->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	to->data[to->len] = '\0';
	return n == 0 ||
	       fail_set(f, ST_NOINPUT, "unreadable", "cannot read '%s': %s", name, strerror(errno));
}

bool file_read(const char *path, struct buf *to, struct failure *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return fail_set(f, ST_NOINPUT, errno == ENOENT ? "not-there" : "unreadable",
				"cannot open '%s': %s", path, strerror(errno));
	done = file_read_fd(fd, path, to, f);
	close(fd);
	return done;
}

bool file_write(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Mode and owner of the old file; of a new one the mode that umask gives. */
static bool dress(int fd, const char *path)
{
	struct stat old;
	mode_t mask;

	if (!stat(path, &old)) {
		if (fchown(fd, old.st_uid, old.st_gid))
			errno = 0; /* not ours to give away */
		return !fchmod(fd, old.st_mode & 07777);
	}
	mask = umask(0);
	umask(mask);
	return !fchmod(fd, 0666 & ~mask);
}

static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory = slash ? mem_dup_n(path, (size_t)(slash - path) + 1) : mem_dup(".");
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(directory);
}

static bool put(int fd, const char *temporary, const char *path, const void *data, size_t len)
{
	bool done = file_write(fd, data, len) && dress(fd, path) && !fsync(fd);
	int error = errno;

	if (close(fd) && done) {
		done = false;
		error = errno;
	}
	errno = error;
	return done && !rename(temporary, path);
}

/* As root, /dev/null could be. */
static bool can_be_replaced(const char *path)
{
	struct stat old;

	return stat(path, &old) || S_ISREG(old.st_mode);
}

static bool is_still(int fd, const char *path)
{
	struct stat held, now;

	return fstat(fd, &held) || stat(path, &now) ||
	       (held.st_dev == now.st_dev && held.st_ino == now.st_ino);
}

int file_hold(const char *path)
{
	int fd, held;

	if (!can_be_replaced(path)) /* a pipe would be read to its end */
		return -1;
	do {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -1;
		while ((held = flock(fd, LOCK_EX)) && errno == EINTR)
			;
		if (!held && is_still(fd, path))
			return fd;
		close(fd);
	} while (!held); /* who held it has replaced it */
	return -1;
}

bool file_replace(const char *path, const void *data, size_t len, struct failure *f)
{
	char *real = realpath(path, NULL), *temporary;
	const char *target = real ? real : path;
	int fd;
	bool done;

	if (!can_be_replaced(target)) {
		free(real);
		return fail_set(f, ST_IO, "unwritable", "cannot write '%s': it is no regular file",
				path);
	}
	temporary = mem_fmt("%s.XXXXXX", target);
	fd = mkostemp(temporary, O_CLOEXEC);
	done = fd >= 0 && put(fd, temporary, target, data, len);
	if (!done)
		fail_set(f, ST_IO, "unwritable", "cannot write '%s': %s", path, strerror(errno));
	if (!done && fd >= 0)
		unlink(temporary);
	if (done)
		sync_directory(target);
	free(temporary);
	free(real);
	return done;
}
