/* SPDX-License-Identifier: ISC
 * destroy: whatever `up` made for these images, whether the record names it or not: all of it has
 * the record's temporary name. Signals wait until it is done. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "status.h"

/* One thing to be removed. */
struct thing {
	struct bake *bake;
	const json_t *record;
	struct cloud_item item;
};

static const struct {
	enum cloud_kind kind;
	const char *name;
} kinds[] = {{CLOUD_INSTANCES, "instance"},
	     {CLOUD_GROUPS, "security-group"},
	     {CLOUD_KEYS, "ssh-key"},
	     {CLOUD_VOLUMES, "volume"}};
enum { DISKS = 3, N_KINDS = DISKS };

static const char *text(const json_t *record, const char *key)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value ? value : "";
}

static bool is_gone(const json_t *record)
{
	return !strcmp(text(record, "status"), "gone");
}

static bool has(const struct bake *b, const json_t *record)
{
	json_t *known;
	size_t i;

	json_array_foreach(b->left, i, known)
		if (!strcmp(text(known, "kind"), text(record, "kind")) &&
		    !strcmp(text(known, "id"), text(record, "id")))
			return true;
	return false;
}

static void see(struct bake *b, json_t *record)
{
	if (!is_gone(record) && !has(b, record))
		json_array_append(b->left, record);
}

static void see_listed(struct cloud_item *item, json_t *record)
{
	see(item->ctx, record);
}

static bool lists(struct bake *b)
{
	char *name = mem_fmt("%s%s", text(bake_temporary(b), "name"), b->all->suffix);

	b->item.kind = b->all->listed;
	b->item.each = see_listed;
	b->wanted = json_pack("{s:s}", "name", name);
	b->item.name = text(b->wanted, "name");
	free(name);
	return true;
}

/* The rest is removed all the same. */
static void take_list(struct bake *b)
{
	if (b->item.failure.status && !b->unsure.status)
		fail_move(&b->unsure, &b->item.failure);
	fail_free(&b->item.failure);
}

/* The machine itself, and the one that verify starts. */
static void list_kinds(struct bakes *s, int n)
{
	static const char *const suffixes[] = {"", "-v"};

	for (int i = 0; i < 2; i++)
		for (int k = 0; k < n; k++) {
			s->suffix = suffixes[i];
			s->listed = kinds[k].kind;
			bakes_do(s, CLOUD_LIST, lists, take_list);
		}
}

static void see_disk(struct cloud_item *item, json_t *record)
{
	if (!strcmp(text(record, "provider_status"), "available"))
		see(item->ctx, record);
}

static bool lists_disks(struct bake *b)
{
	lists(b);
	b->item.temporary = true;
	b->item.each = see_disk;
	return true;
}

/* Who may not look at them has mostly none. */
static void take_disks(struct bake *b)
{
	fail_free(&b->item.failure);
}

/* An image may say that a disk stays when its machine goes. */
static void list_disks(struct bakes *s)
{
	s->listed = CLOUD_VOLUMES;
	s->suffix = "";
	bakes_do(s, CLOUD_LIST, lists_disks, take_disks);
	s->suffix = "-v";
	bakes_do(s, CLOUD_LIST, lists_disks, take_disks);
}

/* Made so short a while ago that it may be there without being seen. */
static bool is_young(const struct bake *b)
{
	const char *created = bake_deep(b, "instance", "created");
	int64_t ms = created ? clk_parse_iso(created) : -1, age = clk_now() - ms;
	int64_t most = 4 * b->all->o->lag_ms;

	return ms >= 0 && age < most && age > -most; /* clocks differ */
}

