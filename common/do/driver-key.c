/* SPDX-License-Identifier: ISC
 * Ssh keys. The account has each key once; its fingerprint is computed here, so that it is found
 * without the list, which may be read ten times a minute only. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../public-key.h"
#include "../status.h"
#include "driver.h"
#include "marks.h"

static void take_key(struct cloud_item *item, const json_t *key)
{
	char *id = do_id_text(key);

	if (!id) {
		fail_set(&item->failure, ST_BUG, "bad-answer", "the answer has no ssh_key");
		return;
	}
	free(item->id);
	item->id = id;
	item->record = do_catalog_record(CLOUD_KEYS, key, do_account(item->cloud->client));
	item->ready = true;
}

static void take_state(struct do_call *call)
{
	struct do_job *job = call->ctx;

	if (call->failure.status && call->http_status != 404)
		do_job_fail(job, &call->failure);
	else {
		if (!call->failure.status)
			take_key(job->item, json_object_get(call->result, "ssh_key"));
		do_job_end(job);
	}
}

/* Of the wanted key; "" with the item's failure. */
static void fingerprint(struct cloud_item *item, char print[48])
{
	const char *text = json_string_value(json_object_get(item->wanted, "public_key"));
	struct public_key key = {0};

	*print = '\0';
	if (!text)
		fail_set(&item->failure, ST_DATA, "bad-key", "it has no string public_key");
	else if (public_key_parse(text, &key, &item->failure))
		memcpy(print, key.fingerprint, 48);
	public_key_free(&key);
}

static void ask(struct do_job *job, const char *id, void (*answered)(struct do_call *))
{
	char *escaped = do_escape(id);

	do_job_call(job, "GET", NULL, answered, "/v2/account/keys/%s", escaped);
	free(escaped);
}

void do_key_state(struct do_job *job)
{
	char print[48];

	if (!job->item->id)
		fingerprint(job->item, print);
	if (job->item->failure.status)
		do_job_end(job);
	else
		ask(job, job->item->id ? job->item->id : print, take_state);
}

/* In use already: the answer to an earlier request was lost, it may be. */
static void take_refused(struct do_call *call)
{
	struct do_job *job = call->ctx;

	if (!call->failure.status) {
		fail_free(&job->item->failure);
		take_key(job->item, json_object_get(call->result, "ssh_key"));
	}
	do_job_end(job);
}

static void take_made(struct do_call *call)
{
	struct do_job *job = call->ctx;
	char print[48];

	if (call->http_status == 422) {
		fingerprint(job->item, print);
		fail_move(&job->item->failure, &call->failure);
		ask(job, print, take_refused);
	} else if (call->failure.status) {
		do_job_fail(job, &call->failure);
	} else {
		take_key(job->item, json_object_get(call->result, "ssh_key"));
		job->item->made = !job->item->failure.status;
		do_job_end(job);
	}
}

static void take_there(struct do_call *call)
{
	struct do_job *job = call->ctx;
	const json_t *wanted = job->item->wanted;
	struct do_call *next;
	char *name;

	if (call->http_status != 404) {
		take_state(call);
		return;
	}
	name = do_marked_name(wanted);
	next = do_call_new("POST",
			   json_pack("{s:s, s:O}", "name", name, "public_key",
				     json_object_get(wanted, "public_key")),
			   take_made, job, "/v2/account/keys");
	next->effect = HTTP_IDEMPOTENT; /* a second one is refused */
	do_queue(job->item->cloud->client, next);
	free(name);
}

void do_key_create(struct do_job *job)
{
	char print[48];

	fingerprint(job->item, print);
	if (job->item->failure.status)
		do_job_end(job);
	else
		ask(job, print, take_there);
}
