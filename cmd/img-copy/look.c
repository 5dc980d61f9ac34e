/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "mem.h"
#include "plan.h"
#include "status.h"

static void look_at_sources(struct copying *c)
{
	struct cloud_item **items = mem_alloc((c->n_sources + 1) * sizeof *items);
	size_t n = 0;

	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].good)
			items[n++] = &c->sources[i].item;
	cloud_do(CLOUD_STATE, items, n, NULL);
	free(items);
}

static void judge_source(struct source *s)
{
	struct failure *f = &s->work->failure;
	const char *state = copying_text(s->item.record, "state");

	if (s->item.failure.status)
		fail_move(f, &s->item.failure);
	else if (!s->item.record)
		fail_set(f, ST_REFUSED, "gone", "it is not there");
	else if (state && strcmp(state, "available") != 0 && strcmp(state, "pending") != 0)
		fail_set(f, ST_REFUSED, "image-failed", "it is %s", state);
	s->good = !f->status;
	s->live = json_incref(s->item.record);
	if (f->status)
		fail_prefix(f, "cannot copy image '%s'%s%s%s", s->item.id,
			    s->item.region ? " of '" : "", s->item.region ? s->item.region : "",
			    s->item.region ? "'" : "");
}

/* The record's word, else the cloud's. */
static void carry(json_t *wanted, const struct source *s, const char *key)
{
	json_t *value = json_object_get(s->work->rec->json, key);

	if (!value || json_is_null(value))
		value = json_object_get(s->live, key);
	if (value && !json_is_null(value) && json_object_set(wanted, key, value))
		mem_out();
}

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

static json_t *wanted_of(const struct copying *c, const struct copy *copy)
{
	static const char *const carried[] = {"name",         "description", "architecture",
					      "distribution", "tags",        "run"};
	const struct source *s = copy->of;
	json_t *wanted = json_pack("{s:s, s:s, s:s, s:{s:s*, s:s}}", "kind", "image", "provider",
				   s->item.driver->provider, "region", copy->region, "source",
				   "region", s->item.region, "id", s->item.id);
	json_t *key = json_object_get(c->o->keys, copy->region);

	if (!wanted)
		mem_out();
	for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
		carry(wanted, s, carried[i]);
	if (c->o->encrypt || key || json_is_true(json_object_get(s->live, "encrypted")))
		put(wanted, "encrypted", json_true());
	if (key)
		put(wanted, "kms_key", json_incref(key));
	if (json_array_size(s->share_with))
		put(wanted, "share_with", json_incref(s->share_with));
	return wanted;
}

static bool same_text(const json_t *a, const json_t *b, const char *key)
{
	const char *x = copying_text(a, key), *y = copying_text(b, key);

	return x && y && !strcmp(x, y);
}

bool copying_is_first(const struct copy *copy, const json_t *is)
{
	const json_t *first = json_object_get(copy->of->live, "source");

	return same_text(is, first, "id") && same_text(is, first, "region");
}

/* A copy of the image, or of what that is a copy of itself, or that. */
static bool is_it(const struct copy *copy, const json_t *is)
{
	const json_t *there = json_object_get(is, "source");
	const json_t *first = json_object_get(copy->of->live, "source");

	if (copy->item.driver->everywhere ||
	    same_text(there, json_object_get(copy->wanted, "source"), "id"))
		return true;
	return same_text(there, first, "id") || copying_is_first(copy, is) ||
	       (copy->stands && same_text(is, copy->stands->rec->json, "id"));
}

/* One of its name: the copy rather than another image. */
static void take_named(struct cloud_item *item, json_t *record)
{
	struct copy *copy = item->ctx;

	if (copy->is && !is_it(copy, record))
		return;
	json_decref(copy->is);
	copy->is = json_incref(record);
}

