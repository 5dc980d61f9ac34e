/* SPDX-License-Identifier: ISC
 * Waiting for what takes its time out there: a deadline, a pause that grows with jitter, progress
 * on stderr. All waits of all filters go through here. */
#ifndef SLUICE_WAIT_H
#define SLUICE_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "failure.h"

struct wait {
	char *what;       /* "'app-build-22' to be healthy" */
	char *said;       /* the state that was told last */
	int64_t began;    /* clk_now() */
	int64_t deadline; /* likewise */
	int64_t pause;    /* before the next look */
	int64_t fixed;    /* every pause, when asked for; 0: growing */
	bool live;        /* stderr is a terminal: one line, rewritten */
};

/* The pause between two looks: 1 s growing to 15 s, or `interval_ms` always when it is not 0.
 * Ends after limit_ms, or reserve_ms before SLUICE_DEADLINE when that is sooner (what the caller
 * needs to clean up). */
void wait_begin(struct wait *w, int64_t limit_ms, int64_t reserve_ms, int64_t interval_ms,
		const char *what, ...) __attribute__((format(printf, 5, 6)));
/* Tells the state of things: "what: STATE", one line for each state that differs from the last one
 * (which also makes the next pause short again), a live line on a terminal. */
void wait_say(struct wait *w, const char *state, ...) __attribute__((format(printf, 2, 3)));
/* Sleeps. False with f when there is no time left (75, code "deadline") or a signal asks to stop.
 */
bool wait_more(struct wait *w, struct failure *f);
/* Ends the live line, releases. */
void wait_end(struct wait *w);

/* An option's argument: "500ms", or what cli_duration() reads; in milliseconds. A wrong one is 64.
 */
int64_t wait_interval_arg(const char *option, const char *text);

#endif
