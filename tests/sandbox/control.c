/* SPDX-License-Identifier: ISC
 * /_sandbox/: what a test says to the sandbox itself. Never journalled, never faulty. */
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "world.h"

static void ok(struct request *r)
{
	answer_json(r, 200, json_pack("{s:b}", "ok", 1));
}

static void complain(struct request *r, const char *why)
{
	answer_json(r, 400, json_pack("{s:s}", "error", why));
}

static void on_state(struct request *r, json_t *body)
{
	if (!strcmp(r->method, "GET"))
		answer_json(r, 200, world_dump());
	else if (world_load(body))
		ok(r);
	else
		complain(r, "not a state: {\"state\":{…}}");
}

static void on_reset(struct request *r, json_t *body)
{
	(void)body;
	fault_clear();
	journal_clear();
	world_reset();
	ok(r);
}

static void on_clock(struct request *r, json_t *body)
{
	if (json_object_get(body, "speed"))
		world_speed(json_number_value(json_object_get(body, "speed")));
	if (json_object_get(body, "tick"))
		world_tick(json_number_value(json_object_get(body, "tick")));
	if (json_object_get(body, "skew"))
		world_skew(json_number_value(json_object_get(body, "skew")));
	if (json_object_get(body, "advance"))
		world_advance(json_number_value(json_object_get(body, "advance")));
	world_settle();
	answer_json(r, 200, world_clock());
}

static void on_faults(struct request *r, json_t *body)
{
	const char *wrong = NULL;
	size_t i;
	json_t *rule;

	if (!strcmp(r->method, "DELETE"))
		fault_clear();
	else if (strcmp(r->method, "GET") != 0 && json_is_array(body))
		json_array_foreach(body, i, rule)
			wrong = wrong ? wrong : fault_add(rule);
	else if (strcmp(r->method, "GET") != 0)
		wrong = fault_add(body);
	if (wrong)
		complain(r, wrong);
	else
		answer_json(r, 200, json_incref(fault_list()));
}

static void on_journal(struct request *r, json_t *body)
{
	json_t *query = form_flat(r->query, strlen(r->query));

	(void)body;
	answer(r, 200, "application/json", "");
	if (!strcmp(r->method, "DELETE"))
		journal_clear();
	else
		journal_write(&r->answer, num(query, "after", 0));
	json_decref(query);
}

static void on_behave(struct request *r, json_t *body)
{
	if (!strcmp(r->method, "DELETE"))
		behave_reset();
	else if (strcmp(r->method, "GET") != 0)
		behave_change(body);
	if (machines_on() && strcmp(r->method, "GET") != 0)
		world_settle(); /* what holds a machine may hold it no more */
	answer_json(r, 200, json_incref(behave()));
}

static void on_seed(struct request *r, json_t *body)
{
	world_seed(body);
	ok(r);
}

static void on_machines(struct request *r, json_t *body)
{
	(void)body;
	world_settle();
	answer_json(r, 200, machines_shown());
}

void control_serve(struct request *r)
{
	static const struct {
		const char *path;
		void (*run)(struct request *r, json_t *body);
	} calls[] = {
	    {"/_sandbox/state", on_state},     {"/_sandbox/reset", on_reset},
	    {"/_sandbox/clock", on_clock},     {"/_sandbox/faults", on_faults},
	    {"/_sandbox/journal", on_journal}, {"/_sandbox/behave", on_behave},
	    {"/_sandbox/seed", on_seed},       {"/_sandbox/machines", on_machines},
	};
	json_error_t wrong;
	json_t *body =
	    r->body.len ? json_loadb(r->body.data, r->body.len, 0, &wrong) : json_object();

	if (!body) {
		complain(r, wrong.text);
		return;
	}
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (!strcmp(calls[i].path, r->path)) {
			calls[i].run(r, body);
			json_decref(body);
			return;
		}
	json_decref(body);
	answer_json(r, 404, json_pack("{s:s}", "error", "no such call of the sandbox"));
}
