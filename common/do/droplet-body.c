/* SPDX-License-Identifier: ISC
 * Wanted records as POST /v2/droplets takes them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../cli.h"
#include "../mem.h"
#include "../sha256.h"
#include "droplet.h"

/* Ids go as numbers, slugs and fingerprints as text. */
static json_t *id_or_text(const json_t *value)
{
	const char *text = json_string_value(value);
	long long id;

	if (text && isdigit((unsigned char)*text) && cli_number(text, 1, 1LL << 53, &id))
		return json_integer(id);
	return json_deep_copy(value);
}

static json_t *ids_or_texts(const json_t *values)
{
	json_t *list = json_array(), *value;
	size_t i;

	json_array_foreach(values, i, value) {
		if (json_array_append_new(list, id_or_text(value)))
			mem_out();
	}
	return list;
}

static void put(json_t *body, const char *key, json_t *value)
{
	if (value && json_object_set_new(body, key, value))
		mem_out();
}

static void copy(json_t *body, const char *key, const json_t *wanted, const char *member)
{
	const json_t *value = json_object_get(wanted, member);

	if (value && !json_is_null(value))
		put(body, key, json_deep_copy(value));
}

json_t *do_droplet_body(const json_t *wanted, const char *const *tags)
{
	json_t *body = json_object(), *all = do_tags_list(json_object_get(wanted, "tags"));

	for (; *tags; tags++)
		if (json_array_append_new(all, json_string(*tags)))
			mem_out();
	copy(body, "name", wanted, "name");
	copy(body, "region", wanted, "region");
	copy(body, "size", wanted, "size");
	put(body, "image", id_or_text(json_object_get(wanted, "image")));
	put(body, "ssh_keys", ids_or_texts(json_object_get(wanted, "keys")));
	copy(body, "backups", wanted, "backups");
	copy(body, "ipv6", wanted, "ipv6");
	copy(body, "monitoring", wanted, "monitoring");
	copy(body, "vpc_uuid", wanted, "subnet");
	copy(body, "user_data", wanted, "user_data");
	put(body, "tags", all);
	return body;
}

char *do_droplet_token(const json_t *wanted, unsigned attempt)
{
	static const char *const members[] = {"name", "region", "run"};
	unsigned char digest[SHA256_LEN];
	struct buf text = {0};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *value = json_string_value(json_object_get(wanted, members[i]));

		buf_str(&text, value ? value : "");
		buf_char(&text, '\n');
	}
	if (attempt)
		buf_fmt(&text, "%u\n", attempt);
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = (char)tolower((unsigned char)text.data[i]);
	sha256(text.data, text.len, digest);
	buf_clear(&text);
	buf_str(&text, "sluice:token:");
	buf_hex(&text, digest, 10);
	return buf_take(&text);
}
