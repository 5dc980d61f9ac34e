/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../env.h"
#include "../file.h"
#include "../mem.h"
#include "../status.h"
#include "../trace.h"
#include "token.h"

char *do_base_url(void)
{
	const char *url = env_get("DIGITALOCEAN_API_URL");
	char *base = mem_dup(url ? url : "https://api.digitalocean.com");
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		base[--len] = '\0';
	return base;
}

/* What is in the file: a token alone, or an object that holds one. */
static char *pick(const char *text, size_t len)
{
	json_auto_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	const char *key = json_string_value(json_object_get(json, "digital_ocean_api_key"));
	size_t start = 0;

	if (json)
		return mem_dup(key && *key ? key : NULL);
	while (start < len && isspace((unsigned char)text[start]))
		start++;
	while (len > start && isspace((unsigned char)text[len - 1]))
		len--;
	for (size_t i = start; i < len; i++)
		if (!isgraph((unsigned char)text[i]))
			return NULL;
	return len > start && text[start] != '{' ? mem_dup_n(text + start, len - start) : NULL;
}

static char *from_file(const char *path, struct failure *f)
{
	struct buf text = {0};
	char *token = NULL;

	if (file_read(path, &text, f)) {
		token = text.len ? pick(text.data, text.len) : NULL;
		if (!token)
			fail_set(f, ST_DATA, "no-token",
				 "'%s' holds no token: neither one word nor a JSON object with "
				 "digital_ocean_api_key",
				 path);
	}
	buf_free(&text);
	return token;
}

static char *find(char **source, struct failure *f)
{
	const char *path, *token = env_secret("DIGITALOCEAN_ACCESS_TOKEN");

	if (token) {
		*source = mem_dup("DIGITALOCEAN_ACCESS_TOKEN");
		return mem_dup(token);
	}
	path = env_get("DIGITALOCEAN_ACCESS_TOKEN_FILE");
	if (path) {
		*source = mem_dup(path);
		return trace_mode() == TRACE_REPLAY ? mem_dup("***") : from_file(path, f);
	}
	token = env_secret("DIGITALOCEAN_TOKEN");
	if (token) {
		*source = mem_dup("DIGITALOCEAN_TOKEN");
		return mem_dup(token);
	}
	return trace_mode() == TRACE_REPLAY ? mem_dup("***") : do_doctl_token(source, f);
}

/* It goes into a header. */
static bool is_token(const char *token, const char *source, struct failure *f)
{
	for (const char *c = token; *c; c++)
		if (!isgraph((unsigned char)*c))
			return fail_set(f, ST_CONFIG, "bad-token",
					"the token of %s has a character that no token has",
					source);
	return true;
}

char *do_token(char **source, struct failure *f)
{
	struct failure why = {0};
	char *where = NULL, *token = find(&where, &why);

	if (token)
		trace_secret(token);
	if (!token && !why.status)
		fail_set(&why, ST_CONFIG, "no-token",
			 "no token: set DIGITALOCEAN_ACCESS_TOKEN, DIGITALOCEAN_ACCESS_TOKEN_FILE "
			 "or DIGITALOCEAN_TOKEN, or run doctl auth init");
	if (token && !is_token(token, where, &why)) {
		free(token);
		token = NULL;
	}
	if (f && why.status)
		fail_move(f, &why);
	fail_free(&why);
	if (source)
		*source = where;
	else
		free(where);
	return token;
}
