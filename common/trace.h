/* SPDX-License-Identifier: ISC
 * SLUICE_TRACE and SLUICE_REPLAY, see sluice(7), TRACE AND REPLAY.
 *
 * One file a process, JSON lines: a `run` record {"kind":"run","filter","argv","version",
 * "environment":{…},"started"}, then in the order in which they happened `http-response` records
 * (HAR members, with `request`) and `note` members inside further `run` records. */
#ifndef SLUICE_TRACE_H
#define SLUICE_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

enum trace_mode { TRACE_OFF, TRACE_RECORD, TRACE_REPLAY };

/* Called by rec_start(). Reads SLUICE_TRACE and SLUICE_REPLAY; a directory that cannot be written
 * or read ends the process (74, 66). */
void trace_start(const char *filter, int argc, char **argv);
enum trace_mode trace_mode(void);
void trace_input(const char *text, size_t len); /* input as it is read, for the file's name */
void trace_end(int status);                     /* called by rec_finish() */
/* Recording: it could not be written to the end, which was said: the status is 74. */
bool trace_lost(void);

/* A value that the run drew from outside (clock, random bytes, environment, a digest of what is
 * masked). Recording: notes `value` and returns it (new reference). Replay: the next value that
 * was noted under this name, `value` is dropped (66 and the end of the process when there is none).
 * Takes over the reference of value (NULL is json_null()). */
json_t *trace_note(const char *name, json_t *value);

/* Recording: writes one exchange, an http-response record with its request, masked. */
void trace_exchange(const json_t *response);
/* Replay: of n outstanding requests (http-request records, masked) the one whose answer was
 * recorded next: its index in *which, the http-response record returned (new reference). NULL: none
 * of them was recorded. Compared by method, URL and body. */
json_t *trace_next(json_t *const *requests, size_t n, size_t *which);

/* The same for sessions: recorded by trace_exchange() as ssh-session records, compared by `name`
 * and `command`, a hash. */
json_t *trace_next_session(json_t *const *sessions, size_t n, size_t *which);

/* Secrets. What was registered is masked as ***: literally, percent-, JSON-, base64-encoded (in any
 * alignment) and hex, in everything that goes through trace_mask(). Shorter than 4 bytes:
 * ignored.*/
void trace_secret(const char *value);
void trace_secret_n(const char *value, size_t len);
/* Replaces secrets in text, in place of b's content. */
void trace_mask(struct buf *b);
/* A copy of json with all its strings masked; members named user_data, UserData, and form fields
 * ending in UserData are masked whole. New reference. */
json_t *trace_masked(const json_t *json);

#endif
