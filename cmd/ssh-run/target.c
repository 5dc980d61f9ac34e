/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "mem.h"
#include "run.h"
#include "status.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

static const char *interface(const json_t *instance, const char *which)
{
	const json_t *addresses = json_object_get(instance, which);
	const char *text = text_of(addresses, "ipv4");

	return text ? text : text_of(addresses, "ipv6");
}

static const char *address(const json_t *instance, bool private_first)
{
	const char *public = interface(instance, "public_network_interfaces");
	const char *private = interface(instance, "private_network_interfaces");

	if (private_first)
		return private ? private : public;
	return public ? public : private;
}

static bool wrong(struct failure *f, const char *what)
{
	return fail_set(f, ST_DATA, "bad-instance", "%s", what);
}

static bool absent_or(const json_t *value, bool right)
{
	return !value || json_is_null(value) || right;
}

static bool check(const json_t *instance, struct failure *f)
{
	const json_t *ssh = json_object_get(instance, "ssh");
	const json_t *keys = json_object_get(ssh, "host_keys");
	const char *said = instance_wrong(instance);
	json_t *key;
	size_t i;

	if (said)
		return wrong(f, said);
	if (!absent_or(ssh, json_is_object(ssh)))
		return wrong(f, "'ssh' is not an object");
	if (!absent_or(json_object_get(ssh, "host"), json_is_string(json_object_get(ssh, "host"))))
		return wrong(f, "'ssh.host' is not a string");
	if (!absent_or(json_object_get(ssh, "user"), json_is_string(json_object_get(ssh, "user"))))
		return wrong(f, "'ssh.user' is not a string");
	if (!absent_or(json_object_get(ssh, "port"), json_is_integer(json_object_get(ssh, "port"))))
		return wrong(f, "'ssh.port' is not a number");
	if (!absent_or(keys, json_is_array(keys)))
		return wrong(f, "'ssh.host_keys' is not an array");
	json_array_foreach(keys, i, key) {
		if (!json_is_string(key))
			return wrong(f, "'ssh.host_keys' is not an array of strings");
	}
	return true;
}

static void add_keys(struct ssh_target *target, const json_t *keys)
{
	json_t *key;
	size_t i;

	target->host_keys = mem_grow(NULL, json_array_size(keys) + 1, sizeof *target->host_keys);
	json_array_foreach(keys, i, key)
		target->host_keys[target->n_host_keys++] = json_string_value(key);
}

bool run_target(struct ssh_target *target, const json_t *instance, const struct run_options *o,
		struct failure *f)
{
	const json_t *ssh = json_object_get(instance, "ssh");
	const char *name = text_of(instance, "name"), *user = text_of(ssh, "user");
	json_int_t port = json_integer_value(json_object_get(ssh, "port"));

	*target = (struct ssh_target){0};
	if (!check(instance, f))
		return false;
	if (port < 0 || port > 65535)
		return wrong(f, "'ssh.port' is no port");
	target->host = text_of(ssh, "host");
	if (!target->host)
		target->host = address(instance, o->private_first);
	if (!target->host)
		return fail_set(f, ST_DATA, "no-address", "it has no address");
	if (!name)
		name = text_of(instance, "id");
	target->name = name ? name : target->host;
	target->port = (int)port;
	target->user = user ? user : o->user;
	target->key_file = o->key_file;
	add_keys(target, json_object_get(ssh, "host_keys"));
	if (ssh_target_check(target, f))
		return true;
	run_target_free(target);
	return false;
}

void run_target_free(struct ssh_target *target)
{
	free(target->host_keys);
	target->host_keys = NULL;
}
