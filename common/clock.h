/* SPDX-License-Identifier: ISC
 * Time and chance. In a replay both come from the trace and nothing sleeps. */
#ifndef SLUICE_CLOCK_H
#define SLUICE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970, recorded. For decisions and for what is written. */
int64_t clk_now(void);
/* "2026-11-20T12:00:00Z"; buffer of at least 21 bytes. */
char *clk_iso(int64_t ms, char text[32]);
/* Reads the ISO 8601 forms that clouds answer (fraction, Z or offset), and a date alone, which is
 * when it begins; -1 when it is none. */
int64_t clk_parse_iso(const char *text);
/* Monotonic milliseconds, never recorded: for the engine's own timers only. */
int64_t clk_monotonic(void);
/* Sleeps, shorter if a signal to stop was caught (false) or SLUICE_DEADLINE ends first. */
bool clk_sleep(int64_t ms);
/* Milliseconds until SLUICE_DEADLINE (from process start), INT64_MAX when there is none. */
int64_t clk_left(void);
/* Random bytes, recorded (hex). For what is sent or written. */
void clk_random(unsigned char *bytes, size_t len);
/* [0, 1), never recorded: for jitter only. */
double clk_jitter(void);

#endif