/* A list may hide what the record names. */
static void take_machine(struct bake *b)
{
	json_t *record = b->item.record;
	bool told = !b->item.failure.status;

	take_list(b);
	if (!record || is_gone(record)) {
		b->unseen = told && !record && is_young(b) && bake_deep(b, "instance", "expires");
		if (told && !b->unseen)
			json_object_set_new(json_object_get(b->json, "instance"), "status",
					    json_string("gone"));
		return;
	}
	if (!*text(record, "expires") && !b->all->o->force)
		fail_set(
		    &b->failure, ST_GUARD, "not-temporary",
		    "%s: machine %s has no expiry: img-bake did not make it; --force removes it",
		    b->name, b->item.id);
	else
		see(b, record);
}

bool destroy_check(struct bake *b)
{
	b->left = json_array();
	return true;
}

void machines_list_left(struct bakes *s)
{
	bakes_do(s, CLOUD_STATE, machine_item, take_machine);
	list_kinds(s, N_KINDS);
}

void destroy_look(struct bakes *s)
{
	json_t *one;

	machines_list_left(s);
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];
		size_t k;

		json_array_foreach(b->left, k, one)
			bake_plan(b, "delete", text(one, "kind"), text(one, "name"),
				  text(one, "id"), NULL, "temporary");
	}
}

static bool finds_machine(const struct bake *b)
{
	json_t *one;
	size_t i;

	json_array_foreach(b->left, i, one)
		if (!strcmp(text(one, "kind"), "instance"))
			return true;
	return json_object_get(b->json, "instance") && !(b->unseen && is_young(b));
}

/* It is asked for by its id, which harms nothing. */
static void take_unseen(struct bake *b)
{
	json_t *machine = json_object_get(b->json, "instance");

	if (b->unseen && !has(b, machine))
		json_array_append(b->left, machine);
}

/* Up may have been killed a moment ago: a list may hide what it made. */
static bool look_again(struct bakes *s, int64_t since)
{
	bool hidden = false;

	for (size_t i = 0; i < s->n; i++)
		hidden = hidden || (bake_live(&s->list[i]) && !finds_machine(&s->list[i]));
	if (!hidden || clk_now() - since >= s->o->lag_ms)
		return false;
	return clk_sleep(s->o->interval_ms ? s->o->interval_ms : 2000);
}

static size_t things_of(struct bakes *s, const char *kind, enum cloud_kind of,
			struct thing **things, struct cloud_item ***items)
{
	size_t n = 0, k;
	json_t *one;

	*things = NULL;
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		json_array_foreach(b->left, k, one) {
			struct thing t = {.bake = b, .record = one};

			if (!bake_live(b) || strcmp(text(one, "kind"), kind) != 0)
				continue;
			t.item = (struct cloud_item){.kind = of,
						     .region = bake_text(b, "region"),
						     .id = mem_dup(text(one, "id")),
						     .wanted = one};
			cloud_account(&s->accounts, bake_text(b, "provider"), &t.item);
			*things = mem_grow(*things, n + 1, sizeof **things);
			(*things)[n++] = t;
		}
	}
	*items = mem_alloc((n + 1) * sizeof **items);
	for (size_t i = 0; i < n; i++) {
		(*things)[i].item.ctx = &(*things)[i];
		(*items)[i] = &(*things)[i].item;
	}
	return n;
}

static void removed(struct thing *t, const char *kind)
{
	struct bake *b = t->bake;

	if (t->item.failure.status) {
		fail_prefix(&t->item.failure, "%s: cannot remove %s %s", b->name, kind, t->item.id);
		if (b->failure.status)
			cli_warn("%s", t->item.failure.message);
		else
			fail_move(&b->failure, &t->item.failure);
		return;
	}
	bake_event(b, "deleted", kind, t->item.id);
	if (!strcmp(kind, "instance") &&
	    !strcmp(bake_deep(b, "instance", "id") ? bake_deep(b, "instance", "id") : "",
		    t->item.id))
		json_object_set_new(json_object_get(b->json, "instance"), "status",
				    json_string("gone"));
}

static bool is_removed(struct cloud_item *item)
{
	return !item->failure.status && !item->unclear;
}

