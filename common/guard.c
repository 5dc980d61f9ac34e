/* SPDX-License-Identifier: ISC */
#include "cli.h"
#include "guard.h"
#include "status.h"

void guard_expect(struct guard *g, const char *text)
{
	g->expects = true;
	g->expect = cli_number_arg("--expect", text, 0, 1000000);
}

void guard_max(struct guard *g, const char *text)
{
	g->limits = true;
	g->max = cli_number_arg("--max", text, 0, 1000000);
}

bool guard_allows(const struct guard *g, size_t n, const char *things, struct failure *f)
{
	if (g->expects && (long long)n != g->expect)
		return fail_set(f, ST_GUARD, "guard", "%zu %s would be changed, --expect says %lld",
				n, things, g->expect);
	if (g->limits && (long long)n > g->max)
		return fail_set(f, ST_GUARD, "guard", "%zu %s would be changed, --max says %lld", n,
				things, g->max);
	return true;
}

bool guard_selected(const struct guard *g, size_t n, const char *things, bool empty_is_true,
		    struct failure *f)
{
	if (!n && !g->expects && !empty_is_true)
		return fail_set(f, ST_GUARD, "guard",
				"no %s selected (--expect 0 if that is right)", things);
	return guard_allows(g, n, things, f);
}
