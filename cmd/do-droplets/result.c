/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "droplets.h"
#include "mem.h"
#include "sha256.h"

static json_t *digest_of(const json_t *text)
{
	unsigned char digest[SHA256_LEN];
	struct buf hex = {0};
	json_t *value;

	sha256(json_string_value(text), json_string_length(text), digest);
	buf_hex(&hex, digest, sizeof digest);
	value = json_string(hex.data);
	buf_free(&hex);
	return value;
}

void result_hide(struct rec *r)
{
	const json_t *text = json_object_get(r->json, "user_data");
	json_t *digest;

	if (!json_is_string(text))
		return;
	digest = digest_of(text);
	rec_del(r, "user_data");
	rec_set(r, "user_data_sha256", digest);
}

json_t *result_after(const struct want *w)
{
	static const char *const members[] = {"size",       "image", "backups", "ipv6",
					      "monitoring", "tags",  "keys",    "subnet"};
	const json_t *text = json_object_get(w->json, "user_data");
	json_t *after = json_object();

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *value = json_object_get(w->json, members[i]);

		if (value && !json_is_null(value))
			json_object_set(after, members[i], value);
	}
	if (json_is_string(text))
		json_object_set_new(after, "user_data_sha256", digest_of(text));
	return after;
}

/* What only the cloud can know. */
static json_t *unknown(const struct want *w)
{
	bool ipv6 = json_is_true(json_object_get(w->json, "ipv6"));

	return json_pack(
	    "{s:n, s:O?, s:{s:n}, s:o, s:n}", "id", "region", json_object_get(w->json, "region"),
	    "private_network_interfaces", "ipv4", "public_network_interfaces",
	    ipv6 ? json_pack("{s:n, s:n}", "ipv4", "ipv6") : json_pack("{s:n}", "ipv4"), "status");
}

void result_put(struct want *w, const json_t *machine)
{
	static const char *const members[] = {"account",
					      "region",
					      "id",
					      "image_id",
					      "private_network_interfaces",
					      "public_network_interfaces",
					      "addresses",
					      "status",
					      "provider_status",
					      "created",
					      "run"};
	json_auto_t *planned = machine ? NULL : unknown(w);
	const json_t *from = machine ? machine : planned;
	struct rec *r = w->work->rec;

	if (!r)
		return;
	if (!rec_string(r, "provider"))
		rec_set(r, "provider", json_string("digitalocean"));
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *value = json_object_get(from, members[i]);

		if (value)
			rec_set(r, members[i], json_incref(value));
	}
}
