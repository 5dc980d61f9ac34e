/* SPDX-License-Identifier: ISC
 * --expect and --max: how much one call may change. */
#ifndef SLUICE_GUARD_H
#define SLUICE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

struct guard {
	bool expects, limits;
	long long expect, max;
};

/* For the options' arguments; a wrong one is 64. */
void guard_expect(struct guard *g, const char *text);
void guard_max(struct guard *g, const char *text);
/* Whether `n` THINGS ("groups") may be changed: else false, f: 79, code "guard". */
bool guard_allows(const struct guard *g, size_t n, const char *things, struct failure *f);
/* The same for what deletes: nothing selected is refused too, unless --expect 0 says so or
 * `empty_is_true` (a sealed input that was whole). */
bool guard_selected(const struct guard *g, size_t n, const char *things, bool empty_is_true,
		    struct failure *f);

#endif
