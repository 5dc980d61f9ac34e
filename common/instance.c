/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stddef.h>

#include "instance.h"

static const char *const interfaces[] = {"public_network_interfaces", "private_network_interfaces"};

static bool is_strings(const json_t *list)
{
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value) {
		if (!json_is_string(value))
			return false;
	}
	return json_is_array(list);
}

static bool is_object(const json_t *value)
{
	return json_is_object(value);
}

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

static bool is_array(const json_t *value)
{
	return json_is_array(value);
}

/* People write ids of DigitalOcean as the numbers that they are. */
static bool is_id(const json_t *value)
{
	return json_is_string(value) || json_is_integer(value);
}

const char *instance_wrong(const json_t *instance)
{
	static const struct {
		const char *key, *wrong;
		bool (*is)(const json_t *value);
	} rules[] = {
	    {"id", "'id' is not a string", is_id},
	    {"name", "'name' is not a string", is_text},
	    {"provider", "'provider' is not a string", is_text},
	    {"region", "'region' is not a string", is_text},
	    {"names", "'names' is not an array of strings", is_strings},
	    {"addresses", "'addresses' is not an array", is_array},
	    {"public_network_interfaces", "'public_network_interfaces' is not an object",
	     is_object},
	    {"private_network_interfaces", "'private_network_interfaces' is not an object",
	     is_object},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const json_t *value = json_object_get(instance, rules[i].key);

		if (value && !json_is_null(value) && !rules[i].is(value))
			return rules[i].wrong;
	}
	return NULL;
}

void instance_addresses(const json_t *instance, void (*each)(void *ctx, const char *address),
			void *ctx)
{
	json_t *value;
	const char *key;
	size_t i;

	for (i = 0; i < sizeof(interfaces) / sizeof(*interfaces); i++)
		json_object_foreach(json_object_get(instance, interfaces[i]), key, value) {
			if (json_is_string(value))
				each(ctx, json_string_value(value));
		}
	json_array_foreach(json_object_get(instance, "addresses"), i, value) {
		const json_t *address = json_object_get(value, "address");

		if (json_is_string(address))
			each(ctx, json_string_value(address));
	}
}
