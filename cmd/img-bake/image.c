/* SPDX-License-Identifier: ISC
 * create-image: what we put there to log in is removed, the machine is switched off, an image is
 * made of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "status.h"
#include "stop.h"

enum { FIRST_LOGIN_MS = 10000, MOST_TRIES = 3 };

bool image_check(struct bake *b)
{
	if (!bake_text(b, "image_name"))
		return fail_set(&b->failure, ST_DATA, "incomplete", "%s: no image_name", b->name);
	return true;
}

static json_t *image_wanted(const struct bake *b)
{
	static const char *const members[] = {
	    "region", "distribution", "run", "description", "tags", "share_with", "architecture"};
	const json_t *machine = json_object_get(b->json, "instance");
	json_t *wanted = json_pack("{s:s, s:O, s:O}", "kind", "image", "provider",
				   json_object_get(b->json, "provider"), "name",
				   json_object_get(b->json, "image_name"));

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (json_object_get(b->json, members[i]))
			json_object_set(wanted, members[i], json_object_get(b->json, members[i]));
	if (json_object_get(machine, "id"))
		json_object_set(wanted, "machine", json_object_get(machine, "id"));
	if (json_object_get(machine, "image"))
		json_object_set_new(wanted, "source",
				    json_pack("{s:O*, s:O}", "region",
					      json_object_get(b->json, "region"), "id",
					      json_object_get(machine, "image")));
	return wanted;
}

static bool image_item(struct bake *b)
{
	const char *id = bake_deep(b, "image", "id");

	b->item.kind = CLOUD_IMAGES;
	b->item.id = mem_dup(id);
	b->wanted = image_wanted(b);
	return true;
}

static bool has_image(const struct bake *b)
{
	const char *state = bake_deep(b, "image", "state");

	return bake_deep(b, "image", "id") && state &&
	       (!strcmp(state, "pending") || !strcmp(state, "available"));
}

/* One that is gone or has failed is made again. */
static void take_state(struct bake *b)
{
	json_object_del(b->json, "image");
	if (b->item.record && !b->item.failure.status)
		bake_put(b, "image", json_incref(b->item.record));
}

static bool lacks_image(struct bake *b)
{
	return !has_image(b) && machine_item(b);
}

static void take_machine(struct bake *b)
{
	const char *status = json_string_value(json_object_get(b->item.record, "status"));

	if (machine_lives(b))
		b->asleep = !strcmp(status, "off");
}

void image_look(struct bakes *s)
{
	bakes_do(s, CLOUD_STATE, image_item, take_state);
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]) && !has_image(&s->list[i]))
			bake_needs_machine(&s->list[i]);
	bakes_do(s, CLOUD_STATE, lacks_image, take_machine);
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (!bake_live(b))
			continue;
		if (!has_image(b)) {
			bake_plan(b, "create", "image", bake_text(b, "image_name"), NULL, NULL,
				  "made of the machine, which is switched off for it");
		} else {
			bake_plan(b, "keep", "image", bake_text(b, "image_name"),
				  bake_deep(b, "image", "id"), NULL, "it was made before");
		}
	}
}

static bool was_on(const struct bake *b)
{
	return !b->asleep;
}

static bool lets_nobody_in(const struct bake *b)
{
	return b->locked;
}

static bool has_booted(const struct bake *b)
{
	return b->asleep;
}

static void only_those(struct bakes *s, bool (*which)(const struct bake *),
		       void (*phase)(struct bakes *))
{
	bool *rests = mem_alloc(s->n + 1);

	for (size_t i = 0; i < s->n; i++) {
		rests[i] = bake_live(&s->list[i]) && !which(&s->list[i]);
		if (rests[i])
			s->list[i].done = true;
	}
	phase(s);
	for (size_t i = 0; i < s->n; i++)
		if (rests[i])
			s->list[i].done = false;
	free(rests);
}

/* Those that it could not log in to are locked, not failed. */
static void attempt(struct bakes *s, void (*phase)(struct bakes *))
{
	for (size_t i = 0; i < s->n; i++)
		s->list[i].locked = bake_live(&s->list[i]);
	phase(s);
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		b->locked = b->locked && b->failure.status && !stop_asked() &&
			    (b->failure.status == ST_TEMP || !strcmp(b->failure.code, "denied"));
		if (b->locked) {
			cli_note("%s; switching it off and on", b->failure.message);
			fail_free(&b->failure);
		}
	}
}

static void login_soon(struct bakes *s)
{
	machines_login(s, FIRST_LOGIN_MS);
}

static void try_login(struct bakes *s)
{
	attempt(s, login_soon);
}

static void login(struct bakes *s)
{
	machines_login(s, 0);
}

static void switch_off_and_on(struct bakes *s)
{
	machines_off(s);
	for (size_t i = 0; i < s->n; i++)
		s->list[i].asleep |= bake_live(&s->list[i]);
	machines_on(s);
	login(s);
}

