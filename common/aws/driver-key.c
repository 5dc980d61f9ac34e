/* SPDX-License-Identifier: ISC
 * Key pairs: a name is one key's only. */
#include <string.h>

#include "../buf.h"
#include "../mem.h"
#include "../public-key.h"
#include "../status.h"
#include "driver.h"

static bool is_same_key(const char *a, const char *b)
{
	struct public_key of_a = {0}, of_b = {0};
	bool same = public_key_parse(a, &of_a, NULL) && public_key_parse(b, &of_b, NULL) &&
		    !strcmp(of_a.text, of_b.text);

	public_key_free(&of_a);
	public_key_free(&of_b);
	return same;
}

static void on_found(struct ec2_work *w)
{
	struct cloud_item *item = w->item;
	json_t *key = json_array_get(w->all, 0);

	if (w->call.failure.status) {
		item->unclear = true;
		ec2_fail(w);
		return;
	}
	if (!key) {
		item->unclear = true;
		fail_set(&item->failure, ST_TEMP, "unclear",
			 "the key pair '%s' was made, but is in no list yet",
			 ec2_wanted(item, "name"));
	} else if (is_same_key(aws_str(key, "publicKey"), ec2_wanted(item, "public_key"))) {
		ec2_take(w, item, key);
	} else {
		fail_set(&item->failure, ST_REFUSED, "name-taken",
			 "there is a key pair '%s' already, of another key",
			 ec2_wanted(item, "name"));
	}
	ec2_end(w);
}

static void on_imported(struct ec2_work *w)
{
	static const char *const taken[] = {"InvalidKeyPair.Duplicate", NULL};
	struct cloud_item *item = w->item;

	if (ec2_refused(w, taken)) {
		ec2_look(w, CLOUD_KEYS, "key-name", ec2_wanted(item, "name"), on_found);
		return;
	}
	if (w->call.failure.status) {
		item->unclear = ec2_in_doubt(w);
		ec2_fail(w);
		return;
	}
	json_object_set(w->call.result, "publicKey", json_object_get(item->wanted, "public_key"));
	json_object_set_new(w->call.result, "tagSet", ec2_tag_set(item->wanted));
	ec2_take(w, item, w->call.result);
	item->made = true;
	ec2_end(w);
}

void ec2_make_key(struct ec2_work *w)
{
	static const char *const types[] = {"key-pair", NULL};
	const char *text = ec2_wanted(w->item, "public_key");
	struct buf material = {0};

	buf_base64(&material, text, strlen(text));
	buf_str(&material, "");
	/* Twice is as once: the second one is told that the name is taken, by this very key. */
	ec2_ask(w, "ImportKeyPair", HTTP_IDEMPOTENT,
		json_pack("{s:s, s:s, s:o}", "KeyName", ec2_wanted(w->item, "name"),
			  "PublicKeyMaterial", material.data, "TagSpecification",
			  ec2_tag_specs(w->item->wanted, NULL, types)),
		on_imported);
	buf_free(&material);
}
