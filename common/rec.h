/* SPDX-License-Identifier: ISC
 * The record stream of sluice(7): reading, writing, errors on records and the exit status that
 * they make, sealed streams. */
#ifndef SLUICE_REC_H
#define SLUICE_REC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

/* One value of a stream. */
struct rec {
	json_t *json;     /* never NULL; change top-level members by rec_set() and rec_del() only */
	const char *kind; /* borrowed from json; NULL: a document */
	char *text; /* its text as read, white space between tokens removed; NULL if made here */
	size_t len;
	bool compact;       /* private */
	const char *from;   /* the input that it came from, for messages; NULL if made here */
	unsigned long line; /* where it began, from 1; 0 if made here */
	unsigned long column;
	char **changed; /* private: names of the members set or deleted since it was read */
	size_t n_changed;
};

/* One process's input and output. */
struct rec_io;

/* `filter`: name and verb, as in `error.filter` and `end`: "asg-roll", "img-bake up". */
struct rec_io *rec_start(const char *filter);

/* Input: a file's name, "-" or NULL for standard input. Several may be opened, one after another;
 * they are read in that order. On a terminal a note says that it waits. A file that is not there is
 * status 66, "" 64: cli-style message on stderr and the process ends (call it before acting).
 * A source that reads nothing does not call it: it counts as whole. */
void rec_open(struct rec_io *io, const char *path);
/* The inputs of a pure filter: FILE of -f (may be NULL) and its operands; neither: standard input.
 */
void rec_open_all(struct rec_io *io, const char *file, int n, char **paths);
/* A descriptor, closed at its end; `name` is for messages. */
void rec_open_fd(struct rec_io *io, int fd, const char *name);

/* The next value, NULL at the end; the caller releases it by rec_free() or hands it to
 * rec_write(). `end` records are swallowed. What is not JSON is reported on stderr with its place,
 * makes the status 65 (rec_broken()), and reading goes on behind it. Values that are no records
 * (documents) are returned only after rec_documents(io, true); else they are reported likewise. */
struct rec *rec_read(struct rec_io *io);
void rec_documents(struct rec_io *io, bool accepted);

/* The whole input as an array, count in *n; caller frees the array, and each record. */
struct rec **rec_read_all(struct rec_io *io, size_t *n);

/* After the end of the input: whether it was whole (always when SLUICE_SEAL is not "1"). */
bool rec_whole(const struct rec_io *io);
/* Whether some of the input was not JSON or no record. */
bool rec_broken(const struct rec_io *io);
/* Whether streams are sealed here: SLUICE_SEAL is "1". */
bool rec_sealed(void);
/* The input is a command's output, and the caller knows better whether it was whole. When not, the
 * stream is not ended; the caller says why and gives the status. */
void rec_vouch(struct rec_io *io, bool whole);
/* A value that is wrong as a whole, mostly a document: "tool: FILE:LINE:COLUMN: TEXT" on stderr,
 * status 65, and rec_broken() from now on. */
void rec_report(struct rec_io *io, const struct rec *r, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A new record around `json`, whose reference it takes over. */
struct rec *rec_new(json_t *json);
void rec_free(struct rec *r);

/* Whether it is of this kind and carries no error: what a filter acts on. */
bool rec_is(const struct rec *r, const char *kind);
/* The record's error status, 0 when it carries none. */
int rec_error(const struct rec *r);
/* A string member, or NULL; borrowed. */
const char *rec_string(const struct rec *r, const char *key);
/* The first of these members (ends in NULL) that is there and neither a string nor null, which must
 * not look like one that is not there; NULL when there is none. */
const char *rec_no_string(const json_t *record, const char *const *keys);
/* Sets a top-level member (new ones go last), taking over the reference. */
void rec_set(struct rec *r, const char *key, json_t *value);
void rec_del(struct rec *r, const char *key);

/* Gives the record an `error` member made of f (filter: io's), says the message on stderr. */
void rec_fail(struct rec_io *io, struct rec *r, const struct failure *f);
/* The same without stderr: for the many records that one message stands for. */
void rec_fail_quietly(struct rec_io *io, struct rec *r, const struct failure *f);
/* The `error` member for f, a new reference. */
json_t *rec_error_json(const struct rec_io *io, const struct failure *f);

/* Writes one compact record and a newline in one write(2); what was not changed is written with
 * the text that was read. Counts its error for the status. A failing stdout is remembered, said
 * once and makes the status 74 (a closed pipe: death by SIGPIPE in rec_finish()). */
void rec_write(struct rec_io *io, struct rec *r);      /* releases r */
void rec_emit(struct rec_io *io, json_t *json);        /* a new record; takes over the reference */
void rec_pass(struct rec_io *io, const struct rec *r); /* as rec_write(), r stays the caller's */
/* For filters that hold many records: the text alone takes a small part of the memory. rec_take()
 * releases r and returns what rec_write() would write, without the newline; the caller frees it.
 * rec_write_text() writes such a text; `error`: the rec_error() that the record had, or 0. */
char *rec_take(struct rec *r, size_t *len);
void rec_write_text(struct rec_io *io, const char *text, size_t len, int error);
/* A document: indented, no end is written after it. Nothing is written when the input was not
 * whole. `records with errors` that were left out are to be counted by rec_account(). */
void rec_document(struct rec_io *io, json_t *json);
/* Text as it is, for people or another program: no end is written after it. */
void rec_print(struct rec_io *io, const char *text, size_t len);
/* Counts the error of a record that is left out of a document, and says so on stderr. */
void rec_account(struct rec_io *io, const struct rec *r);

/* {"kind":"event","event":EVENT,"target":KIND,"provider":…,"id":…} written at once; `more` (may be
 * NULL; its reference is taken over) adds members, null values are left out. */
void rec_event(struct rec_io *io, const char *event, const char *target, const char *provider,
	       const char *id, json_t *more);

/* Raises the final status without a record: 79 for a guard, 1 for no. See the order in sluice(7).*/
void rec_status(struct rec_io *io, int status);
/* The exit status as it stands. */
int rec_outcome(const struct rec_io *io);
/* Whether stdout is gone or full: a source may stop early. */
bool rec_stdout_lost(const struct rec_io *io);

/* Ends the stream (`end` if SLUICE_SEAL=1, input whole and unbroken, no document written), closes
 * stdout checked, dies of a signal that was caught, else returns the exit status by the rules of
 * sluice(7): 74, first error's, 76, 79, 1, 0. Frees io. Call it exactly once, last. */
int rec_finish(struct rec_io *io);

/* json as compact text, members in their order, caller frees. */
char *rec_text(const json_t *json);

#endif
