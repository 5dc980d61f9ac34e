/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "cli.h"
#include "conf.h"
#include "env.h"
#include "mem.h"

struct conf_value conf_get(const char *name)
{
	return (struct conf_value){name, env_get(name)};
}

static void miss(struct conf *c, const char *name)
{
	buf_fmt(&c->missing, "%s%s", c->missing.len ? ", " : "", name);
}

struct conf_value conf_need(struct conf *c, const char *const names[])
{
	for (size_t i = 0; names[i]; i++) {
		struct conf_value v = conf_get(names[i]);

		if (v.value)
			return v;
	}
	miss(c, names[0]);
	for (size_t i = 1; names[i]; i++)
		buf_fmt(&c->missing, "%s%s", i == 1 ? " (or " : ", ", names[i]);
	if (names[1])
		buf_char(&c->missing, ')');
	return (struct conf_value){names[0], NULL};
}

const char *conf_need_secret(struct conf *c, const char *name)
{
	const char *value = env_secret(name);

	if (!value)
		miss(c, name);
	return value;
}

void conf_refuse(struct conf *c, struct conf_value v, const char *because)
{
	cli_warn("cannot use %s '%s': %s", v.name, v.value, because);
	c->wrong = true;
}

json_t *conf_list(struct conf *c, struct conf_value v)
{
	const char *at = v.value && strcmp(v.value, "-") ? v.value : NULL;
	json_t *items = json_array();

	while (at) {
		size_t len = strcspn(at, ","), from = strspn(at, " \t"), to = len;

		while (to > from && strchr(" \t", at[to - 1]))
			to--;
		if (from >= to) {
			conf_refuse(c, v, "an element of the list is empty");
			break;
		}
		if (json_array_append_new(items, json_stringn(at + from, to - from))) {
			conf_refuse(c, v, "it is not UTF-8");
			break;
		}
		at = at[len] ? at + len + 1 : NULL;
	}
	return items;
}

long long conf_number(struct conf *c, const char *name, long long most, long long otherwise)
{
	struct conf_value v = conf_get(name);
	long long n = otherwise;

	if (v.value && !cli_number(v.value, 0, most, &n))
		conf_refuse(c, v, "it must be a whole number, not negative and not too large");
	return n;
}

bool conf_end(struct conf *c, const char *verb)
{
	bool good = !c->missing.len && !c->wrong;

	if (c->missing.len)
		cli_warn("cannot %s: not set: %s", verb, c->missing.data);
	buf_free(&c->missing);
	return good;
}
