/* SPDX-License-Identifier: ISC
 * Making machines, and what they need: a key, a security group, a zone that has room. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

enum { MOST_ATTEMPTS = 20, MOST_TRIES = 3 };

/* A thing that lives as long as the machine. */
static json_t *temporary_thing(struct bake *b, const char *kind)
{
	json_t *t = bake_temporary(b);

	return json_pack("{s:s, s:O, s:O, s:O*, s:O*, s:O*, s:O*}", "kind", kind, "provider",
			 json_object_get(b->json, "provider"), "name", json_object_get(t, "name"),
			 "region", json_object_get(b->json, "region"), "run",
			 json_object_get(b->json, "run"), "tags", json_object_get(b->json, "tags"),
			 "expires", json_object_get(t, "expires"));
}

/* A key that is given by its name is found by it. */
static void see_key(struct cloud_item *item, json_t *record)
{
	struct bake *b = item->ctx;

	json_decref(b->keys);
	b->keys = json_pack("[O]", json_object_get(record, "id"));
}

static bool wants_key_id(struct bake *b)
{
	const char *name = bake_text(b, "key_pair");

	if (b->has_machine || !name)
		return false;
	b->keys = json_pack("[s]", name);
	b->item.kind = CLOUD_KEYS;
	b->item.name = name;
	b->item.each = see_key;
	return !b->driver->keys_by_name;
}

void machines_find_keys(struct bakes *s)
{
	bakes_do(s, CLOUD_LIST, wants_key_id, NULL);
}

static bool has_own_key(const struct bake *b)
{
	return bake_text(b, "key_pair");
}

static bool make_keys(struct bake *b)
{
	const struct options *o = b->all->o;
	char *public = NULL;
	bool ok = true;

	if (!has_own_key(b)) {
		ok = (public = key_make(b, "pem"));
		if (ok)
			bake_temporary_put(b, "public_key", json_string(public));
	}
	if (ok && !o->no_ssh && !o->console_keys)
		ok = (b->host_public = key_make(b, "host"));
	free(public);
	return ok;
}

static bool wants_key(struct bake *b)
{
	if (b->has_machine || !make_keys(b) || has_own_key(b))
		return false;
	b->item.kind = CLOUD_KEYS;
	b->wanted = temporary_thing(b, "ssh-key");
	json_object_set(b->wanted, "public_key", json_object_get(bake_temporary(b), "public_key"));
	return true;
}

static void take_key(struct bake *b)
{
	const json_t *key = b->item.record;
	const char *by = b->driver->keys_by_name ? "name" : "id";

	if (b->item.failure.status) {
		if (!strcmp(b->item.failure.code, "name-taken"))
			cli_note("%s: its private key is on another machine or in another "
				 "SLUICE_KEYS; img-bake destroy removes what was made there",
				 b->name);
		fail_prefix(&b->item.failure, "cannot make a key pair");
		return;
	}
	bake_temporary_put(b, "key_pair",
			   json_pack("{s:O*, s:O*}", "id", json_object_get(key, "id"), "name",
				     json_object_get(key, "name")));
	json_decref(b->keys);
	b->keys = json_pack("[O*]", json_object_get(key, by));
	if (b->item.made)
		bake_event(b, "created", "ssh-key", b->item.id);
}

static bool wants_group(struct bake *b)
{
	const json_t *port = json_object_get(json_object_get(b->json, "ssh"), "port");

	if (b->has_machine || !b->driver->groups ||
	    json_array_size(json_object_get(b->json, "security_groups")))
		return false;
	b->item.kind = CLOUD_GROUPS;
	b->wanted = temporary_thing(b, "security-group");
	json_object_set_new(b->wanted, "description",
			    json_string("sluice: ssh to a machine that an image is made of"));
	json_object_set(b->wanted, "subnet", json_object_get(b->json, "subnet"));
	json_object_set_new(b->wanted, "ports",
			    json_is_integer(port) ? json_pack("[O]", port) : json_pack("[i]", 22));
	return true;
}

