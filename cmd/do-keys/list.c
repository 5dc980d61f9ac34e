/* SPDX-License-Identifier: ISC */
#include "cloud.h"
#include "keys.h"

void keys_list(struct keys *k)
{
	cloud_list(&cloud_digitalocean, CLOUD_KEYS, "ssh keys", k->io, k->engine,
		   *k->options->operands);
}
