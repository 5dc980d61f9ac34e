/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "status.h"
#include "stop.h"
#include "trace.h"
#include "wait.h"

enum { FIRST_PAUSE = 1000, LONGEST_PAUSE = 15000 };

/* How long, as it was in the recorded run when this is a replay. */
static int64_t noted(int64_t ms)
{
	json_t *value = trace_note("wait", json_integer(ms));

	ms = json_integer_value(value);
	json_decref(value);
	return ms;
}

void wait_begin(struct wait *w, int64_t limit_ms, int64_t reserve_ms, int64_t interval_ms,
		const char *what, ...)
{
	int64_t left = clk_left();
	va_list args;
	char *text = NULL;

	va_start(args, what);
	if (vasprintf(&text, what, args) < 0)
		mem_out();
	va_end(args);
	if (left != INT64_MAX && left - reserve_ms < limit_ms)
		limit_ms = left > reserve_ms ? left - reserve_ms : 0;
	*w = (struct wait){.what = text, .fixed = interval_ms, .pause = FIRST_PAUSE};
	w->began = clk_now();
	w->deadline = w->began + noted(limit_ms);
	w->live = isatty(STDERR_FILENO) && !cli_quiet;
}

static void show_live(const struct wait *w, const char *state)
{
	long long seconds = (clk_now() - w->began) / 1000;
	char *text = mem_fmt("%s: %s", w->what, state), *shown = cli_shown(text);

	fprintf(stderr, "\r\033[K%s: %s (%lld:%02lld)", cli_name, shown, seconds / 60,
		seconds % 60);
	fflush(stderr);
	free(text);
	free(shown);
}

void wait_say(struct wait *w, const char *state, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, state);
	if (vasprintf(&text, state, args) < 0)
		mem_out();
	va_end(args);
	if (w->live)
		show_live(w, text);
	if (w->said && !strcmp(w->said, text)) {
		free(text);
		return;
	}
	if (!w->live)
		cli_note("%s: %s", w->what, text);
	w->pause = FIRST_PAUSE;
	free(w->said);
	w->said = text;
}

bool wait_more(struct wait *w, struct failure *f)
{
	int64_t left = w->deadline - clk_now();
	int64_t pause =
	    w->fixed ? w->fixed : (int64_t)((double)w->pause * (0.75 + clk_jitter() / 2));

	if (stop_asked())
		return stop_failure(f);
	if (left <= 0)
		return fail_set(f, ST_TEMP, "deadline", "%s: no longer waited for%s%s", w->what,
				w->said ? ": " : "", w->said ? w->said : "");
	if (!clk_sleep(pause < left ? pause : left))
		return stop_failure(f);
	w->pause = w->pause * 3 / 2 > LONGEST_PAUSE ? LONGEST_PAUSE : w->pause * 3 / 2;
	return true;
}

void wait_end(struct wait *w)
{
	if (w->live && w->said)
		fputc('\n', stderr);
	free(w->what);
	free(w->said);
	*w = (struct wait){0};
}

static bool interval(const char *text, int64_t *ms)
{
	size_t len = strlen(text);
	long long number;

	if (len > 2 && !strcmp(text + len - 2, "ms")) {
		char *digits = mem_dup_n(text, len - 2);
		bool ok = cli_number(digits, 1, 3600000, &number);

		free(digits);
		*ms = ok ? number : 0;
		return ok;
	}
	if (!cli_duration(text, &number) || number < 1)
		return false;
	*ms = number * 1000;
	return true;
}

int64_t wait_interval_arg(const char *option, const char *text)
{
	int64_t ms = 0;

	if (!interval(text, &ms))
		cli_usage("%s is '%s', not a time such as 500ms or 5s", option, text);
	return ms;
}
