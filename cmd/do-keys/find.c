/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "keys.h"
#include "mem.h"
#include "status.h"

struct search {
	json_t *key;
	struct failure failure;
};

static void found(struct do_call *call)
{
	struct search *s = call->ctx;

	s->key = json_incref(json_object_get(call->result, "ssh_key"));
	if (call->http_status == 404)
		return;
	fail_move(&s->failure, &call->failure);
	if (!s->failure.status && !json_is_object(s->key))
		fail_set(&s->failure, ST_BUG, "bad-answer", "the answer has no ssh_key");
}

/* Listing is allowed ten times a minute; this is not bounded so. */
json_t *keys_find(struct keys *k, const char *id, struct failure *f)
{
	struct search s = {0};
	char *escaped = do_escape(id);

	do_queue(k->client, do_call_new("GET", NULL, found, &s, "/v2/account/keys/%s", escaped));
	do_run(k->client);
	if (s.failure.status) {
		json_decref(s.key);
		s.key = NULL;
		fail_move(f, &s.failure);
	}
	free(escaped);
	return s.key;
}

void keys_take(struct keys *k, struct rec *rec, const json_t *key)
{
	static const char *const members[] = {"name", "fingerprint", "public_key"};
	json_int_t id = json_integer_value(json_object_get(key, "id"));
	char *text = mem_fmt("%" JSON_INTEGER_FORMAT, id);
	const char *account = do_account(k->client);

	rec_set(rec, "provider", json_string("digitalocean"));
	if (account)
		rec_set(rec, "account", json_string(account));
	rec_set(rec, "id", json_string(text));
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *value = json_object_get(key, members[i]);

		if (value)
			rec_set(rec, members[i], json_incref(value));
	}
	free(text);
}
