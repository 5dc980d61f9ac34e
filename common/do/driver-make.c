/* SPDX-License-Identifier: ISC
 * Making droplets. The API takes no token that would make a second request harmless, so a tag is
 * made before the droplet that will carry it: where a later run finds the tag, an earlier one may
 * have sent its request, and looks before it sends another. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "droplet.h"

struct making {
	struct cloud_item *item;
	void (*done)(struct cloud_item *);
};

static void finish(struct making *m)
{
	struct cloud_item *item = m->item;
	void (*done)(struct cloud_item *) = m->done;

	free(m);
	done(item);
}

static void fail(struct making *m, struct do_call *call)
{
	fail_move(&m->item->failure, &call->failure);
	finish(m);
}

static json_int_t creating_action(const json_t *answer)
{
	const json_t *actions = json_object_get(json_object_get(answer, "links"), "actions");
	json_t *action;
	size_t i;

	json_array_foreach(actions, i, action) {
		const char *rel = json_string_value(json_object_get(action, "rel"));

		if (rel && !strcmp(rel, "create"))
			return json_integer_value(json_object_get(action, "id"));
	}
	return 0;
}

static void take_droplet(struct do_call *call)
{
	struct making *m = call->ctx;
	const json_t *droplet = json_object_get(call->result, "droplet");

	m->item->unclear = call->unclear;
	if (call->failure.status) {
		fail(m, call);
		return;
	}
	if (!do_item_take(m->item, droplet)) {
		m->item->unclear = true;
		fail_set(&m->item->failure, ST_BUG, "bad-answer", "the answer has no droplet");
	} else {
		m->item->made = true;
		do_item_private(m->item)->action = creating_action(call->result);
	}
	finish(m);
}

static void make(struct making *m)
{
	char *token = do_droplet_token(m->item->wanted), *run = do_run_tag(m->item->wanted);
	const char *const tags[] = {token, run, NULL};

	do_queue(m->item->cloud->client, do_call_new("POST", do_droplet_body(m->item->wanted, tags),
						     take_droplet, m, "/v2/droplets"));
	free(token);
	free(run);
}

static void take_new_tag(struct do_call *call)
{
	struct making *m = call->ctx;

	if (call->failure.status)
		fail(m, call);
	else
		make(m);
}

/* What carries the tag. */
static void take_tagged(struct do_call *call)
{
	struct making *m = call->ctx;

	if (call->failure.status) {
		fail(m, call);
		return;
	}
	if (!do_item_take_tagged(m->item, call->result) && !m->item->failure.status)
		m->item->unclear = true;
	finish(m);
}

static void take_tag(struct do_call *call)
{
	struct making *m = call->ctx;
	struct do_client *client = m->item->cloud->client;
	char *token = do_droplet_token(m->item->wanted);
	struct do_call *next;

	if (call->http_status == 404) {
		next = do_call_new("POST", json_pack("{s:s}", "name", token), take_new_tag, m,
				   "/v2/tags");
		next->effect = HTTP_IDEMPOTENT;
		do_queue(client, next);
	} else if (call->failure.status) {
		fail(m, call);
	} else {
		do_queue(client, do_call_new("GET", NULL, take_tagged, m,
					     "/v2/droplets?tag_name=%s&per_page=200", token));
	}
	free(token);
}

void do_cloud_create(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct making *m = mem_alloc(sizeof *m);
		char *token = do_droplet_token(items[i]->wanted);

		*m = (struct making){items[i], done};
		if (items[i]->certain)
			make(m);
		else
			do_queue(items[i]->cloud->client,
				 do_call_new("GET", NULL, take_tag, m, "/v2/tags/%s", token));
		free(token);
	}
	if (n)
		do_run(items[0]->cloud->client);
}

static void take_power(struct do_call *call)
{
	struct making *m = call->ctx;

	m->item->unclear = call->unclear;
	if (call->failure.status)
		fail(m, call);
	else
		finish(m);
}

void do_cloud_power(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct making *m = mem_alloc(sizeof *m);

		*m = (struct making){items[i], done};
		do_queue(
		    items[i]->cloud->client,
		    do_call_new("POST",
				json_pack("{s:s}", "type", items[i]->on ? "power_on" : "power_off"),
				take_power, m, "/v2/droplets/%s/actions", items[i]->id));
	}
	if (n)
		do_run(items[0]->cloud->client);
}
