/* SPDX-License-Identifier: ISC
 * Instances that are really there, with --machines: those of RunInstances. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "machine.h"
#include "mem.h"

void ec2_make_machine(json_t *i, const json_t *image)
{
	char *address;

	if (!machines_on())
		return;
	address = machine_address();
	put_str(i, "_machine", address);
	put_str(i, "_public_ip", address);
	put_str(i, "privateIpAddress", address);
	put_str(i, "_disk", str(image, "_disk"));
	free(address);
}

/* Taken now; the image's copies have it, too. */
void ec2_copy_machine(const json_t *i, json_t *image)
{
	if (!has(i, "_machine"))
		return;
	put_str(image, "_disk", str(image, "imageId"));
	machine_image(str(i, "instanceId"), str(image, "imageId"));
}

static json_t *user_data(const json_t *i)
{
	struct buf text = {0};
	const char *data = str(i, "_user_data");
	json_t *value = NULL;

	if (!buf_unbase64(&text, data, strlen(data)) && text.len)
		value = json_stringn(text.data, text.len);
	buf_free(&text);
	return value;
}

static const char *name_of(const json_t *i)
{
	size_t n;
	json_t *tag;

	json_array_foreach(seq(i, "tagSet"), n, tag)
		if (!strcmp(str(tag, "key"), "Name"))
			return str(tag, "value");
	return "";
}

static void want(json_t *i)
{
	json_t *data = user_data(i), *keys = json_array();
	struct machine_wish wish = {.id = str(i, "instanceId"),
				    .name = name_of(i),
				    .address = str(i, "_machine"),
				    .image = str(i, "imageId"),
				    .disk = str(i, "_disk"),
				    .user_data = data,
				    .keys = keys,
				    .on = ec2_is(i, "running"),
				    .boots = num(i, "_boots", 1)};

	if (has(i, "_public_key"))
		json_array_append(keys, json_object_get(i, "_public_key"));
	if (machine_wanted(&wish)) {
		ec2_guest_shutdown(i);
		ec2_show(i);
	}
	json_decref(keys);
	json_decref(data);
}

static void see_to(json_t *where)
{
	const char *id;
	json_t *i;

	json_object_foreach(json_object_get(where, "instances"), id, i)
		if (has(i, "_machine") && !ec2_is(i, "terminated"))
			want(i);
}

void ec2_machines(void)
{
	const char *account, *region;
	json_t *regions, *where;

	json_object_foreach(sub(state(), "accounts"), account, regions)
		json_object_foreach(sub(regions, "regions"), region, where)
			see_to(where);
}

char *ec2_console(json_t *i)
{
	char *text;

	if (!has(i, "_machine"))
		return mem_fmt(
		    "[    0.000000] Linux version 6.1.0\n%s login: cloud-init: finished\n",
		    str(i, "instanceId"));
	text = machine_console(str(i, "instanceId"));
	if (*text)
		return text;
	free(text);
	return NULL;
}
