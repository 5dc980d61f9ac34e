/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "plan.h"
#include "rm.h"
#include "status.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

static bool check_types(struct gone *g)
{
	static const char *const texts[] = {"account", "name", NULL};
	const json_t *snapshots = json_object_get(g->work->rec->json, "snapshots");
	const char *wrong = rec_no_string(g->work->rec->json, texts);

	if (wrong)
		return fail_set(&g->work->failure, ST_DATA, "bad-image",
				"image '%s': '%s' is no text", g->item.id, wrong);
	if (snapshots && !json_is_null(snapshots) && !json_is_array(snapshots))
		return fail_set(&g->work->failure, ST_DATA, "bad-image",
				"image '%s': 'snapshots' is no list", g->item.id);
	return true;
}

static bool open_one(struct removal *r, struct gone *g)
{
	struct rec *rec = g->work->rec;
	const char *provider = rec_string(rec, "provider"), *id = rec_string(rec, "id");

	if (!provider && r->o->cloud) {
		provider = r->o->cloud;
		rec_set(rec, "provider", json_string(provider));
	}
	if (!provider)
		return fail_set(&g->work->failure, ST_DATA, "bad-image",
				"an image record to be removed needs its 'provider', or -c");
	if (!id || !*id)
		return fail_set(&g->work->failure, ST_DATA, "bad-image",
				"an image record to be removed needs its 'id'");
	g->item.id = mem_dup(id);
	g->item.region = rec_string(rec, "region");
	g->item.wanted = rec->json;
	if (!cloud_account(&r->accounts, provider, &g->item)) {
		fail_move(&g->work->failure, &g->item.failure);
		fail_prefix(&g->work->failure, "cannot remove image '%s'", id);
		return false;
	}
	if (!g->item.driver->everywhere && !g->item.region && !*r->o->ids)
		return fail_set(&g->work->failure, ST_DATA, "bad-image",
				"image '%s' needs its 'region'", id);
	return check_types(g);
}

static void open_all(struct removal *r)
{
	struct batch *b = &r->batch;

	r->list = mem_alloc((b->n + 1) * sizeof *r->list);
	for (size_t i = 0; i < b->n; i++) {
		struct gone *g = &r->list[r->n];

		if (!b->works[i].mine)
			continue;
		*g = (struct gone){.work = &b->works[i]};
		g->item.kind = CLOUD_IMAGES;
		g->item.ctx = g;
		g->goes = open_one(r, g);
		r->n++;
	}
}

/* Asks a verb for all that go, or only for those that are there. */
static void ask(struct removal *r, enum cloud_verb verb, bool there)
{
	struct cloud_item **items = mem_alloc((r->n + 1) * sizeof *items);
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (!r->list[i].goes || (there && !r->list[i].there))
			continue;
		cloud_item_again(&r->list[i].item);
		items[n++] = &r->list[i].item;
	}
	cloud_do(verb, items, n, NULL);
	free(items);
}

static void refuse(struct gone *g, struct failure *f)
{
	fail_prefix(f, "cannot remove image '%s'", g->item.id);
	fail_move(&g->work->failure, f);
	g->goes = false;
}

static void add_plan(struct gone *g, const char *action, json_t *before, const char *because)
{
	const struct rec *rec = g->work->rec;

	plan_add(g->work->plan, action, "image", g->item.driver->provider,
		 rec_string(rec, "region"), rec_string(rec, "name"), g->item.id, before, NULL,
		 because);
}

/* Elsewhere under the same id, where nobody asked for its removal. */
static const char *also_in(const struct removal *r, const struct gone *g)
{
	const json_t *regions = json_object_get(g->item.record, "regions");
	json_t *region;
	size_t i;

	json_array_foreach(regions, i, region) {
		const char *name = json_string_value(region);
		bool given = !g->item.region || !strcmp(g->item.region, name);

		for (size_t k = 0; k < r->n && !given; k++) {
			const struct cloud_item *other = &r->list[k].item;

			given = other->driver == g->item.driver && other->id &&
				!strcmp(other->id, g->item.id) &&
				(!other->region || !strcmp(other->region, name));
		}
		if (!given)
			return name;
	}
	return NULL;
}

/* Whose the credentials are may not be known: then the service has the last word. */
static bool is_ours(struct removal *r, struct gone *g, const char *account)
{
	if (json_is_true(json_object_get(g->item.record, "public")))
		return fail_set(&g->item.failure, ST_GUARD, "other-account",
				"it is a public one, not the account's");
	if (cloud_same_account(&r->accounts, &g->item, account))
		return true;
	if (!strcmp(g->item.failure.code, "other-account"))
		return false;
	fail_free(&g->item.failure);
	return true;
}

/* One of another account is not gone because it is not seen. */
static bool is_of_its_account(struct removal *r, struct gone *g)
{
	const char *said = rec_string(g->work->rec, "account");
	const char *is = text_of(g->item.record, "account");

	if (!g->item.record)
		return cloud_same_account(&r->accounts, &g->item, said);
	if (said && is && strcmp(said, is) != 0)
		return fail_set(&g->item.failure, ST_GUARD, "other-account",
				"it is of account %s, the record says %s", is, said);
	return is_ours(r, g, is);
}

