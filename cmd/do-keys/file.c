/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "buf.h"
#include "file.h"
#include "keys.h"
#include "mem.h"
#include "public-key.h"
#include "status.h"
#include "trace.h"

static char *pick(const char *path, const struct buf *text, struct failure *f)
{
	const char *start = text->data + strspn(text->data, " \t\r\n");
	json_error_t error;
	json_t *json;
	char *key;

	if (*start != '{')
		return mem_dup(text->data);
	json = json_loadb(text->data, text->len, JSON_REJECT_DUPLICATES, &error);
	key = mem_dup(json_string_value(json_object_get(json, "public_ssh_key")));
	if (!json)
		fail_set(f, ST_DATA, "bad-json", "cannot read '%s': %s at line %d", path,
			 "it is no JSON", error.line);
	else if (!key)
		fail_set(f, ST_DATA, "no-key", "cannot read '%s': it has no string public_ssh_key",
			 path);
	json_decref(json);
	return key;
}

/* One that is not UTF-8 counts as none. */
static void drop_odd_comment(char *key)
{
	struct public_key k = {0};

	if (public_key_parse(key, &k, NULL) && !k.comment)
		memcpy(key, k.text, strlen(k.text) + 1);
	public_key_free(&k);
}

char *keys_from_file(const char *path, struct failure *f)
{
	bool replay = trace_mode() == TRACE_REPLAY;
	struct buf text = {0};
	char *key = NULL;
	json_t *noted;

	/* The file, which may hold the token as well, is not there in a replay. */
	if (!replay && file_read(path, &text, f))
		key = pick(path, &text, f);
	buf_free(&text);
	if (!replay && !key)
		return NULL;
	if (key)
		drop_odd_comment(key);
	noted = key ? json_string(key) : NULL;
	if (key && !noted) {
		fail_set(f, ST_DATA, "not-utf8", "cannot use '%s': it is not UTF-8", path);
		free(key);
		return NULL;
	}
	noted = trace_note("key", noted);
	free(key);
	key = mem_dup(json_string_value(noted));
	json_decref(noted);
	return key;
}
