/* SPDX-License-Identifier: ISC
 * Droplets that are really there, with --machines: those that were created, not the seeded ones.
 * A disk is copied when the snapshot begins, and is an image's when it has ended. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "machine.h"
#include "mem.h"

static json_t *public_keys(struct request *r)
{
	json_t *keys = json_array(), *id, *key;
	const char *number;
	size_t i;

	json_array_foreach(seq(r->params, "ssh_keys"), i, id)
		json_object_foreach(sub(do_home(r), "keys"), number, key)
			if (json_is_integer(id) ? json_integer_value(id) == num(key, "id", 0)
						: !strcmp(text_of(id), number) ||
						      !strcmp(text_of(id), str(key, "fingerprint")))
				add(keys, json_string(str(key, "public_key")));
	return keys;
}

void do_make_machine(struct request *r, json_t *droplet)
{
	char *address;

	if (!machines_on())
		return;
	address = machine_address();
	if (*str(droplet, "_ipv4"))
		put_str(droplet, "_ipv4", address);
	put_str(droplet, "_private", address);
	put(droplet, "_public_keys", public_keys(r));
	free(address);
}

static char *id_of(const json_t *droplet)
{
	return mem_fmt("droplet-%lld", num(droplet, "id", 0));
}

static char *image_of(const json_t *image)
{
	return *str(image, "slug") ? mem_dup(str(image, "slug"))
				   : mem_fmt("do-%lld", num(image, "id", 0));
}

static void want(json_t *droplet)
{
	char *id = id_of(droplet), *image = image_of(json_object_get(droplet, "image"));
	struct machine_wish wish = {.id = id,
				    .name = str(droplet, "name"),
				    .address = str(droplet, "_private"),
				    .image = image,
				    .disk = image,
				    .user_data = json_object_get(droplet, "_user_data"),
				    .keys = json_object_get(droplet, "_public_keys"),
				    .on = !strcmp(str(droplet, "status"), "active"),
				    .boots = num(droplet, "_boots", 0)};

	if (machine_wanted(&wish))
		put_str(droplet, "status", "off");
	free(image);
	free(id);
}

void do_machines(void)
{
	json_t *home, *droplet;
	const char *name, *key;

	json_object_foreach(sub(sub(state(), "digitalocean"), "accounts"), name, home)
		json_object_foreach(sub(home, "droplets"), key, droplet)
			if (machine_is_address(str(droplet, "_private")))
				want(droplet);
}

void do_boot_machine(json_t *droplet)
{
	put_int(droplet, "_boots", num(droplet, "_boots", 0) + 1);
}

static char *copy_of(const json_t *action)
{
	return mem_fmt("action-%lld", num(action, "id", 0));
}

void do_copy_machine(const json_t *droplet, const json_t *action)
{
	char *id = id_of(droplet), *copy = copy_of(action);

	machine_image(id, copy);
	free(copy);
	free(id);
}

void do_keep_copy(const json_t *action, const json_t *image)
{
	char *copy = copy_of(action), *name = image_of(image);

	machine_image_rename(copy, name);
	free(name);
	free(copy);
}
