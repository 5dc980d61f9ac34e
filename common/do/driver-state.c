/* SPDX-License-Identifier: ISC
 * One round over all droplets that are waited for: each by its id when they are few, else the lists
 * of all; with it the newest actions, which tell of a creation that went wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"
#include "droplet.h"

struct round {
	struct cloud *cloud;
	struct cloud_item **items;
	size_t n, open; /* requests and lists that are not settled */
	void (*done)(struct cloud_item *);
	json_t *droplets; /* id → droplet */
	json_t *actions;  /* id → status */
	struct do_list lists[2];
	struct failure failure; /* of a list */
};

struct look {
	struct round *round;
	struct cloud_item *item;
};

void do_item_note_token(struct cloud_item *item, const json_t *droplet)
{
	struct do_private *p = do_item_private(item);
	size_t i;
	json_t *tag;

	json_array_foreach(json_object_get(droplet, "tags"), i, tag) {
		const char *text = json_string_value(tag);

		if (text && !strncmp(text, "sluice:token:", 13) && strlen(text) < sizeof p->token)
			memcpy(p->token, text, strlen(text) + 1);
	}
}

bool do_item_take(struct cloud_item *item, const json_t *droplet)
{
	char *id = do_id_text(droplet);

	if (!id)
		return false;
	free(item->id);
	item->id = id;
	json_decref(item->record);
	item->record = do_droplet_record(droplet, NULL, do_account(item->cloud->client));
	item->ready =
	    do_droplet_ready(droplet, json_is_true(json_object_get(item->wanted, "ipv6")));
	do_item_note_token(item, droplet);
	return true;
}

bool do_item_take_tagged(struct cloud_item *item, const json_t *answer)
{
	const json_t *list = json_object_get(answer, "droplets");
	char *first, *second;

	if (json_array_size(list) == 1)
		return do_item_take(item, json_array_get(list, 0));
	if (!json_array_size(list))
		return false;
	first = do_id_text(json_array_get(list, 0));
	second = do_id_text(json_array_get(list, 1));
	fail_set(&item->failure, ST_REFUSED, "ambiguous",
		 "%zu droplets carry its tag: %s, %s%s: remove those that are too many",
		 json_array_size(list), first ? first : "?", second ? second : "?",
		 json_array_size(list) > 2 ? ", …" : "");
	free(first);
	free(second);
	return false;
}

static void judge_action(struct round *r, struct cloud_item *item)
{
	struct do_private *p = do_item_private(item);
	char key[32];
	const char *status;

	snprintf(key, sizeof key, "%" PRId64, (int64_t)p->action);
	status = json_string_value(json_object_get(r->actions, key));
	if (status && !strcmp(status, "in-progress"))
		item->ready = false;
	if (status && !strcmp(status, "errored"))
		fail_set(&item->failure, ST_REFUSED, "errored",
			 "its creation went wrong (action %s): remove droplet %s, then try again",
			 key, item->id);
}

static void conclude(struct round *r)
{
	if (--r->open)
		return;
	for (size_t i = 0; i < r->n; i++) {
		struct cloud_item *item = r->items[i];
		const json_t *droplet = item->id ? json_object_get(r->droplets, item->id) : NULL;

		if (!item->failure.status && r->failure.status)
			fail_copy(&item->failure, &r->failure);
		if (droplet && !item->failure.status) {
			do_item_take(item, droplet);
			judge_action(r, item);
		}
		r->done(item);
	}
	json_decref(r->droplets);
	json_decref(r->actions);
	fail_free(&r->failure);
	free(r->items);
	free(r);
}

static void take_one(struct do_call *call)
{
	struct look *look = call->ctx;
	json_t *droplet = json_object_get(call->result, "droplet");

	if (droplet)
		json_object_set(look->round->droplets, look->item->id, droplet);
	else if (call->http_status != 404)
		fail_move(&look->item->failure, &call->failure);
	conclude(look->round);
	free(look);
}

static void take_tagged(struct do_call *call)
{
	struct look *look = call->ctx;

	if (call->failure.status)
		fail_move(&look->item->failure, &call->failure);
	else if (do_item_take_tagged(look->item, call->result))
		json_object_set(look->round->droplets, look->item->id,
				json_array_get(json_object_get(call->result, "droplets"), 0));
	conclude(look->round);
	free(look);
}

