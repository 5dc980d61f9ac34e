/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "profile.h"

char *profile_path(const char *path)
{
	const char *home = env_get("HOME");

	if (path[0] == '~' && (path[1] == '/' || !path[1]))
		return mem_fmt("%s%s", home ? home : "", path + 1);
	return mem_dup(path);
}

static char *path_of(const char *variable, const char *otherwise)
{
	const char *path = env_get(variable);

	return profile_path(path ? path : otherwise);
}

/* NULL: it is not there, or not for us. */
static char *slurp(const char *path, size_t *len)
{
	struct buf text = {0};
	FILE *in = fopen(path, "re");
	char chunk[4096];
	size_t n;

	if (!in)
		return NULL;
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		buf_add(&text, chunk, n);
	n = (size_t)ferror(in);
	fclose(in);
	if (n) {
		buf_free(&text);
		return NULL;
	}
	*len = text.len;
	return buf_take(&text);
}

static void choose(struct profiles *p, const char *name)
{
	p->named = name != NULL;
	if (!name)
		name = env_get("AWS_PROFILE");
	if (!name)
		name = env_get("AWS_DEFAULT_PROFILE");
	p->name = mem_dup(name ? name : "default");
}

bool profiles_load(struct profiles *p, const char *name, struct failure *f)
{
	size_t config_len = 0, credentials_len = 0;
	char *config = NULL, *credentials = NULL;

	*p = (struct profiles){0};
	choose(p, name);
	p->config_path = path_of("AWS_CONFIG_FILE", "~/.aws/config");
	p->credentials_path = path_of("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
	if (trace_mode() != TRACE_REPLAY) {
		config = slurp(p->config_path, &config_len);
		credentials = slurp(p->credentials_path, &credentials_len);
	}
	p->config_there = config != NULL;
	p->credentials_there = credentials != NULL;
	p->all = profile_parse(config, config_len, credentials, credentials_len, f);
	free(config);
	free(credentials);
	if (!p->all) {
		fail_prefix(f, "cannot read the AWS configuration in '%s' and '%s'", p->config_path,
			    p->credentials_path);
		return false;
	}
	if (strcmp(p->name, "default") && trace_mode() != TRACE_REPLAY && !profiles_has(p, p->name))
		return fail_set(f, ST_CONFIG, "no-profile",
				"the AWS profile '%s' is neither in '%s' nor in '%s'", p->name,
				p->config_path, p->credentials_path);
	return true;
}

void profiles_free(struct profiles *p)
{
	json_decref(p->all);
	free(p->name);
	free(p->config_path);
	free(p->credentials_path);
	*p = (struct profiles){0};
}

const char *profiles_section(const struct profiles *p, const char *kind, const char *name,
			     const char *key)
{
	const json_t *section = json_object_get(json_object_get(p->all, kind), name);
	const char *value = json_string_value(json_object_get(section, key));

	return value && *value ? value : NULL;
}

const char *profiles_get_of(const struct profiles *p, const char *profile, const char *key)
{
	return profiles_section(p, "profiles", profile, key);
}

const char *profiles_get(const struct profiles *p, const char *key)
{
	return profiles_get_of(p, p->name, key);
}

bool profiles_has(const struct profiles *p, const char *profile)
{
	return json_object_get(json_object_get(p->all, "profiles"), profile) != NULL;
}
