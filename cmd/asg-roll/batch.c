/* SPDX-License-Identifier: ISC
 * The whole input: read, checked, decided and planned before anything is done. What is wrong with
 * one record stops all. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "roll.h"
#include "sha256-hex.h"
#include "status.h"

static const struct batch_rules rules = {.filter = "asg-roll",
					 .kind = "asg-spec",
					 .provider = "aws",
					 .unclaimed = true,
					 .things = "groups",
					 .counted = "asg"};

/* Of a record that is not for us, or that failed before, the secret goes no further either. */
static void hide_user_data(struct rec *rec)
{
	json_t *user_data = json_object_get(rec->json, "user_data");
	char hex[65];

	if (!rec->kind || strcmp(rec->kind, "asg-spec") != 0 || !json_is_string(user_data))
		return;
	sha256_hex(json_string_value(user_data), json_string_length(user_data), hex);
	rec_del(rec, "user_data");
	rec_set(rec, "user_data_sha256", json_string(hex));
}

static void add_roll(struct rolls *all, struct batch_work *work)
{
	struct roll *r = mem_alloc(sizeof *r);

	*r = (struct roll){.o = all->o, .rec = work->rec, .plan = json_incref(work->plan)};
	work->own = r;
}

void rolls_read(struct rolls *all, struct rec_io *io, const struct options *o)
{
	struct batch *b = &all->batch;

	*all = (struct rolls){.o = o, .engine = http_new()};
	batch_begin(b, io, &rules, &o->batch);
	batch_read(b);
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].mine)
			add_roll(all, &b->works[i]);
		else
			hide_user_data(b->works[i].rec);
}

/* Two specs that would retire each other's group. */
static bool same_service(const struct want *a, const struct want *b)
{
	return a->server && b->server && !strcmp(a->server, b->server) && !strcmp(a->env, b->env) &&
	       !strcmp(a->region ? a->region : "", b->region ? b->region : "");
}

static void read_wants(struct rolls *all)
{
	struct batch *b = &all->batch;

	for (size_t i = 0; i < b->n; i++) {
		struct roll *r = b->works[i].own;

		if (!r || !want_read(&r->want, r->rec, all->o, &b->works[i].failure))
			continue;
		for (size_t k = 0; k < i; k++) {
			const struct roll *other = b->works[k].own;

			if (other && same_service(&other->want, &r->want))
				fail_set(&b->works[i].failure, ST_DATA, "twice",
					 "two asg-specs are for server '%s', env '%s'",
					 r->want.server, r->want.env);
		}
	}
}

static bool open_cloud(struct rolls *all, struct roll *r, struct failure *f)
{
	struct aws_options options = {.region = r->want.region};
	const char *region;

	r->cloud = (struct asg_cloud){.io = all->batch.io,
				      .interval_ms = all->o->interval_ms,
				      .patience_ms = 60000,
				      .limit_ms = all->o->drain_ms};
	if (!(r->cloud.aws = aws_open(all->engine, &options, f)) ||
	    !(region = aws_region(r->cloud.aws, f)))
		return false;
	if (!r->want.region)
		r->want.region = mem_dup(region);
	r->cloud.region = r->want.region;
	return true;
}

static bool prepare(struct rolls *all, struct roll *r, struct failure *f)
{
	if (!open_cloud(all, r, f) || !(r->groups = asg_all(&r->cloud, f)))
		return false;
	if (all->o->back ? !roll_decide_back(r, f) : !roll_decide(r, f)) {
		if (f->code && !strcmp(f->code, "conflict"))
			roll_plan_conflict(r, f->message);
		return false;
	}
	return roll_check(r, f) && roll_plan(r, f);
}

void rolls_prepare(struct rolls *all)
{
	struct batch *b = &all->batch;

	read_wants(all);
	if (batch_stopped(b))
		return;
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].own && !b->works[i].failure.status)
			prepare(all, b->works[i].own, &b->works[i].failure);
}

static void release(struct roll *r)
{
	want_free(&r->want);
	if (r->cloud.aws)
		aws_close(r->cloud.aws);
	json_decref(r->groups);
	json_decref(r->own);
	json_decref(r->replaces);
	json_decref(r->plan);
	json_decref(r->result);
	free(r->name);
	free(r);
}

void rolls_settle(struct rolls *all, struct batch_work *work)
{
	result_into_record(work->own);
	release(work->own);
	work->own = NULL;
	batch_settle(&all->batch, work);
}

void rolls_end(struct rolls *all)
{
	for (size_t i = 0; i < all->batch.n; i++)
		if (all->batch.works[i].own)
			rolls_settle(all, &all->batch.works[i]);
	batch_end(&all->batch);
	http_free(all->engine);
}