static void judge(struct removal *r, struct gone *g)
{
	const char *name = rec_string(g->work->rec, "name");
	const char *is = text_of(g->item.record, "name"), *also;

	if (g->item.failure.status) {
		refuse(g, &g->item.failure);
		return;
	}
	if (!is_of_its_account(r, g)) {
		refuse(g, &g->item.failure);
		return;
	}
	if (!g->item.record)
		return;
	also = also_in(r, g);
	if (name && is && strcmp(name, is) != 0) {
		fail_set(&g->item.failure, ST_NO, "conflict", "it is '%s', the record says '%s'",
			 is, name);
		add_plan(g, "conflict", json_pack("{s:s}", "name", is), g->item.failure.message);
		refuse(g, &g->item.failure);
	} else if (also && !r->o->force) {
		fail_set(&g->item.failure, ST_GUARD, "elsewhere",
			 "it would go in '%s', too, which no record names; --force removes it",
			 also);
		refuse(g, &g->item.failure);
	} else if (is && !name) {
		rec_set(g->work->rec, "name", json_string(is));
	}
	if (*r->o->ids && !g->item.region && text_of(g->item.record, "region")) {
		rec_set(g->work->rec, "region",
			json_incref(json_object_get(g->item.record, "region")));
		g->item.region = rec_string(g->work->rec, "region");
	}
}

static char *users_text(const json_t *users)
{
	struct buf text = {0};
	json_t *user;
	size_t i;

	json_array_foreach(users, i, user) {
		const char *kind = text_of(user, "kind"), *id = text_of(user, "id");
		const char *name = text_of(user, "name");

		buf_fmt(&text, "%s%s", i ? ", " : "", kind ? kind : "something");
		if (id)
			buf_fmt(&text, " %s", id);
		if (name && (!id || strcmp(id, name) != 0))
			buf_fmt(&text, " '%s'", name);
	}
	buf_str(&text, "");
	return buf_take(&text);
}

/* What cannot say who uses its images has nobody that would miss one. */
static bool cannot_say(const struct failure *f)
{
	return f->code && !strcmp(f->code, "not-there") && !f->operation;
}

static void judge_users(struct removal *r, struct gone *g)
{
	json_t *users = json_object_get(g->item.record, "used_by");
	char *who;

	if (g->item.failure.status && !cannot_say(&g->item.failure)) {
		fail_prefix(&g->item.failure, "cannot tell who uses it");
		refuse(g, &g->item.failure);
		return;
	}
	fail_free(&g->item.failure);
	if (!json_array_size(users))
		return;
	who = users_text(users);
	rec_set(g->work->rec, "used_by", json_incref(users));
	if (r->o->skip_used) {
		char *because = mem_fmt("it is used by %s", who);

		add_plan(g, "keep", NULL, because);
		g->goes = false;
		free(because);
	} else {
		fail_set(&g->item.failure, ST_GUARD, "in-use",
			 "it is used by %s; --force removes it, --skip-used leaves it", who);
		add_plan(g, "keep", NULL, g->item.failure.message);
		refuse(g, &g->item.failure);
	}
	free(who);
}

static bool is_twin(const struct removal *r, const struct gone *g)
{
	for (const struct gone *other = r->list; other < g; other++)
		if (other->goes && other->item.driver == g->item.driver &&
		    !strcmp(other->item.id, g->item.id) &&
		    (g->item.driver->everywhere || !g->item.region || !other->item.region ||
		     !strcmp(other->item.region, g->item.region)))
			return true;
	return false;
}

static void plan_left(struct gone *g)
{
	json_t *id;
	size_t i;

	json_array_foreach(json_object_get(g->left, "snapshots"), i, id)
		plan_add(g->work->plan, "delete", "snapshot", g->item.driver->provider,
			 rec_string(g->work->rec, "region"), NULL, json_string_value(id),
			 json_pack("{s:s}", "image", g->item.id), NULL, NULL);
}

/* What is gone may have left its snapshots. */
static void plan(const struct removal *r, struct gone *g)
{
	if (is_twin(r, g)) {
		add_plan(g, "keep", NULL, "it goes by another record");
	} else if (!g->there) {
		add_plan(g, "keep", NULL, "it is gone already");
		plan_left(g);
	} else {
		add_plan(g, "delete",
			 json_pack("{s:O*, s:O*}", "created", json_object_get(g->there, "created"),
				   "snapshots", json_object_get(g->there, "snapshots")),
			 NULL);
	}
}

void removal_look(struct removal *r)
{
	open_all(r);
	ask(r, CLOUD_STATE, false);
	for (size_t i = 0; i < r->n; i++) {
		r->list[i].there = json_incref(r->list[i].item.record);
		if (r->list[i].goes)
			judge(r, &r->list[i]);
	}
	removal_look_left(r);
	if (!r->o->force)
		ask(r, CLOUD_USERS, true);
	for (size_t i = 0; i < r->n; i++) {
		struct gone *g = &r->list[i];

		if (g->goes && g->there && !r->o->force)
			judge_users(r, g);
		if (g->left && g->item.failure.status)
			refuse(g, &g->item.failure);
		if (g->goes)
			plan(r, g);
		cloud_item_again(&g->item);
		json_decref(g->there);
	}
}
