/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "../mem.h"
#include "cloud.h"
#include "driver.h"

static struct cloud *open_cloud(struct http *engine, struct failure *f)
{
	struct do_client *client = do_open(engine, f);
	struct cloud *c;

	if (!client)
		return NULL;
	c = mem_alloc(sizeof *c);
	c->client = client;
	return c;
}

static void close_cloud(struct cloud *c)
{
	if (c)
		do_close(c->client);
	free(c);
}

static const char *account(struct cloud *c)
{
	return do_account(c->client);
}

const struct cloud_driver cloud_digitalocean = {
    .provider = "digitalocean",
    .open = open_cloud,
    .close = close_cloud,
    .account = account,
    .list = do_cloud_list,
    .create = do_cloud_create,
    .state = do_cloud_state,
    .power = do_cloud_power,
    .remove = do_cloud_remove,
    .everywhere = true,
    .find = do_cloud_find,
    .image = do_cloud_image,
    .copy = do_cloud_copy,
    .users = do_cloud_users,
    .image_of = CLOUD_IMAGE_OF_OFF,
    .login = "root",
};

struct do_client *do_cloud_client(struct cloud *c)
{
	return c->client;
}
