/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "world.h"

static struct {
	double speed, tick, skew;
	int64_t model, wall; /* a moment at which both were known */
	int64_t pinned;
} clk = {.speed = 1};

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t world_wall(void)
{
	return read_clock(CLOCK_REALTIME) + (int64_t)(clk.skew * 1000);
}

static int64_t model_clock(void)
{
	int64_t wall = read_clock(CLOCK_MONOTONIC);

	if (!clk.model) {
		clk.model = read_clock(CLOCK_REALTIME);
		clk.wall = wall;
	}
	return clk.model + (int64_t)((double)(wall - clk.wall) * clk.speed);
}

static void rebase(int64_t more)
{
	clk.model = model_clock() + more;
	clk.wall = read_clock(CLOCK_MONOTONIC);
}

int64_t world_now(void)
{
	if (!clk.pinned)
		clk.pinned = model_clock();
	return clk.pinned;
}

void world_speed(double speed)
{
	rebase(0);
	clk.speed = speed;
}

void world_tick(double seconds)
{
	clk.tick = seconds;
}

void world_skew(double seconds)
{
	clk.skew = seconds;
}

void world_advance(double seconds)
{
	rebase((int64_t)(seconds * 1000));
}

json_t *world_clock(void)
{
	char iso[32];

	return json_pack("{s:s, s:I, s:f, s:f, s:f}", "now", world_iso(world_now(), iso), "ms",
			 (json_int_t)world_now(), "speed", clk.speed, "tick", clk.tick, "skew",
			 clk.skew);
}

/* Declared here only: state.c moves the pinned moment. */
void clock_pin(int64_t ms);
int64_t clock_goal(void);

void clock_pin(int64_t ms)
{
	clk.pinned = ms;
}

int64_t clock_goal(void)
{
	return model_clock();
}

void world_step(void)
{
	if (clk.tick)
		world_advance(clk.tick);
	world_settle();
}

char *world_iso(int64_t ms, char text[32])
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + 19, 13, ".%03dZ", (int)(ms % 1000));
	return text;
}

json_t *world_time(int64_t ms)
{
	char text[32];

	return json_string(world_iso(ms, text));
}

int64_t world_parse_iso(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	return rest ? (int64_t)timegm(&tm) * 1000 : -1;
}
