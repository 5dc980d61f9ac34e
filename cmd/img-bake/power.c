/* SPDX-License-Identifier: ISC
 * Switching the bake's machine on and off. */
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
	static const struct cloud_wait ready = {.what = "machines to be up",
						.settled = cloud_is_ready,
						.verb = CLOUD_STATE,
						.reserve_ms = 2000};

	bakes_do(s, CLOUD_POWER, switch_on, NULL);
	bakes_await(s, &ready, machine_item, take);
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

	bakes_do(s, CLOUD_POWER, machine_item, NULL);
	bakes_await(s, &off, machine_item, take);
}

bool down_check(struct bake *b)
{
	if (!bake_needs_machine(b))
		return false;
	bake_plan(b, "change", "instance", bake_deep(b, "instance", "name"),
		  bake_deep(b, "instance", "id"), json_pack("{s:s}", "status", "off"),
		  "it is switched off");
	return true;
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
