/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "buf.h"
#include "cli.h"
#include "clock.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t clk_monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clk_now(void)
{
	int64_t now = read_clock(CLOCK_REALTIME);
	json_t *noted;

	if (trace_mode() == TRACE_OFF)
		return now;
	noted = trace_note("clock", json_integer(now));
	now = json_integer_value(noted);
	json_decref(noted);
	return now;
}

char *clk_iso(int64_t ms, char text[32])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

/* "+01:00", "-0530", "Z" or nothing (UTC): minutes, and whether it was one. */
static bool zone_minutes(const char *text, int *minutes)
{
	int hours, rest;
	char sign;

	*minutes = 0;
	if (!*text || !strcmp(text, "Z"))
		return true;
	if (sscanf(text, "%c%2d:%2d", &sign, &hours, &rest) != 3 &&
	    sscanf(text, "%c%2d%2d", &sign, &hours, &rest) != 3)
		return false;
	if (sign != '+' && sign != '-')
		return false;
	*minutes = (sign == '-' ? -1 : 1) * (hours * 60 + rest);
	return true;
}

int64_t clk_parse_iso(const char *text)
{
	struct tm tm = {0};
	int64_t ms = 0, scale = 100;
	int minutes;
	char *rest = strptime(text, "%Y-%m-%d", &tm);

	if (rest && *rest)
		rest = strptime(rest, "T%H:%M:%S", &tm);
	if (!rest)
		return -1;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, scale /= 10)
			ms += (*rest - '0') * scale;
	if (!zone_minutes(rest, &minutes))
		return -1;
	return ((int64_t)timegm(&tm) - minutes * 60) * 1000 + ms;
}

static int64_t process_start;

__attribute__((constructor)) static void note_start(void)
{
	process_start = read_clock(CLOCK_MONOTONIC);
}

int64_t clk_left(void)
{
	static long long seconds = -1;

	if (seconds < 0) {
		const char *text = getenv("SLUICE_DEADLINE");

		seconds = 0;
		if (text && *text && !cli_duration(text, &seconds))
			cli_die(ST_CONFIG,
				"SLUICE_DEADLINE is '%s', not a time such as 90, 90s, 15m or 4h",
				text);
	}
	if (!seconds || trace_mode() == TRACE_REPLAY)
		return INT64_MAX;
	return process_start + seconds * 1000 - clk_monotonic();
}

bool clk_sleep(int64_t ms)
{
	int64_t until = clk_monotonic() + ms;

	if (trace_mode() == TRACE_REPLAY)
		return !stop_asked();
	while (!stop_asked()) {
		int64_t rest = until - clk_monotonic(), left = clk_left();

		if (left < rest)
			rest = left;
		if (rest <= 0)
			return true;
		/* in slices: a signal between the test and poll() must not be slept over */
		poll(NULL, 0, rest > 500 ? 500 : (int)rest);
	}
	return false;
}

void clk_random(unsigned char *bytes, size_t len)
{
	struct buf hex = {0};
	json_t *noted;
	const char *text;

	while (getrandom(bytes, len, 0) != (ssize_t)len)
		if (errno != EINTR)
			cli_die(ST_BUG, "cannot get random bytes: %s", strerror(errno));
	if (trace_mode() == TRACE_OFF)
		return;
	buf_hex(&hex, bytes, len);
	noted = trace_note("random", json_string(hex.data));
	text = json_string_value(noted);
	for (size_t i = 0; text && i < len && text[2 * i] && text[2 * i + 1]; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], 0};
		bytes[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	json_decref(noted);
	buf_free(&hex);
}

double clk_jitter(void)
{
	static unsigned short seed[3];

	if (!seed[0] && !seed[1] && !seed[2] && getrandom(seed, sizeof(seed), 0) < 0)
		seed[0] = (unsigned short)clk_monotonic();
	return erand48(seed);
}
