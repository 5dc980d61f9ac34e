/* SPDX-License-Identifier: ISC
 * The host keys that a machine tells on its console when it first boots: between the lines that
 * cloud-init puts around them, or each behind "ec2: ". */
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../mem.h"
#include "../public-key.h"
#include "driver.h"

static const char begin[] = "-----BEGIN SSH HOST KEY KEYS-----";
static const char end[] = "-----END SSH HOST KEY KEYS-----";

/* The key that the line holds, if any, behind whatever the console puts before it. */
static void take_line(json_t *keys, const char *line, size_t len)
{
	static const char *const types[] = {"ssh-ed25519 ", "ecdsa-sha2-", "ssh-rsa "};
	char *text = mem_dup_n(line, len);

	text[strcspn(text, "\r")] = '\0';
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const char *at = strstr(text, types[i]);
		struct public_key key = {0};

		if (at && (at == text || at[-1] == ' ') && public_key_parse(at, &key, NULL))
			json_array_append_new(keys, ec2_sure(json_string(key.text)));
		public_key_free(&key);
	}
	free(text);
}

static bool has(const char *line, size_t len, const char *what)
{
	return memmem(line, len, what, strlen(what));
}

/* Those of the last whole block; a block that has no end yet does not count. */
static json_t *read_keys(const char *text)
{
	json_t *found = ec2_sure(json_array()), *loose = ec2_sure(json_array()), *block = NULL;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (has(text, len, begin)) {
			json_decref(block);
			block = ec2_sure(json_array());
		} else if (block && has(text, len, end)) {
			json_decref(found);
			found = block;
			block = NULL;
		} else if (block) {
			take_line(block, text, len);
		} else if (has(text, len, "ec2: ")) {
			take_line(loose, text, len);
		}
		text += len + (text[len] == '\n');
	}
	if (!json_array_size(found))
		json_array_extend(found, loose);
	json_decref(block);
	json_decref(loose);
	return found;
}

static void on_output(struct ec2_work *w);

static void ask(struct ec2_work *w, bool latest)
{
	json_t *params = ec2_sure(json_pack("{s:s}", "InstanceId", w->item->id));

	if (latest)
		json_object_set_new(params, "Latest", json_true());
	w->next = latest;
	ec2_ask(w, "GetConsoleOutput", HTTP_READ, params, on_output);
}

static void take_output(struct ec2_work *w)
{
	const char *encoded = aws_str(w->call.result, "output");
	struct buf text = {0};
	json_t *keys;

	buf_str(&text, "");
	if (buf_unbase64(&text, encoded, strlen(encoded)))
		buf_clear(&text);
	keys = read_keys(text.data);
	if (json_array_size(keys)) {
		json_decref(w->item->record);
		w->item->record = ec2_sure(json_pack("{s:O}", "host_keys", keys));
	}
	json_decref(keys);
	buf_free(&text);
}

/* Types of old tell only what is taken some minutes after the boot. */
static void on_output(struct ec2_work *w)
{
	static const char *const old[] = {"UnsupportedOperation", "InvalidParameterCombination",
					  "UnsupportedInstanceType", NULL};

	if (w->next && ec2_refused(w, old)) {
		ask(w, false);
	} else if (w->call.failure.status) {
		ec2_fail(w);
	} else {
		take_output(w);
		ec2_end(w);
	}
}

void ec2_cloud_host_keys(struct cloud_item *const *items, size_t n,
			 void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		if (w)
			ask(w, true);
	}
	ec2_run(items, n);
}