static void take_group(struct bake *b)
{
	if (b->item.failure.status) {
		fail_prefix(&b->item.failure, "cannot make a security group");
		return;
	}
	bake_temporary_put(b, "security_group",
			   json_pack("{s:s, s:O*}", "id", b->item.id, "name",
				     json_object_get(b->item.record, "name")));
	if (b->item.made)
		bake_event(b, "created", "security-group", b->item.id);
}

static size_t n_choices(const struct bake *b)
{
	size_t zones = json_array_size(json_object_get(b->json, "zones")),
	       types = json_array_size(json_object_get(b->json, "instance_types"));

	return types * (zones ? zones : 1);
}

/* All zones for the first type, then for the next one. */
static void put_choice(const struct bake *b, json_t *wanted)
{
	const json_t *zones = json_object_get(b->json, "zones"),
		     *types = json_object_get(b->json, "instance_types");
	size_t n = json_array_size(zones);

	if (n)
		json_object_set(wanted, "zone", json_array_get(zones, b->choice % n));
	json_object_set(wanted, "size", json_array_get(types, b->choice / (n ? n : 1)));
}

static json_t *machine_wanted(struct bake *b)
{
	json_t *w = temporary_thing(b, "instance"), *groups;
	char *data =
	    b->all->o->no_ssh ? mem_dup(bake_text(b, "user_data")) : user_data(b, b->host_public);

	groups = json_object_get(b->json, "security_groups");
	if (json_array_size(groups))
		json_object_set(w, "security_groups", groups);
	else if (bake_temporary(b) && json_object_get(bake_temporary(b), "security_group"))
		json_object_set_new(
		    w, "security_groups",
		    json_pack("[O]",
			      json_object_get(json_object_get(bake_temporary(b), "security_group"),
					      "id")));
	json_object_set(w, "image", json_object_get(b->source, "id"));
	if (b->keys)
		json_object_set(w, "keys", b->keys);
	if (json_object_get(b->json, "subnet"))
		json_object_set(w, "subnet", json_object_get(b->json, "subnet"));
	if (json_object_get(b->json, "disk"))
		json_object_set(w, "disk", json_object_get(b->json, "disk"));
	if (data)
		json_object_set_new(w, "user_data", json_string(data));
	put_choice(b, w);
	free(data);
	return w;
}

static bool wants_machine(struct bake *b)
{
	if (b->has_machine || (b->unclear_at && clk_now() - b->unclear_at < b->all->o->lag_ms))
		return false;
	b->wanted = machine_wanted(b);
	b->item.attempt =
	    (unsigned)json_integer_value(json_object_get(bake_temporary(b), "attempt"));
	b->item.certain = b->unclear_at != 0;
	b->unclear_at = 0;
	b->tries++;
	return !b->failure.status;
}

/* EC2 answers with the machine of an earlier run, also when that is gone. */
static bool is_gone(const json_t *machine)
{
	const char *status = json_string_value(json_object_get(machine, "status"));

	return status && (!strcmp(status, "gone") || !strcmp(status, "deleting"));
}

static void try_elsewhere(struct bake *b)
{
	cli_note("%s: %s; trying the next zone or type", b->name, b->item.failure.message);
	fail_free(&b->item.failure);
	b->choice++;
	b->tries--;
}

static void try_anew(struct bake *b)
{
	json_int_t attempt = json_integer_value(json_object_get(bake_temporary(b), "attempt"));

	if (attempt >= MOST_ATTEMPTS) {
		fail_set(&b->item.failure, ST_REFUSED, "gone", "its machines are gone, %d of them",
			 MOST_ATTEMPTS);
		return;
	}
	fail_free(&b->item.failure);
	bake_temporary_put(b, "attempt", json_integer(attempt + 1));
	b->choice = 0;
	b->tries = 0;
}

static void doubt(struct bake *b)
{
	if (b->tries >= MOST_TRIES) {
		if (!b->item.failure.status)
			fail_set(&b->item.failure, ST_TEMP, "unclear",
				 "no machine was seen, asked for %u times", b->tries);
		return;
	}
	cli_note("%s: %s; looking whether the machine was made", b->name,
		 b->item.failure.status ? b->item.failure.message : "no answer");
	fail_free(&b->item.failure);
	b->unclear_at = clk_now();
}