/* They have just let us in: who does not any more is being cleaned by an earlier run's script. */
static void clean_soon(struct bakes *s)
{
	machines_clean(s, FIRST_LOGIN_MS);
}

static void clean_anew(struct bakes *s)
{
	switch_off_and_on(s);
	machines_clean(s, 0);
}

/* An earlier run that was killed in or after its cleaning left a machine which lets nobody in, or
 * soon will not: it gets its keys again when it is switched off and on. */
static void clean(struct bakes *s)
{
	machines_on(s);
	only_those(s, has_booted, login);
	only_those(s, was_on, try_login);
	only_those(s, lets_nobody_in, switch_off_and_on);
	attempt(s, clean_soon);
	only_those(s, lets_nobody_in, clean_anew);
}

/* An image that does not tell its run was made by an earlier run, which was killed before it could
 * say so. */
static bool wants_image(struct bake *b)
{
	if (has_image(b) && bake_deep(b, "image", "run"))
		return false;
	machine_item(b);
	b->item.kind = CLOUD_IMAGES;
	b->wanted = image_wanted(b);
	b->item.wanted = b->wanted;
	return true;
}

static void take_image(struct bake *b)
{
	b->unclear_at = b->item.unclear && ++b->tries < MOST_TRIES ? clk_now() : 0;
	if (b->unclear_at) {
		cli_note("%s: %s; looking whether the image was made", b->name,
			 b->item.failure.status ? b->item.failure.message : "no answer");
		fail_free(&b->item.failure);
		return;
	}
	if (b->item.failure.status) {
		fail_prefix(&b->item.failure, "cannot make image '%s'", bake_text(b, "image_name"));
		return;
	}
	b->goes_on = true;
	bake_put(b, "image", json_incref(b->item.record));
	if (b->item.id)
		bake_event(b, b->item.made ? "created" : "found", "image", b->item.id);
}

static void take_end(struct bake *b)
{
	if (b->item.record)
		bake_put(b, "image", json_incref(b->item.record));
	if (!b->item.failure.status)
		fprintf(stderr, "created server image: %s\n", bake_deep(b, "image", "id"));
}

static bool some_unclear(const struct bakes *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]) && s->list[i].unclear_at)
			return true;
	return false;
}

static void prepare_machines(struct bakes *s)
{
	if (!s->o->no_ssh)
		clean(s);
	machines_off(s);
}

static void make_images(struct bakes *s)
{
	do
		bakes_do(s, CLOUD_IMAGE, wants_image, take_image);
	while (some_unclear(s) && clk_sleep(s->o->lag_ms));
}

/* Nobody can use it, but its name is taken. */
static void remove_failed(struct bake *b)
{
	struct cloud_item item = {.kind = CLOUD_IMAGES,
				  .region = bake_text(b, "region"),
				  .id = mem_dup(bake_deep(b, "image", "id")),
				  .wanted = json_object_get(b->json, "image")},
			  *const items[] = {&item};

	if (cloud_account(&b->all->accounts, bake_text(b, "provider"), &item))
		cloud_do(CLOUD_REMOVE, items, 1, NULL);
	if (item.failure.status)
		cli_warn("%s: cannot remove the failed image %s: %s", b->name, item.id,
			 item.failure.message);
	else
		bake_event(b, "deleted", "image", item.id);
	cloud_item_free(&item);
}

static bool is_written_next(const struct bakes *s, const struct bake *b)
{
	const struct batch_work *next = b->work + 1;

	return next < s->batch.works + s->batch.n && rec_is(next->rec, "image") &&
	       rec_string(next->rec, "id") &&
	       !strcmp(rec_string(next->rec, "id"), bake_deep(b, "image", "id"));
}

static void settle(struct bakes *s, struct bake *b)
{
	if (b->failure.status || !b->was_there)
		bake_note(b, "create-image");
	if (!b->failure.status && bake_deep(b, "image", "id") && !is_written_next(s, b))
		b->work->after = json_deep_copy(json_object_get(b->json, "image"));
	bake_settle(b);
}

void image_act(struct bakes *s)
{
	static const struct cloud_wait made = {.what = "images to be available",
					       .verb = CLOUD_STATE,
					       .settled = cloud_is_available,
					       .reserve_ms = 2000};

	for (size_t i = 0; i < s->n; i++) /* those that have one need no machine any more */
		s->list[i].done = s->list[i].was_there = has_image(&s->list[i]);
	prepare_machines(s);
	for (size_t i = 0; i < s->n; i++)
		s->list[i].done = false;
	make_images(s);
	bakes_await(s, &made, image_item, take_end);
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (b->failure.status && !strcmp(b->failure.code, "image-failed") &&
		    bake_deep(b, "image", "id"))
			remove_failed(b);
		settle(s, b);
	}
}
