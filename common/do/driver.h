/* SPDX-License-Identifier: ISC
 * The driver behind cloud.h: its parts, private to common/do. */
#ifndef SLUICE_DO_DRIVER_H
#define SLUICE_DO_DRIVER_H

#include "../cloud.h"
#include "client.h"
#include "list.h"

struct cloud {
	struct do_client *client;
	size_t n_pages; /* of the last list of droplets: what a round over all of them costs */
};

/* driver-list.c, driver-make.c, driver-state.c, driver-remove.c */
void do_cloud_list(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
void do_cloud_create(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
void do_cloud_state(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
void do_cloud_power(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));
void do_cloud_remove(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *));

/* What the driver keeps with an item. */
struct do_private {
	json_int_t action; /* its creation; 0: not known */
	char token[64];    /* the tag that it carries; "": none */
};
struct do_private *do_item_private(struct cloud_item *item);
/* The droplet becomes the item's: id, record, ready. False: it is none. */
bool do_item_take(struct cloud_item *item, const json_t *droplet);
/* The one droplet of a list by tag; false when there is none, or several (failure). */
bool do_item_take_tagged(struct cloud_item *item, const json_t *answer);

/* catalog.c: what a list gives for each kind but droplets. */
const char *do_catalog_path(enum cloud_kind kind, const char **member);
json_t *do_catalog_record(enum cloud_kind kind, const json_t *thing, const char *account);

#endif
