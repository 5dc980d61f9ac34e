/* SPDX-License-Identifier: ISC
 * What there is. A seed's "digitalocean" member adds to the account of its "token", or of
 * dop_v1_sandbox; see README.md. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static void add_account(const char *token, const char *name, bool read_only, int limit)
{
	char *email = mem_fmt("%s@example.com", name);
	json_t *account =
	    json_pack("{s:i, s:i, s:s, s:s, s:s, s:b, s:s, s:s, s:{s:s, s:s}}", "droplet_limit",
		      limit, "floating_ip_limit", 5, "email", email, "name", name, "uuid",
		      strcmp(name, "sandbox") != 0 ? "0dd0a63d6c5a4c3c9a54b6e5b0f63a4b00000002"
						   : "b6f089dbf6d9156cace5f3c78dc9851d95738100",
		      "email_verified", 1, "status", "active", "status_message", "", "team", "uuid",
		      "5df3e3004a17e242b7c20ca6c9fc25b701a47ece", "name", "My Team");
	json_t *home = do_home_of(name);

	put(sub(sub(state(), "digitalocean"), "tokens"), token,
	    json_pack("{s:s, s:b}", "account", name, "read_only", read_only));
	if (json_object_get(home, "account"))
		json_decref(account);
	else
		put(home, "account", account);
	free(email);
}

static void seed_default(void)
{
	do_limits_reset();
	do_seed_catalog();
	add_account("dop_v1_sandbox", "sandbox", false, 100);
	add_account("dop_v1_readonly", "sandbox", true, 100);
	add_account("dop_v1_other", "other", false, 10);
	do_make_domain(do_home_of("sandbox"), "acme.com");
}

static json_t *old_image(json_t *home, const json_t *wanted)
{
	json_t *image = do_image(home, wanted);

	if (json_is_object(wanted))
		return json_incref((json_t *)wanted);
	if (!image)
		image = do_image_once(*text_of(wanted) ? text_of(wanted) : "debian-12-x64");
	return image ? json_incref(image)
		     : json_pack("{s:i, s:s, s:s, s:s, s:b, s:[], s:s, s:i, s:s, s:f}", "id", 1234,
				 "name", text_of(wanted), "distribution", "Unknown", "slug",
				 text_of(wanted), "public", 1, "regions", "created_at",
				 "2015-06-02T15:52:21Z", "min_disk_size", 20, "type", "base",
				 "size_gigabytes", 1.0);
}

/* A droplet that has been there for long, with what the lists no longer have, too. */
static json_t *add_droplet(json_t *home, const json_t *spec, const char *name)
{
	const char *region = has(spec, "region") ? str(spec, "region") : "nyc3";
	const char *size = has(spec, "size") ? str(spec, "size") : "s-1vcpu-1gb";
	json_t *image = old_image(home, json_object_get(spec, "image")), *droplet;
	struct do_wish w = {image, do_size(size), json_object_get(do_catalog("regions"), region)};

	droplet = do_make_droplet(home, spec, name, &w);
	json_decref(image);
	put_str(droplet, "status", has(spec, "status") ? str(spec, "status") : "active");
	if (has(spec, "created_at"))
		put_str(droplet, "created_at", str(spec, "created_at"));
	if (has(spec, "reserved"))
		do_make_reserved(home, str(spec, "reserved"), droplet, region);
	return droplet;
}

static void add_record(json_t *domain, const char *type, const char *name, const char *data)
{
	json_t *spec = json_pack("{s:s, s:s, s:s}", "type", type, "name", name, "data", data);

	do_make_record(domain, spec);
	json_decref(spec);
}

/* {"droplets": N, "prefix": "web", "domain": ZONE, …}: N droplets PREFIX1… of the same kind; with
 * a domain each has its A record there, and AAAA where it has that address. */
static void add_bulk(json_t *home, const json_t *bulk)
{
	const char *prefix = has(bulk, "prefix") ? str(bulk, "prefix") : "web";
	json_t *domain = has(bulk, "domain") ? do_make_domain(home, str(bulk, "domain")) : NULL;
	json_t *spec = json_copy((json_t *)bulk);

	json_object_del(spec, "droplets");
	json_object_del(spec, "domain");
	for (long long i = 1; i <= num(bulk, "droplets", 0); i++) {
		char *name = mem_fmt("%s%lld", prefix, i);
		json_t *droplet = add_droplet(home, spec, name);

		if (domain && has(droplet, "_ipv4"))
			add_record(domain, "A", name, str(droplet, "_ipv4"));
		if (domain && has(droplet, "_ipv6"))
			add_record(domain, "AAAA", name, str(droplet, "_ipv6"));
		free(name);
	}
	for (long long i = 1; domain && i <= num(bulk, "records", 0); i++) {
		char *name = mem_fmt("other%lld", i);

		add_record(domain, "A", name, "192.0.2.1");
		free(name);
	}
	json_decref(spec);
}

static void override(const json_t *seed, const char *name)
{
	json_t *one, *existing;
	const char *key;

	json_object_foreach(json_object_get(seed, name), key, one) {
		existing = sub(do_catalog(name), key);
		if (json_is_null(one))
			json_object_del(do_catalog(name), key);
		else
			json_object_update(existing, one);
	}
}

/* What is seeded leaves room for a test's own. */
static void make_room(json_t *home)
{
	long long count = (long long)json_object_size(sub(home, "droplets"));
	json_t *account = sub(home, "account");

	if (num(account, "droplet_limit", 0) < count + 25)
		put_int(account, "droplet_limit", count + 25);
}

static void add_wished(json_t *home, const json_t *seed)
{
	const char *zone;
	json_t *one, *records;
	size_t i;

	json_array_foreach(seq(seed, "keys"), i, one)
		do_make_key(home, str(one, "name"), str(one, "public_key"));
	json_array_foreach(seq(seed, "droplets"), i, one)
		add_droplet(home, one, str(one, "name"));
	json_object_foreach(json_object_get(seed, "domains"), zone, records) {
		json_t *domain = do_make_domain(home, zone);

		json_array_foreach(records, i, one)
			do_make_record(domain, one);
	}
	if (json_object_get(seed, "bulk"))
		add_bulk(home, json_object_get(seed, "bulk"));
	make_room(home);
	json_object_update(sub(home, "account"), json_object_get(seed, "account"));
}

void do_seed(json_t *whole)
{
	const json_t *seed = json_object_get(whole, "digitalocean");
	const char *token = has(seed, "token") ? str(seed, "token") : "dop_v1_sandbox";
	const json_t *known;

	if (!whole)
		seed_default();
	if (!seed)
		return;
	override(seed, "regions");
	override(seed, "sizes");
	override(seed, "images");
	if (!json_object_get(sub(sub(state(), "digitalocean"), "tokens"), token))
		add_account(token, token, yes(seed, "read_only"), 25);
	known = json_object_get(sub(sub(state(), "digitalocean"), "tokens"), token);
	add_wished(do_home_of(str(known, "account")), seed);
}