static void take_actions(struct do_call *call)
{
	struct round *r = call->ctx;
	size_t i;
	json_t *action;

	json_array_foreach(json_object_get(call->result, "actions"), i, action) {
		char *id = do_id_text(action);
		json_t *status = json_object_get(action, "status");

		if (id && status)
			json_object_set(r->actions, id, status);
		free(id);
	}
	conclude(r); /* a token that may not read them does without */
}

static void take_listed(struct do_list *l, json_t *droplet)
{
	struct round *r = l->ctx;
	char *id = do_id_text(droplet);

	for (size_t i = 0; id && i < r->n; i++)
		if (r->items[i]->id && !strcmp(r->items[i]->id, id))
			json_object_set(r->droplets, id, droplet);
	free(id);
}

static void end_list(struct do_list *l)
{
	struct round *r = l->ctx;

	if (l->n_pages && l == &r->lists[0])
		r->cloud->n_pages = l->n_pages;
	if (!r->failure.status)
		fail_move(&r->failure, &l->failure);
	fail_free(&l->failure);
	conclude(r);
}

static void list_all(struct round *r)
{
	static const char *const paths[] = {"/v2/droplets", "/v2/droplets?type=gpus"};

	r->open += 2;
	for (int i = 0; i < 2; i++) {
		r->lists[i] = (struct do_list){.client = r->cloud->client,
					       .path = paths[i],
					       .member = "droplets",
					       .each = take_listed,
					       .done = end_list,
					       .ctx = r};
		do_list_queue(&r->lists[i]);
	}
}

static void look_for(struct round *r, struct cloud_item *item)
{
	struct look *look = mem_alloc(sizeof *look);
	char *token;

	*look = (struct look){r, item};
	r->open++;
	if (item->id) {
		do_queue(r->cloud->client,
			 do_call_new("GET", NULL, take_one, look, "/v2/droplets/%s", item->id));
		return;
	}
	token = do_droplet_token(item->wanted, item->attempt);
	do_queue(r->cloud->client, do_call_new("GET", NULL, take_tagged, look,
					       "/v2/droplets?tag_name=%s&per_page=200", token));
	free(token);
}

static void look_at_actions(struct round *r)
{
	r->open++;
	do_queue(r->cloud->client,
		 do_call_new("GET", NULL, take_actions, r, "/v2/actions?per_page=200&page=1"));
}

static void start(struct round *r)
{
	size_t known = 0;
	bool actions = false;

	for (size_t i = 0; i < r->n; i++) {
		known += r->items[i]->id != NULL;
		actions = actions || do_item_private(r->items[i])->action;
	}
	r->open = 1; /* this function */
	for (size_t i = 0; i < r->n; i++)
		if (!r->items[i]->id || known <= 2 || known < r->cloud->n_pages + 1)
			look_for(r, r->items[i]);
	if (known > 2 && known >= r->cloud->n_pages + 1)
		list_all(r);
	if (actions)
		look_at_actions(r);
	conclude(r);
}

static void begin(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	struct round *r = mem_alloc(sizeof *r);

	*r = (struct round){.cloud = items[0]->cloud, .n = n, .done = done};
	r->items = mem_alloc(n * sizeof(struct cloud_item *));
	memcpy(r->items, items, n * sizeof(struct cloud_item *));
	r->droplets = json_object();
	r->actions = json_object();
	start(r);
}

static void look_at_droplets(struct cloud_item *const *items, size_t n,
			     void (*done)(struct cloud_item *))
{
	size_t first = 0;

	/* a round is one account's */
	for (size_t i = 1; i <= n; i++)
		if (i == n || items[i]->cloud != items[first]->cloud) {
			begin(items + first, i - first, done);
			first = i;
		}
}

static void look_at(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct do_job *job = do_job_new(item, done);

	if (item->kind == CLOUD_IMAGES)
		do_image_state(job);
	else if (item->kind == CLOUD_KEYS)
		do_key_state(job);
	else
		do_job_refuse(job);
}

void do_cloud_state(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	struct cloud_item **droplets = mem_alloc((n + 1) * sizeof *droplets);
	size_t n_droplets = 0;

	for (size_t i = 0; i < n; i++)
		if (items[i]->kind == CLOUD_INSTANCES)
			droplets[n_droplets++] = items[i];
		else
			look_at(items[i], done);
	if (n_droplets)
		look_at_droplets(droplets, n_droplets, done);
	do_run_items(items, n);
	free(droplets);
}