static void take_machine(struct bake *b)
{
	struct cloud_item *item = &b->item;

	if (item->no_capacity && b->choice + 1 < n_choices(b)) {
		try_elsewhere(b);
	} else if (is_gone(item->record)) {
		try_anew(b);
	} else if (item->id) {
		json_t *record = item->record
				     ? json_incref(item->record)
				     : json_pack("{s:s, s:s, s:s}", "kind", "instance", "provider",
						 b->driver->provider, "id", item->id);

		b->has_machine = b->made = true;
		bake_put(b, "instance", record);
		if (json_object_get(record, "expires"))
			bake_temporary_put(b, "expires",
					   json_incref(json_object_get(record, "expires")));
		bake_event(b, item->made ? "created" : "found", "instance", item->id);
	} else if (item->unclear) {
		doubt(b);
	} else if (item->failure.status) {
		fail_prefix(&item->failure, "cannot make a machine");
	}
}

static bool is_unclear(struct bake *b)
{
	if (b->has_machine || !b->unclear_at)
		return false;
	b->wanted = machine_wanted(b);
	return !b->failure.status;
}

static void take_seen(struct bake *b)
{
	if (b->item.failure.status == ST_TEMP)
		fail_free(&b->item.failure);
	if (!b->item.record || is_gone(b->item.record))
		return;
	b->unclear_at = 0;
	take_machine(b);
}

static bool all_have(const struct bakes *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]) && !s->list[i].has_machine)
			return false;
	return true;
}

static bool some_unclear(const struct bakes *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]) && s->list[i].unclear_at)
			return true;
	return false;
}

static void stop_all(struct bakes *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (bake_live(&s->list[i]) && !s->list[i].has_machine)
			stop_failure(&s->list[i].failure);
}

static void make_machines(struct bakes *s)
{
	while (!all_have(s)) {
		if (stop_asked()) {
			stop_all(s);
			break;
		}
		bakes_do(s, CLOUD_CREATE, wants_machine, take_machine);
		if (!some_unclear(s))
			continue;
		clk_sleep(s->o->interval_ms ? s->o->interval_ms : 1000);
		bakes_do(s, CLOUD_STATE, is_unclear, take_seen);
	}
}

/* EC2 may take the request, and end the machine while it is pending. */
static bool some_without_room(struct bakes *s)
{
	bool some = false;

	for (size_t i = 0; i < s->n; i++) {
		struct bake *b = &s->list[i];

		if (!b->failure.status || !b->item.no_capacity || !b->has_machine ||
		    b->choice + 1 >= n_choices(b))
			continue;
		cli_note("%s; trying the next zone or type", b->failure.message);
		fail_free(&b->failure);
		json_object_del(b->json, "instance");
		b->has_machine = false;
		b->choice++;
		some = true;
	}
	return some;
}

static bool tells_keys(struct cloud_item *item)
{
	return json_array_size(json_object_get(item->record, "host_keys"));
}

static bool lacks_host_keys(struct bake *b)
{
	return machine_item(b) &&
	       !json_array_size(json_object_get(json_object_get(b->json, "ssh"), "host_keys"));
}

static void take_host_keys(struct bake *b)
{
	const json_t *keys = json_object_get(b->item.record, "host_keys");

	if (!b->item.failure.status && keys)
		json_object_set(json_object_get(b->json, "ssh"), "host_keys",
				(json_t *)(uintptr_t)keys);
}

void machines_up(struct bakes *s)
{
	static const struct cloud_wait told = {.what = "host keys on the console",
					       .verb = CLOUD_HOST_KEYS,
					       .settled = tells_keys,
					       .reserve_ms = 2000};

	bakes_do(s, CLOUD_CREATE, wants_key, take_key);
	bakes_do(s, CLOUD_CREATE, wants_group, take_group);
	do {
		make_machines(s);
		machines_on(s);
	} while (some_without_room(s));
	if (s->o->no_ssh)
		return;
	bakes_await(s, &told, lacks_host_keys, take_host_keys);
	machines_login(s, 0);
}
