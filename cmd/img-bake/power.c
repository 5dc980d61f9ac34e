/* SPDX-License-Identifier: ISC
 * Switching the bake's machine on and off. */
#include <string.h>

#include "bake.h"
#include "mem.h"
#include "status.h"

bool machine_item(struct bake *b)
{
	const char *id = bake_deep(b, "instance", "id");

	if (!id)
		return false;
	b->item.id = mem_dup(id);
	b->item.wanted = json_object_get(b->json, "instance");
	return true;
}

bool machine_lives(struct bake *b)
{
	struct cloud_item *item = &b->item;
	const char *status = json_string_value(json_object_get(item->record, "status")),
		   *why = json_string_value(json_object_get(item->record, "reason"));

	if (!item->failure.status &&
	    (!status || !strcmp(status, "gone") || !strcmp(status, "deleting")))
		fail_set(&item->failure, ST_REFUSED, "gone", "its machine %s is gone%s%s", item->id,
			 why ? ": " : "", why ? why : "");
	return !item->failure.status;
}

static void take(struct bake *b)
{
	if (b->item.record)
		bake_put(b, "instance", json_incref(b->item.record));
}

static bool switch_on(struct bake *b)
{
	b->item.on = true;
	return b->asleep && machine_item(b);
}

static bool is_asked(struct cloud_item *item)
{
	return !item->unclear;
}

/* Asked again while something else is being done to the machine. */
static void power(struct bakes *s, bake_prepare *prepare)
{
	static const struct cloud_wait asked = {.what = "machines to be switched on or off",
						.settled = is_asked,
						.verb = CLOUD_POWER,
						.reserve_ms = 2000};

	bakes_await(s, &asked, prepare, NULL);
}

/* A droplet that is off has its addresses all the same. */
static bool is_up(struct cloud_item *item)
{
	const char *status = json_string_value(json_object_get(item->record, "status"));

	return cloud_is_ready(item) && status && !strcmp(status, "active");
}

/* One that was on its way to be off when it was looked at, or is off without our knowing. One that
 * was just made may not be seen yet. */
static bool is_up_or_off(struct cloud_item *item)
{
	const struct bake *b = item->ctx;

	return is_up(item) ||
	       (!b->asleep && !item->failure.status && item->record && cloud_is_off(item));
}

static bool is_off_after_all(struct bake *b)
{
	const char *status = bake_deep(b, "instance", "status");

	if (!status || strcmp(status, "off") != 0)
		return false;
	b->asleep = b->item.on = true;
	return machine_item(b);
}

static const char *address_of(const struct bake *b)
{
	static const char *const interfaces[] = {"public_network_interfaces",
						 "private_network_interfaces"};
	static const char *const families[] = {"ipv4", "ipv6"};
	const json_t *machine = json_object_get(b->json, "instance");

	for (int i = 0; i < 2; i++)
		for (int f = 0; f < 2; f++) {
			const json_t *all = json_object_get(machine, interfaces[i]);
			const char *text = json_string_value(json_object_get(all, families[f]));

			if (text)
				return text;
		}
	return NULL;
}

static void put_ssh(struct bake *b)
{
	const char *address = address_of(b), *user = bake_text(b, "username");
	json_t *ssh = json_object_get(b->json, "ssh");

	if (!json_is_object(ssh)) {
		bake_put(b, "ssh", json_object());
		ssh = json_object_get(b->json, "ssh");
	}
	if (!address) {
		fail_set(&b->failure, ST_REFUSED, "no-address", "%s: its machine %s has no address",
			 b->name, bake_deep(b, "instance", "id"));
		return;
	}
	json_object_set_new(ssh, "host", json_string(address));
	json_object_set_new(ssh, "user", json_string(user ? user : b->driver->login));
	if (b->host_public)
		json_object_set_new(ssh, "host_keys", json_pack("[s]", b->host_public));
}

void machines_on(struct bakes *s)
{
	static const struct cloud_wait up = {.what = "machines to be up",
					     .settled = is_up,
					     .verb = CLOUD_STATE,
					     .reserve_ms = 2000},
				       up_or_off = {.what = "machines to be up",
						    .settled = is_up_or_off,
						    .verb = CLOUD_STATE,
						    .reserve_ms = 2000};

	power(s, switch_on);
	bakes_await(s, &up_or_off, machine_item, take);
	power(s, is_off_after_all);
	bakes_await(s, &up, is_off_after_all, take);
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]))
			put_ssh(&s->list[i]);
}

void machines_off(struct bakes *s)
{
	static const struct cloud_wait off = {.what = "machines to be off",
					      .settled = cloud_is_off,
					      .verb = CLOUD_STATE,
					      .reserve_ms = 2000};

	power(s, machine_item);
	bakes_await(s, &off, machine_item, take);
}

bool down_check(struct bake *b)
{
	return bake_needs_machine(b);
}

static void take_running(struct bake *b)
{
	const char *status = json_string_value(json_object_get(b->item.record, "status"));

	if (machine_lives(b))
		b->asleep = !strcmp(status, "off");
}

void down_look(struct bakes *s)
{
	bakes_do(s, CLOUD_STATE, machine_item, take_running);
	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (bake_live(b))
			bake_plan(b, b->asleep ? "keep" : "change", "instance",
				  bake_deep(b, "instance", "name"), bake_deep(b, "instance", "id"),
				  b->asleep ? NULL : json_pack("{s:s}", "status", "off"),
				  b->asleep ? "it is off" : "it is switched off");
	}
}

void down_act(struct bakes *s)
{
	machines_off(s);
	for (size_t i = 0; i < s->n; i++) {
		if (bake_live(&s->list[i]))
			bake_event(&s->list[i], "stopped", "instance",
				   bake_deep(&s->list[i], "instance", "id"));
		bake_note(&s->list[i], "down");
		bake_settle(&s->list[i]);
	}
}
