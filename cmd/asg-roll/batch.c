/* SPDX-License-Identifier: ISC
 * The whole input: read, checked, decided and planned before anything is done. What is wrong with
 * one record stops all. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "plan.h"
#include "roll.h"
#include "sha256-hex.h"
#include "status.h"

static bool ours(const struct rec *rec)
{
	const char *provider = rec_string(rec, "provider");

	return rec_is(rec, "asg-spec") && (!provider || !strcmp(provider, "aws"));
}

void batch_read(struct batch *b, struct rec_io *io, const struct options *o)
{
	*b = (struct batch){.io = io, .o = o, .dry = o->dry};
	b->records = rec_read_all(io, &b->n);
	b->rolls = mem_alloc((b->n + 1) * sizeof *b->rolls);
	b->engine = http_new();
	for (size_t i = 0; i < b->n; i++) {
		b->dry = b->dry || plan_makes_dry(b->records[i]);
		if (ours(b->records[i]))
			b->rolls[i] =
			    (struct roll){.o = o, .rec = b->records[i], .plan = json_array()};
	}
}

/* Two specs that would retire each other's group. */
static bool same_service(const struct want *a, const struct want *b)
{
	return a->server && b->server && !strcmp(a->server, b->server) && !strcmp(a->env, b->env) &&
	       !strcmp(a->region ? a->region : "", b->region ? b->region : "");
}

static void read_wants(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct roll *r = &b->rolls[i];

		if (!r->rec || !want_read(&r->want, r->rec, b->o, &r->failure))
			continue;
		for (size_t k = 0; k < i; k++)
			if (same_service(&b->rolls[k].want, &r->want))
				fail_set(&r->failure, ST_DATA, "twice",
					 "two asg-specs are for server '%s', env '%s'",
					 r->want.server, r->want.env);
	}
}

static bool open_cloud(struct batch *b, struct roll *r, struct failure *f)
{
	struct aws_options options = {.region = r->want.region};
	const char *region;

	r->cloud = (struct asg_cloud){.io = b->io,
				      .interval_ms = b->o->interval_ms,
				      .patience_ms = 60000,
				      .limit_ms = b->o->drain_ms};
	if (!(r->cloud.aws = aws_open(b->engine, &options, f)) ||
	    !(region = aws_region(r->cloud.aws, f)))
		return false;
	if (!r->want.region)
		r->want.region = mem_dup(region);
	r->cloud.region = r->want.region;
	return true;
}

static bool prepare(struct batch *b, struct roll *r, struct failure *f)
{
	if (!open_cloud(b, r, f) || !(r->groups = asg_all(&r->cloud, f)))
		return false;
	if (b->o->back ? !roll_decide_back(r, f) : !roll_decide(r, f)) {
		if (f->code && !strcmp(f->code, "conflict"))
			roll_plan(r, f);
		return false;
	}
	if (!roll_check(r, f))
		return false;
	return roll_plan(r, f);
}

/* A conflict that came up after the review is what was not reviewed. */
static void hold_against(const struct roll *r, const json_t *reviewed, struct failure *f)
{
	if (f->status == ST_NO && f->code && !strcmp(f->code, "conflict") &&
	    !plan_knows_conflict(r->plan, reviewed))
		f->status = ST_GUARD;
}

/* What the whole call would change, against the guards and the plan that was reviewed. */
static bool allowed(struct batch *b, struct failure *f)
{
	json_auto_t *all = json_array();

	for (size_t i = 0; i < b->n; i++)
		if (b->rolls[i].plan)
			json_array_extend(all, b->rolls[i].plan);
	return guard_allows(&b->o->guard, plan_changes(all, "asg"), "groups", f) &&
	       (!b->reviewed || plan_allowed(all, b->reviewed, f));
}

/* The first failure of the whole input, 0 when all is well. */
static int first_failure(struct batch *b)
{
	if (rec_broken(b->io))
		return ST_DATA;
	for (size_t i = 0; i < b->n; i++)
		if (b->rolls[i].failure.status)
			return b->rolls[i].failure.status;
		else if (rec_error(b->records[i]) == ST_DATA)
			return ST_DATA;
	return 0;
}

/* Marks all that would have been done. */
static bool stop_all(struct batch *b, int status, const char *code, const char *why)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->rolls[i].rec && !b->rolls[i].failure.status)
			fail_set(&b->rolls[i].failure, status, code, "%s", why);
	return false;
}

static const char *const not_attempted =
    "not attempted, since something else of the input is wrong";

bool batch_ready(struct batch *b)
{
	struct failure f = {0};
	int status;

	if (!rec_whole(b->io))
		return stop_all(b, ST_PART, "not-attempted",
				"not attempted, since the input is not whole");
	if (b->o->plan && !(b->reviewed = plan_read(b->o->plan, &f)))
		stop_all(b, f.status, f.code, f.message);
	fail_free(&f);
	read_wants(b);
	if ((status = first_failure(b)) && !b->dry)
		return stop_all(b, status, "not-attempted", not_attempted);
	for (size_t i = 0; i < b->n; i++)
		if (b->rolls[i].rec && !b->rolls[i].failure.status &&
		    !prepare(b, &b->rolls[i], &b->rolls[i].failure) && b->reviewed)
			hold_against(&b->rolls[i], b->reviewed, &b->rolls[i].failure);
	if ((status = first_failure(b)) && !b->dry)
		return stop_all(b, status, "not-attempted", not_attempted);
	if (allowed(b, &f))
		return true;
	rec_status(b->io, f.status);
	if (b->dry)
		cli_warn("%s", f.message);
	else
		stop_all(b, f.status, f.code, f.message);
	fail_free(&f);
	return false;
}

/* A record that is not for us, but for its secret, or that failed before. */
static void pass(struct batch *b, struct rec *rec)
{
	json_t *user_data = json_object_get(rec->json, "user_data");
	char hex[65];

	if (rec->kind && !strcmp(rec->kind, "asg-spec") && json_is_string(user_data)) {
		sha256_hex(json_string_value(user_data), json_string_length(user_data), hex);
		rec_del(rec, "user_data");
		rec_set(rec, "user_data_sha256", json_string(hex));
	}
	rec_write(b->io, rec);
}

static void write_one(struct batch *b, struct roll *r)
{
	struct rec *rec = r->rec;

	if (b->dry)
		plan_emit(b->io, r->plan);
	result_into_record(r);
	if (b->dry)
		rec_set(rec, "planned", json_true());
	if (r->failure.status && !strcmp(r->failure.code, "not-attempted"))
		rec_fail_quietly(b->io, rec, &r->failure);
	else if (r->failure.status)
		rec_fail(b->io, rec, &r->failure);
	rec_write(b->io, rec);
	r->rec = NULL;
}

void batch_write(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->rolls[i].rec)
			write_one(b, &b->rolls[i]);
		else
			pass(b, b->records[i]);
}

void batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct roll *r = &b->rolls[i];

		want_free(&r->want);
		if (r->cloud.aws)
			aws_close(r->cloud.aws);
		json_decref(r->groups);
		json_decref(r->own);
		json_decref(r->replaces);
		json_decref(r->plan);
		json_decref(r->result);
		free(r->name);
		fail_free(&r->failure);
	}
	json_decref(b->reviewed);
	http_free(b->engine);
	free(b->records);
	free(b->rolls);
}
