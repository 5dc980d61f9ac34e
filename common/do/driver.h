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

/* catalog.c: what a list gives for each kind but droplets. */
const char *do_catalog_path(enum cloud_kind kind, const char **member);
json_t *do_catalog_record(enum cloud_kind kind, const json_t *thing, const char *account);

#endif