/* Removes are asked again until they are taken: a group is in use until its machine has gone. */
static void remove_kind(struct bakes *s, int k, bool waits)
{
	const struct cloud_wait taken = {.what = "temporary things to be removed",
					 .limit_ms = s->o->limit_ms,
					 .interval_ms = s->o->interval_ms,
					 .verb = CLOUD_REMOVE,
					 .settled = is_removed},
				gone = {.what = "machines to be gone",
					.limit_ms = s->o->limit_ms,
					.interval_ms = s->o->interval_ms,
					.verb = CLOUD_STATE,
					.settled = cloud_is_gone};
	struct cloud_item **items;
	struct thing *things;
	size_t n = things_of(s, kinds[k].name, kinds[k].kind, &things, &items);

	if (n && waits)
		cloud_await(items, n, &taken);
	else if (n)
		cloud_do(CLOUD_REMOVE, items, n, NULL);
	if (n && waits && kinds[k].kind == CLOUD_INSTANCES)
		cloud_await(items, n, &gone);
	for (size_t i = 0; i < n; i++) {
		if (waits)
			removed(&things[i], kinds[k].name);
		cloud_item_free(&things[i].item);
	}
	free(items);
	free(things);
}

static void forget(struct bake *b)
{
	json_t *t = json_object_get(b->json, "temporary");

	if (b->unsure.status && !b->failure.status) {
		fail_move(&b->failure, &b->unsure);
		fail_prefix(&b->failure, "%s: what is left could not be listed", b->name);
	}
	if (b->failure.status)
		return;
	json_object_del(t, "key_pair");
	json_object_del(t, "security_group");
	json_object_del(t, "public_key");
	keys_remove(b);
}

void machines_destroy(struct bakes *s)
{
	int64_t since = clk_now();
	int n = 0;

	for (; look_again(s, since); n = N_KINDS)
		list_kinds(s, 1); /* DigitalOcean's keys may be listed ten times a minute only */
	list_kinds(s, n);
	for (size_t i = 0; i < s->n; i++)
		take_unseen(&s->list[i]);
	for (int k = 0; k < N_KINDS; k++)
		remove_kind(s, k, true);
	list_disks(s);
	remove_kind(s, DISKS, true);
	for (size_t i = 0; i < s->n; i++)
		if (!s->list[i].done)
			forget(&s->list[i]);
}

/* What the record names and this step made, whatever became of it. */
static void name_left(struct bake *b)
{
	const json_t *key = json_object_get(json_object_get(b->json, "temporary"), "key_pair");

	json_decref(b->left);
	b->left = json_array();
	if (b->made)
		json_array_append(b->left, json_object_get(b->json, "instance"));
	if (b->made && key)
		json_array_append_new(b->left, json_pack("{s:s, s:O, s:O*}", "kind", "ssh-key",
							 "id", json_object_get(key, "id"), "name",
							 json_object_get(key, "name")));
}

void machines_drop(struct bakes *s)
{
	struct failure *kept = mem_alloc((s->n + 1) * sizeof *kept);

	for (size_t i = 0; i < s->n; i++) {
		fail_move(&kept[i], &s->list[i].failure);
		name_left(&s->list[i]);
	}
	remove_kind(s, 0, false);
	remove_kind(s, 2, false);
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (b->made) {
			cli_warn(
			    "%s: machine %s is being removed; img-bake destroy, or run-reap list "
			    "--run %s, removes the rest",
			    b->name, bake_deep(b, "instance", "id"),
			    bake_text(b, "run") ? bake_text(b, "run") : "RUN");
			json_object_set_new(json_object_get(b->json, "instance"), "status",
					    json_string("deleting"));
		}
		fail_free(&b->failure);
		fail_move(&b->failure, &kept[i]);
	}
	free(kept);
}

void destroy_act(struct bakes *s)
{
	machines_destroy(s);
	for (size_t i = 0; i < s->n; i++) {
		bake_note(&s->list[i], "destroy");
		bake_settle(&s->list[i]);
	}
}
