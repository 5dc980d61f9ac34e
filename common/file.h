/* SPDX-License-Identifier: ISC
 * Files as wholes. */
#ifndef SLUICE_FILE_H
#define SLUICE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "failure.h"

/* Adds the file's bytes to `to`. False: f says why; code "not-there" when there is no such file. */
bool file_read(const char *path, struct buf *to, struct failure *f);
/* The same for an open descriptor, which stays open; `name` is for messages. */
bool file_read_fd(int fd, const char *name, struct buf *to, struct failure *f);
/* Puts these bytes in the file's place, or makes it: whoever reads it sees the old ones or the new
 * ones, whole, also after a crash. Its mode, and its owner if possible, stay; a symbolic link is
 * followed. False: f says why (74), and the old bytes are there; what is no file is not replaced.
 */
bool file_replace(const char *path, const void *data, size_t len, struct failure *f);
/* Waits until nobody else holds the file, for a change of what it holds now. Returns a descriptor
 * that is to be closed behind file_replace(); -1: it cannot be held. */
int file_hold(const char *path);

/* All of it to a descriptor that blocks; false: errno says why not. */
bool file_write(int fd, const void *data, size_t len);

#endif
