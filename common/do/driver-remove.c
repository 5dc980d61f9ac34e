/* SPDX-License-Identifier: ISC
 * Removing droplets, and the tag that each was found by. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "driver.h"

struct removal {
	struct cloud_item *item;
	void (*done)(struct cloud_item *);
};

static void finish(struct removal *m)
{
	struct cloud_item *item = m->item;
	void (*done)(struct cloud_item *) = m->done;

	free(m);
	done(item);
}

/* A tag that stays only makes a later run look longer. */
static void take_tag(struct do_call *call)
{
	finish(call->ctx);
}

static void take_removed(struct do_call *call)
{
	struct removal *m = call->ctx;
	const char *token = do_item_private(m->item)->token;

	if (call->failure.status && call->http_status != 404) {
		fail_move(&m->item->failure, &call->failure);
		/* Something is still being done to it: that ends. */
		if (call->http_status == 422 || call->http_status == 409) {
			m->item->failure.status = ST_TEMP;
			m->item->unclear = true;
		}
		finish(m);
	} else if (*token) {
		do_queue(m->item->cloud->client,
			 do_call_new("DELETE", NULL, take_tag, m, "/v2/tags/%s", token));
	} else {
		finish(m);
	}
}

void do_cloud_remove(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct removal *m = mem_alloc(sizeof *m);

		*m = (struct removal){items[i], done};
		do_queue(items[i]->cloud->client, do_call_new("DELETE", NULL, take_removed, m,
							      "/v2/droplets/%s", items[i]->id));
	}
	if (n)
		do_run(items[0]->cloud->client);
}
