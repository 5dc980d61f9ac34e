/* SPDX-License-Identifier: ISC
 * What filters that are DigitalOcean's own ask besides cloud.h. */
#ifndef SLUICE_DO_CLOUD_H
#define SLUICE_DO_CLOUD_H

#include "../cloud.h"
#include "client.h"

/* The client of an open cloud; borrowed. */
struct do_client *do_cloud_client(struct cloud *c);

#endif
