/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "change.h"
#include "cli.h"
#include "mem.h"
#include "plan.h"
#include "status.h"
#include "stop.h"

void change_begin(struct change *c)
{
	struct failure f = {0};

	if (c->plan && !(c->reviewed = plan_read(c->plan, &f)))
		cli_fail(&f);
}

static struct change_item *add(struct change *c, struct rec *rec)
{
	c->items = mem_grow(c->items, c->n + 1, sizeof *c->items);
	c->items[c->n] = (struct change_item){.rec = rec};
	return &c->items[c->n++];
}

struct change_item *change_add(struct change *c, json_t *json)
{
	return add(c, rec_new(json));
}

void change_read(struct change *c)
{
	size_t n;
	struct rec **records = rec_read_all(c->io, &n);

	for (size_t i = 0; i < n; i++) {
		c->dry = c->dry || plan_makes_dry(records[i]);
		add(c, records[i]);
	}
	free(records);
}

/* What is wrong with the input as a whole, or with any of it. */
static bool wrong(const struct change *c, struct failure *f)
{
	if (!rec_whole(c->io))
		return !fail_set(f, ST_PART, "not-attempted",
				 "not attempted, since the input is not whole");
	if (rec_broken(c->io))
		return !fail_set(f, ST_DATA, "not-attempted",
				 "not attempted, since the input is broken");
	for (size_t i = 0; i < c->n; i++) {
		int status = c->items[i].failure.status;

		if (!status && rec_error(c->items[i].rec) == ST_DATA)
			status = ST_DATA;
		if (status)
			return !fail_set(f, status, "not-attempted",
					 "not attempted, since something else is wrong");
	}
	return false;
}

static bool guarded(const struct change *c, struct failure *f)
{
	size_t changes = 0, selected = 0;

	for (size_t i = 0; i < c->n; i++) {
		selected += c->items[i].ours;
		changes += plan_changes(c->items[i].plan, NULL);
	}
	if (c->deletes)
		return guard_selected(&c->guard, changes, c->things, selected || rec_sealed(), f);
	return guard_allows(&c->guard, changes, c->things, f);
}

/* Anything but what was reviewed is the item's own fault. */
static void hold_against_plan(struct change *c)
{
	for (size_t i = 0; i < c->n && c->reviewed; i++) {
		struct change_item *item = &c->items[i];

		if (item->ours && item->plan && !item->failure.status)
			plan_allowed(item->plan, c->reviewed, &item->failure);
	}
}

bool change_allowed(struct change *c)
{
	struct failure f = {0};
	bool stopped;

	hold_against_plan(c);
	if (!wrong(c, &f) && guarded(c, &f) && !c->dry && stop_asked())
		stop_failure(&f);
	if (f.status) {
		rec_status(c->io, f.status);
		if (strcmp(f.code, "not-attempted") != 0)
			cli_warn("%s", f.message);
	}
	for (size_t i = 0; i < c->n && f.status && !c->dry; i++)
		if (c->items[i].ours && !c->items[i].failure.status)
			fail_set(&c->items[i].failure, f.status, "not-attempted", "%s", f.message);
	stopped = c->dry || f.status;
	fail_free(&f);
	return !stopped;
}

void change_write(struct change *c, struct change_item *item)
{
	if (c->dry && item->plan)
		plan_emit(c->io, item->plan);
	if (c->dry && item->ours)
		rec_set(item->rec, "planned", json_true());
	if (item->failure.status && !strcmp(item->failure.code, "not-attempted"))
		rec_fail_quietly(c->io, item->rec, &item->failure);
	else if (item->failure.status)
		rec_fail(c->io, item->rec, &item->failure);
	rec_write(c->io, item->rec);
	json_decref(item->plan);
	fail_free(&item->failure);
	*item = (struct change_item){0};
}

void change_end(struct change *c)
{
	free(c->items);
	json_decref(c->reviewed);
}
