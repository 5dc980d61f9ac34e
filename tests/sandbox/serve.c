/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "world.h"

const char *header(const struct request *r, const char *lower_case_name)
{
	return json_string_value(json_object_get(r->headers, lower_case_name));
}

void answer_header(struct request *r, const char *name, const char *value)
{
	put_str(r->answer_headers, name, value);
}

void answer(struct request *r, int status, const char *type, const char *text)
{
	r->status = status;
	buf_clear(&r->answer);
	buf_str(&r->answer, text);
	if (type)
		answer_header(r, "Content-Type", type);
}

void answer_json(struct request *r, int status, json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	answer(r, status, "application/json", text ? text : "null");
	free(text);
	json_decref(value);
}

void request_id(const struct request *r, char text[37])
{
	snprintf(text, 37, "5a4db0c5-0000-4000-8000-%012llx", (unsigned long long)r->n);
}

static const struct service *route(struct request *r)
{
	for (size_t i = 0; services[i]; i++)
		if (services[i]->claims(r))
			return services[i];
	return NULL;
}

static void have_served(struct request *r)
{
	if (r->service->lags && !r->changing)
		world_look_back(r);
	r->service->serve(r);
	world_look_ahead();
	if (r->changing)
		world_touch();
	if (r->changed)
		world_settle();
}

static void meet(struct request *r)
{
	json_t *rule = fault_pick(r);

	if (!rule || !fault_is_before(rule)) {
		if (!fault_throttled(r))
			have_served(r);
		if (rule)
			fault_apply(r, rule);
	} else {
		fault_apply(r, rule);
	}
	r->delay_ms += (long)num(behave(), "latency_ms", 0);
	journal_end(r, rule);
}

void serve(struct request *r)
{
	static const char own[] = "/_sandbox/";

	if (!strncmp(r->path, own, sizeof own - 1)) {
		if (strcmp(r->method, "GET") != 0)
			world_touch();
		control_serve(r);
		return;
	}
	world_step();
	r->service = route(r);
	journal_begin(r);
	if (r->service) {
		meet(r);
		return;
	}
	answer(r, 404, "text/plain", "no service of the sandbox knows this request\n");
	journal_end(r, NULL);
}
