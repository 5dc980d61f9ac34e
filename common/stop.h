/* SPDX-License-Identifier: ISC
 * SIGINT and SIGTERM: caught, asked for, died of in the end (rec_finish()). */
#ifndef SLUICE_STOP_H
#define SLUICE_STOP_H

#include <stdbool.h>

struct failure;

/* Catches SIGINT and SIGTERM (also SIGHUP) from now on; filters that change something call it. */
void stop_catch(void);
/* The signal that was caught, 0 when none, or while it is put off. */
int stop_asked(void);
/* What must not be left half done, removing above all, puts signals off; they count when it has
 * ended. */
void stop_put_off(bool off);
/* Always false; f: status 128+n, code "interrupted". */
bool stop_failure(struct failure *f);
/* Restores the default and raises the signal: does not return. */
_Noreturn void stop_die(int signal);

#endif
