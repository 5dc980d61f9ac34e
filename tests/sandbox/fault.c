/* SPDX-License-Identifier: ISC
 * Faults by rule; see README.md for the members of a rule. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mem.h"
#include "world.h"

static json_t *rules;

static const struct effect {
	const char *name, *effect;
	int before; /* by default; -1: both are possible, after is the default */
} effects[] = {
    {"status", "status", 1},     {"reset-before", "reset", 1}, {"reset-after", "reset", 0},
    {"reset", "reset", 1},       {"truncate", "truncate", 0},  {"html", "html", 0},
    {"garbage", "garbage", 0},   {"empty", "empty", 0},        {"stall", "stall", 1},
    {"stall-after", "stall", 0}, {"kill", "kill", 0},          {"kill-before", "kill", 1},
    {"delay", "delay", 0},
};

static const struct effect *effect_of(const json_t *rule)
{
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
		if (!strcmp(effects[i].name, str(rule, "effect")))
			return &effects[i];
	return NULL;
}

static bool is_like(const json_t *rule, const char *member, const char *text)
{
	regex_t re;
	bool like;

	if (!has(rule, member))
		return true;
	if (regcomp(&re, str(rule, member), REG_EXTENDED | REG_NOSUB))
		return false;
	like = !regexec(&re, text ? text : "", 0, NULL, 0);
	regfree(&re);
	return like;
}

static bool params_hold(const json_t *rule, const struct request *r)
{
	char *text;
	bool found;

	if (!has(rule, "params"))
		return true;
	text = json_dumps(r->params, JSON_COMPACT | JSON_ENCODE_ANY);
	found = text && strstr(text, str(rule, "params"));
	free(text);
	return found;
}

static bool matches(const json_t *rule, const struct request *r)
{
	const json_t *changing = json_object_get(rule, "changing");

	return is_like(rule, "service", r->service_name) && is_like(rule, "action", r->action) &&
	       is_like(rule, "method", r->method) && is_like(rule, "path", r->path) &&
	       is_like(rule, "region", r->region) && is_like(rule, "key", r->access_key) &&
	       (!changing || json_is_true(changing) == r->changing) && params_hold(rule, r);
}

/* Whether the rule acts on its SEEN-th match. */
static bool its_turn(const json_t *rule, long long seen)
{
	long long nth = num(rule, "nth", 0), every = num(rule, "every", 0);

	if (nth)
		return seen == nth;
	if (every && seen % every)
		return false;
	return seen >= num(rule, "from", 1) && seen <= num(rule, "to", INT64_MAX);
}

json_t *fault_pick(struct request *r)
{
	size_t i;
	json_t *rule, *picked = NULL;

	json_array_foreach(rules, i, rule) {
		long long seen = num(rule, "seen", 0) + 1, done = num(rule, "done", 0) + 1;

		if (!matches(rule, r))
			continue;
		put_int(rule, "seen", seen);
		if (picked || !its_turn(rule, seen) || done > num(rule, "times", INT64_MAX))
			continue;
		put_int(rule, "done", done);
		picked = rule;
	}
	return picked;
}

bool fault_is_before(const json_t *rule)
{
	if (has(rule, "when"))
		return !strcmp(str(rule, "when"), "before");
	return effect_of(rule)->before;
}

static void refuse_by(struct request *r, const json_t *rule)
{
	int status = (int)num(rule, "status", 503);
	const char *code = has(rule, "code") ? str(rule, "code") : "ServiceUnavailable";
	const char *message = has(rule, "message") ? str(rule, "message") : "The sandbox says no.";

	if (has(rule, "body"))
		answer(r, status, has(rule, "type") ? str(rule, "type") : "text/plain",
		       str(rule, "body"));
	else
		r->service->refuse(r, status, code, message);
}

static void spoil(struct request *r, const json_t *rule)
{
	static const char page[] = "<html><head><title>502 Bad Gateway</title></head>\n"
				   "<body><h1>502 Bad Gateway</h1></body></html>\n";
	const char *effect = effect_of(rule)->effect;

	if (!strcmp(effect, "html"))
		answer(r, (int)num(rule, "status", 502), "text/html", page);
	else if (!strcmp(effect, "garbage"))
		answer(r, (int)num(rule, "status", 200), NULL, "\x7f\x01<]{\"garbage&\xff");
	else
		answer(r, (int)num(rule, "status", 200), NULL, "");
}

void fault_apply(struct request *r, const json_t *rule)
{
	const char *effect = effect_of(rule)->effect, *name;
	json_t *value;

	r->delay_ms = (long)num(rule, "delay_ms", 0);
	if (!strcmp(effect, "status"))
		refuse_by(r, rule);
	else if (!strcmp(effect, "reset"))
		r->outcome = OUT_RESET;
	else if (!strcmp(effect, "truncate"))
		r->outcome = OUT_TRUNCATE;
	else if (!strcmp(effect, "stall"))
		r->outcome = OUT_STALL;
	else if (!strcmp(effect, "kill")) {
		peer_kill(r->peer_port, r->own_port);
		r->outcome = OUT_RESET;
	} else if (strcmp(effect, "delay") != 0)
		spoil(r, rule);
	if (has(rule, "retry_after")) {
		char *seconds = mem_fmt("%lld", num(rule, "retry_after", 0));

		answer_header(r, "Retry-After", seconds);
		free(seconds);
	}
	json_object_foreach(json_object_get(rule, "headers"), name, value)
		answer_header(r, name, text_of(value));
}

const char *fault_add(json_t *rule)
{
	static const char *const known[] = {
	    "service",     "action",   "method",  "path",    "region", "key",   "params",
	    "changing",    "nth",      "every",   "from",    "to",     "times", "effect",
	    "when",        "status",   "code",    "message", "body",   "type",  "headers",
	    "retry_after", "delay_ms", "comment", NULL};
	const char *name;
	json_t *value;

	if (!json_is_object(rule))
		return "a rule is an object";
	json_object_foreach(rule, name, value) {
		size_t i = 0;

		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (!known[i])
			return "a rule has no such member";
	}
	if (!effect_of(rule))
		return "no such effect";
	if (!rules)
		rules = json_array();
	json_array_append(rules, rule);
	return NULL;
}

json_t *fault_list(void)
{
	if (!rules)
		rules = json_array();
	return rules;
}

void fault_clear(void)
{
	json_array_clear(fault_list());
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* behave: {"throttle":{"ACTION":{"burst":N,"rate":PER_SECOND,"status":503,"code":C}}}, * for any */
bool fault_throttled(struct request *r)
{
	json_t *all = json_object_get(behave(), "throttle"), *bucket;
	double now = seconds_now(), burst, tokens;

	bucket = json_object_get(all, r->action ? r->action : "");
	if (!bucket)
		bucket = json_object_get(all, "*");
	if (!json_is_object(bucket))
		return false;
	burst = (double)num(bucket, "burst", 1);
	tokens = json_object_get(bucket, "_tokens")
		     ? json_real_value(json_object_get(bucket, "_tokens"))
		     : burst;
	tokens += (now - json_real_value(json_object_get(bucket, "_at"))) *
		  json_number_value(json_object_get(bucket, "rate"));
	if (tokens > burst)
		tokens = burst;
	put(bucket, "_at", json_real(now));
	put(bucket, "_tokens", json_real(tokens < 1 ? tokens : tokens - 1));
	if (tokens >= 1)
		return false;
	r->service->refuse(r, (int)num(bucket, "status", 400),
			   has(bucket, "code") ? str(bucket, "code") : "Throttling",
			   "Rate exceeded");
	return true;
}
