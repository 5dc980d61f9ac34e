/* SPDX-License-Identifier: ISC
 * Lists of DigitalOcean's API, whole or failed: the first page, then all others at once. */
#ifndef SLUICE_DO_LIST_H
#define SLUICE_DO_LIST_H

#include "client.h"

struct do_list {
	struct do_client *client;
	const char *path;   /* "/v2/droplets?type=gpus": per_page and page are added */
	const char *member; /* "droplets" */
	/* Called in the order of the list as pages arrive, once for each id (slug, or name, of what
	 * has none); borrowed. NULL: nothing. */
	void (*each)(struct do_list *l, json_t *thing);
	/* Settled: failure.status is 0 when all of it was read. A page that failed fails the list,
	 * as does a list that shifted under each of three readings (75). */
	void (*done)(struct do_list *l);
	void *ctx;
	/* Answer: */
	struct failure failure;
	size_t n_pages;
	struct do_pages *private; /* of list.c; NULL when settled */
};

/* Queues. `l` is the caller's and lives until done(). */
void do_list_queue(struct do_list *l);
/* All of a list, now, in one array (new reference); NULL with f. Not from a callback. */
json_t *do_list_all(struct do_client *c, const char *path, const char *member, struct failure *f);

#endif
