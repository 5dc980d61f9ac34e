/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "cli.h"
#include "mem.h"
#include "plan.h"
#include "status.h"
#include "stop.h"

static bool failed_here(const struct batch *b, const struct rec *r)
{
	const json_t *error = json_object_get(r->json, "error");
	const char *filter = json_string_value(json_object_get(error, "filter"));

	return filter && !strcmp(filter, b->rules->filter);
}

/* In a pipe who failed has just said so; from a file, or here, nobody has. */
static void tell_passed(const struct batch *b, const struct rec *r)
{
	const json_t *error = json_object_get(r->json, "error");
	const char *filter = json_string_value(json_object_get(error, "filter")),
		   *message = json_string_value(json_object_get(error, "message"));
	bool here = failed_here(b, r);

	if (here || b->options->file)
		cli_note("nothing is done, since %s failed before: %s%s",
			 filter ? filter : "a step", message ? message : "it does not say why",
			 here ? "; --again takes it up" : "");
}

static bool is_mine(const struct batch *b, struct rec *r)
{
	const struct batch_rules *rules = b->rules;
	const char *provider = rec_string(r, "provider");

	if (!r->kind || (rules->kind && strcmp(r->kind, rules->kind) != 0) ||
	    (rules->means && !rules->means(r)))
		return false;
	if (b->options->again && failed_here(b, r))
		rec_del(r, "error");
	if (rules->provider && !(provider ? !strcmp(provider, rules->provider) : rules->unclaimed))
		return false;
	if (!rec_error(r) || rules->failed_too)
		return true;
	tell_passed(b, r);
	return false;
}

void batch_begin(struct batch *b, struct rec_io *io, const struct batch_rules *rules,
		 const struct batch_options *options)
{
	*b = (struct batch){.io = io, .rules = rules, .options = options, .dry = options->dry};
}

static struct batch_work *add(struct batch *b, struct rec *rec)
{
	struct batch_work *work;

	b->works = mem_grow(b->works, b->n + 1, sizeof *b->works);
	work = &b->works[b->n++];
	*work = (struct batch_work){.rec = rec, .plan = json_array(), .mine = is_mine(b, rec)};
	return work;
}

struct batch_work *batch_add(struct batch *b, json_t *json)
{
	return add(b, rec_new(json));
}

void batch_read(struct batch *b)
{
	struct rec **records;
	size_t n;

	rec_open(b->io, b->options->file);
	records = rec_read_all(b->io, &n);
	for (size_t i = 0; i < n; i++) {
		b->dry = b->dry || plan_makes_dry(records[i]);
		add(b, records[i]);
	}
	free(records);
}

/* The input as a whole. */
static bool input_stops(struct batch *b)
{
	if (b->rules->regardless)
		return false;
	if (!rec_whole(b->io))
		return !fail_set(&b->stop, ST_PART, "not-attempted",
				 "not attempted, since the input is not whole");
	if (rec_broken(b->io))
		return !fail_set(&b->stop, ST_DATA, "not-attempted",
				 "not attempted, since the input is broken");
	return false;
}

/* Something wrong with one of them, but for a cloud that this build does not know: that is no
 * mistake, and no reason to leave the others. */
static bool record_stops(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct batch_work *work = &b->works[i];
		const char *code = work->failure.code;
		int status = code && !strcmp(code, "no-driver") ? 0 : work->failure.status;

		if (!status && rec_error(work->rec) == ST_DATA)
			status = ST_DATA;
		if (status)
			return !fail_set(&b->stop, status, "not-attempted",
					 "not attempted, since another record is refused");
	}
	return false;
}

/* A conflict that came up after the review stops with the guard's status, as all that was not
 * reviewed does; its message stays. */
static void hold_against(const struct batch_work *work, const json_t *reviewed, struct failure *f)
{
	if (!f->status)
		plan_allowed(work->plan, reviewed, f);
	else if (f->status == ST_NO && f->code && !strcmp(f->code, "conflict") &&
		 !plan_knows_conflict(work->plan, reviewed))
		f->status = ST_GUARD;
}

/* What was not reviewed is the record's own fault: so it is told in a dry pipe, too. */
static bool plan_stops(struct batch *b)
{
	json_t *reviewed = b->options->plan ? plan_read(b->options->plan, &b->stop) : NULL;

	for (size_t i = 0; reviewed && i < b->n; i++) {
		struct batch_work *work = &b->works[i];

		if (work->mine)
			hold_against(work, reviewed, &work->failure);
	}
	json_decref(reviewed);
	return b->stop.status;
}

static bool guard_stops(struct batch *b)
{
	const struct batch_options *o = b->options;
	json_auto_t *plan = json_array();
	size_t mine = 0, changes;

	for (size_t i = 0; i < b->n; i++) {
		mine += b->works[i].mine;
		json_array_extend(plan, b->works[i].plan);
	}
	changes = plan_changes(plan, b->rules->counted);
	if (b->rules->deletes &&
	    !guard_selected(&o->guard, changes, b->rules->things, mine || rec_sealed(), &b->stop))
		return true;
	return !guard_allows(&o->guard, changes, b->rules->things, &b->stop);
}

bool batch_stopped(struct batch *b)
{
	return b->stop.status || input_stops(b) ||
	       (!b->dry && !b->rules->regardless && record_stops(b));
}

static bool stops(struct batch *b)
{
	if (b->stop.status || input_stops(b) || plan_stops(b))
		return true;
	if (!b->dry && !b->rules->regardless && record_stops(b))
		return true;
	return guard_stops(b) || (!b->dry && stop_asked() && !stop_failure(&b->stop));
}

bool batch_may_act(struct batch *b)
{
	if (!stops(b))
		return !b->dry;
	if (b->stop.status != ST_PART) /* of which the end of the stream tells */
		rec_status(b->io, b->stop.status);
	if (strcmp(b->stop.code, "not-attempted") != 0)
		cli_warn("%s", b->stop.message);
	return false;
}

static void write_after(struct batch *b, struct batch_work *work)
{
	size_t i;
	json_t *record;

	if (json_is_object(work->after))
		rec_emit(b->io, json_incref(work->after));
	json_array_foreach(work->after, i, record) {
		rec_emit(b->io, json_incref(record));
	}
	json_decref(work->after);
	work->after = NULL;
}

static void write_one(struct batch *b, struct batch_work *work)
{
	struct failure *f = &work->failure;

	if (work->mine && !f->status && b->stop.status && !b->dry)
		fail_set(f, b->stop.status, "not-attempted", "%s", b->stop.message);
	if (work->mine && b->dry) {
		plan_emit(b->io, work->plan);
		rec_set(work->rec, "planned", json_true());
	}
	if (f->status && f->code && !strcmp(f->code, "not-attempted"))
		rec_fail_quietly(b->io, work->rec, f);
	else if (f->status && rec_error(work->rec))
		cli_warn("%s", f->message);
	else if (f->status)
		rec_fail(b->io, work->rec, f);
	rec_write(b->io, work->rec);
	work->rec = NULL;
	write_after(b, work);
}

void batch_settle(struct batch *b, struct batch_work *work)
{
	work->settled = true;
	for (; b->next < b->n; b->next++) {
		work = &b->works[b->next];
		if (work->mine && !work->settled)
			return;
		write_one(b, work);
	}
}

void batch_end(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->works[i].settled = true;
	if (b->n)
		batch_settle(b, &b->works[0]);
	for (size_t i = 0; i < b->n; i++) {
		json_decref(b->works[i].plan);
		fail_free(&b->works[i].failure);
	}
	free(b->works);
	fail_free(&b->stop);
}
