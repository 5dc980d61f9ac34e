/* SPDX-License-Identifier: ISC
 * Who uses images: the droplets that were made of them, and the autoscale pools that make droplets
 * of them. Each list is read once for all images. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "driver.h"

static const struct {
	const char *path, *member;
} lists[] = {
    {"/v2/droplets", "droplets"},
    {"/v2/droplets?type=gpus", "droplets"},
    {"/v2/droplets/autoscale", "autoscale_pools"},
};

enum { LISTS = sizeof lists / sizeof *lists };

struct asking {
	struct do_list list;
	size_t at; /* of lists */
	struct cloud_item **items;
	size_t n;
	void (*done)(struct cloud_item *);
	json_t *users; /* image -> [user] */
};

static void add_user(struct asking *a, const char *image, const char *kind, const char *id,
		     const json_t *name)
{
	json_t *users = json_object_get(a->users, image);

	if (users && json_array_append_new(users, json_pack("{s:s, s:s, s:O*}", "kind", kind, "id",
							    id, "name", name)))
		mem_out();
}

static void take_droplet(struct asking *a, const json_t *droplet)
{
	char *image = do_id_text(json_object_get(droplet, "image")), *id = do_id_text(droplet);

	if (image && id)
		add_user(a, image, "instance", id, json_object_get(droplet, "name"));
	free(image);
	free(id);
}

static void take(struct do_list *l, json_t *thing)
{
	struct asking *a = l->ctx;
	const json_t *template = json_object_get(thing, "droplet_template");
	const char *image = json_string_value(json_object_get(template, "image"));
	const char *id = json_string_value(json_object_get(thing, "id"));

	if (a->at < 2)
		take_droplet(a, thing);
	else if (image)
		add_user(a, image, "autoscale-pool", id ? id : "?", json_object_get(thing, "name"));
}

static void finish(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct cloud_item *item = a->items[i];

		if (a->list.failure.status)
			fail_copy(&item->failure, &a->list.failure);
		else
			item->record =
			    json_pack("{s:O}", "used_by", json_object_get(a->users, item->id));
		a->done(item);
	}
	fail_free(&a->list.failure);
	json_decref(a->users);
	free(a->items);
	free(a);
}

static void ask(struct asking *a);

static void take_end(struct do_list *l)
{
	struct asking *a = l->ctx;

	if (l->failure.status || ++a->at == LISTS)
		finish(a);
	else
		ask(a);
}

static void ask(struct asking *a)
{
	a->list = (struct do_list){.client = a->items[0]->cloud->client,
				   .path = lists[a->at].path,
				   .member = lists[a->at].member,
				   .each = take,
				   .done = take_end,
				   .ctx = a};
	do_list_queue(&a->list);
}

void do_cloud_users(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	struct asking *a;

	if (!n)
		return;
	a = mem_alloc(sizeof *a);
	*a = (struct asking){.items = mem_alloc(n * sizeof *a->items), .n = n, .done = done};
	memcpy(a->items, items, n * sizeof *items);
	a->users = json_object();
	for (size_t i = 0; i < n; i++)
		if (json_object_set_new(a->users, items[i]->id, json_array()))
			mem_out();
	ask(a);
	do_run_items(items, n);
}
