/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "dns-name.h"
#include "droplets.h"
#include "instance.h"
#include "mem.h"
#include "status.h"

enum { LONGEST_NAME = 255, LONGEST_TAG = 255, LONGEST_USER_DATA = 65536 };

static bool is_boolean(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_text(const json_t *value)
{
	return json_is_string(value) && *json_string_value(value);
}

static bool is_id_or_text(const json_t *value)
{
	return is_text(value) || json_is_integer(value);
}

static bool is_keys(const json_t *value)
{
	size_t i;
	json_t *key;

	json_array_foreach(value, i, key) {
		const char *text = json_string_value(key);

		if (text && !strchr(text, ':') && strspn(text, "0123456789") != strlen(text))
			return false;
		if (!is_id_or_text(key))
			return false;
	}
	return json_is_array(value);
}

static bool is_tag(const char *text)
{
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr(":-_", *c))
			return false;
	return true;
}

static bool is_tags(const json_t *value)
{
	const char *key;
	json_t *text;

	json_object_foreach((json_t *)(uintptr_t)value, key, text) {
		if (!json_is_string(text) && !json_is_null(text))
			return false;
		if (!*key || strchr(key, ':') || !is_tag(key) || !strcmp(key, "sluice") ||
		    (json_is_string(text) && !is_tag(json_string_value(text))) ||
		    strlen(key) + json_string_length(text) + 1 > LONGEST_TAG)
			return false;
	}
	return json_is_object(value);
}

static bool is_user_data(const json_t *value)
{
	return json_is_string(value) && json_string_length(value) <= LONGEST_USER_DATA;
}

static bool is_nothing(const json_t *value)
{
	return json_is_array(value) && !json_array_size(value);
}

static bool is_name(const char *name)
{
	size_t len = strlen(name);

	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '.')
			return false;
	return len && len <= LONGEST_NAME && isalnum((unsigned char)name[len - 1]) &&
	       isalnum((unsigned char)*name);
}

static const char *wrong(const json_t *record)
{
	static const struct {
		const char *key, *wrong;
		bool (*is)(const json_t *value);
	} rules[] = {
	    {"region", "'region' is not the name of one", is_text},
	    {"size", "'size' is not the name of one", is_text},
	    {"image", "'image' is neither a slug nor an id", is_id_or_text},
	    {"backups", "'backups' is neither true nor false", is_boolean},
	    {"ipv6", "'ipv6' is neither true nor false", is_boolean},
	    {"monitoring", "'monitoring' is neither true nor false", is_boolean},
	    {"subnet", "'subnet' is not the id of a VPC", is_text},
	    {"keys",
	     "'keys' is not an array of ids or MD5 fingerprints (the service ignores names)",
	     is_keys},
	    {"tags",
	     "'tags' is not an object of texts or nulls, of letters, digits, - and _ (none "
	     "named sluice)",
	     is_tags},
	    {"user_data", "'user_data' is not a text of at most 64 KiB", is_user_data},
	    {"security_groups", "'security_groups': DigitalOcean has none", is_nothing},
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		const json_t *value = json_object_get(record, rules[i].key);

		if (value && !json_is_null(value) && !rules[i].is(value))
			return rules[i].wrong;
	}
	return instance_wrong(record);
}

static const char *wrong_name(const json_t *record)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_object_get(record, "names"), i, name) {
		char *plain = dns_name_plain(json_string_value(name));
		const char *why = dns_name_wrong(plain);

		free(plain);
		if (why)
			return why;
	}
	return NULL;
}

static void fill_in(struct want *w)
{
	const struct ensure *e = w->all;
	json_t *keys = json_object_get(w->json, "keys"), *all = json_array();

	if (!json_is_string(json_object_get(w->json, "region")) && e->o->region)
		json_object_set_new(w->json, "region", json_string(e->o->region));
	if (json_is_array(keys))
		json_array_extend(all, keys);
	json_array_extend(all, e->keys);
	json_object_set_new(w->json, "keys", all);
}

bool want_read(struct want *w, struct failure *f)
{
	const json_t *record = w->work->rec->json;
	const char *name = json_string_value(json_object_get(record, "name")), *why;

	if (!name)
		return fail_set(f, ST_DATA, "bad-instance", "an instance record needs a 'name'");
	if (!is_name(name))
		return fail_set(f, ST_DATA, "bad-instance",
				"'%s' is no name for a droplet: letters, digits, dots and dashes, "
				"the first and the last neither dot nor dash",
				name);
	if ((why = wrong(record)))
		return fail_set(f, ST_DATA, "bad-instance", "droplet '%s': %s", name, why);
	if ((why = wrong_name(record)))
		return fail_set(f, ST_DATA, "bad-instance", "droplet '%s': a name of 'names' %s",
				name, why);
	w->json = json_deep_copy(record);
	if (!w->json)
		mem_out();
	fill_in(w);
	return true;
}