/* By its name; by its id where a copy keeps it. */
static void look_at_copies(struct copying *c)
{
	struct cloud_item **named = mem_alloc((c->n_copies + 1) * sizeof *named);
	struct cloud_item **known = mem_alloc((c->n_copies + 1) * sizeof *known);
	size_t n_named = 0, n_known = 0;

	for (size_t i = 0; i < c->n_copies; i++) {
		struct copy *copy = &c->copies[i];
		const struct cloud_item *of = &copy->of->item;

		if (!copy->of->good)
			continue;
		copy->wanted = wanted_of(c, copy);
		copy->item = (struct cloud_item){.driver = of->driver,
						 .cloud = of->cloud,
						 .kind = CLOUD_IMAGES,
						 .region = copy->region,
						 .wanted = copy->wanted,
						 .own = true,
						 .name = copying_text(copy->wanted, "name"),
						 .each = take_named,
						 .ctx = copy};
		if (of->driver->everywhere) {
			copy->item.id = mem_dup(of->id);
			known[n_known++] = &copy->item;
		} else if (copy->item.name) {
			named[n_named++] = &copy->item;
		}
	}
	cloud_do(CLOUD_STATE, known, n_known, NULL);
	cloud_do(CLOUD_LIST, named, n_named, NULL);
	free(named);
	free(known);
}

bool copying_is_bare(const struct copy *copy)
{
	const char *state = copying_text(copy->is, "state");

	return json_is_true(json_object_get(copy->wanted, "encrypted")) &&
	       json_is_false(json_object_get(copy->is, "encrypted")) && state &&
	       !strcmp(state, "available");
}

static void add_plan(struct copy *copy, const char *action, json_t *after, const char *because)
{
	plan_add(copy->of->work->plan, action, "image", copy->item.driver->provider, copy->region,
		 copying_text(copy->wanted, "name"), copying_text(copy->is, "id"), NULL, after,
		 because);
}

static void add_conflict(struct copy *copy, const char *what)
{
	struct failure *f = &copy->of->work->failure, here = {0};
	const char *name = copying_text(copy->wanted, "name");

	fail_set(&here, ST_NO, "conflict", "cannot copy image '%s': '%s' has %s '%s': %s",
		 copy->of->item.id, copy->region, what, name ? name : "",
		 copying_text(copy->is, "id"));
	add_plan(copy, "conflict", NULL, here.message);
	if (!f->status)
		fail_move(f, &here);
	fail_free(&here);
}

/* A region that cannot be looked at is no reason to leave the others; what a guard refuses, is
 * not configured, or is no region at all, stops all. */
static void judge_unseen(struct copy *copy)
{
	struct failure *f = &copy->item.failure;

	fail_prefix(f, "cannot tell whether image '%s' is in '%s'", copy->of->item.id,
		    copy->region);
	if (f->status != ST_GUARD && f->status != ST_CONFIG && f->status != ST_DATA)
		copy->unseen = true;
	else if (!copy->of->work->failure.status)
		fail_move(&copy->of->work->failure, f);
}

static void judge_copy(struct copy *copy)
{
	if (!copy->is)
		copy->is = json_incref(copy->item.record);
	if (copy->item.failure.status) {
		judge_unseen(copy);
	} else if (copy->is && !is_it(copy, copy->is)) {
		add_conflict(copy, "another image");
	} else if (copy->is && copying_is_bare(copy)) {
		add_conflict(copy, "a copy that is not encrypted");
	} else if (copy->is) {
		copy->there = true;
		if (!copy->item.id)
			copy->item.id = mem_dup(copying_text(copy->is, "id"));
		add_plan(copy, "keep", NULL, NULL);
	} else {
		add_plan(copy, "create",
			 json_pack("{s:O, s:O*, s:O*, s:O*}", "source",
				   json_object_get(copy->wanted, "source"), "encrypted",
				   json_object_get(copy->wanted, "encrypted"), "kms_key",
				   json_object_get(copy->wanted, "kms_key"), "share_with",
				   json_object_get(copy->wanted, "share_with")),
			 NULL);
	}
}

void copying_look(struct copying *c)
{
	look_at_sources(c);
	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].good)
			judge_source(&c->sources[i]);
	look_at_copies(c);
	copying_judge_regions(c);
	for (size_t i = 0; i < c->n_copies; i++)
		if (c->copies[i].of->good)
			judge_copy(&c->copies[i]);
	for (size_t i = 0; i < c->n_sources; i++)
		c->sources[i].good = c->sources[i].good && !c->sources[i].work->failure.status;
}
