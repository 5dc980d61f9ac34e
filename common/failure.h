/* SPDX-License-Identifier: ISC
 * What went wrong, as common/ returns it and as a record's `error` member says it. */
#ifndef SLUICE_FAILURE_H
#define SLUICE_FAILURE_H

#include <stdbool.h>

struct failure {
	int status;       /* exit status that this stands for; 0: nothing failed */
	char *code;       /* the service's own word, or ours in kebab-case: "not-attempted" */
	char *message;    /* for people, lower case, no full stop */
	char *operation;  /* what was asked of the service: "CreateAutoScalingGroup"; may be NULL */
	char *request_id; /* the service's id of the exchange; may be NULL */
};

/* Sets f, releasing what it held. f may be NULL. Always returns false, so that a
 * function can end with `return fail_set(f, …)`. */
bool fail_set(struct failure *f, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void fail_move(struct failure *to, struct failure *from); /* from is {0} afterwards */
void fail_copy(struct failure *to, const struct failure *from);
/* Puts "PREFIX: " before the message. */
void fail_prefix(struct failure *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fail_free(struct failure *f); /* back to {0} */

#endif
