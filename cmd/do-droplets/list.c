/* SPDX-License-Identifier: ISC */
#include "droplets.h"

void droplets_list(struct rec_io *io, struct http *engine, const struct options *o)
{
	cloud_list(&cloud_digitalocean, CLOUD_INSTANCES, "droplets", io, engine, *o->operands);
}
