/* SPDX-License-Identifier: ISC
 * libFuzzer: any bytes as a YAML document. What was read is within its bounds, has a place, and,
 * written as JSON, is read to the same. */
#include <stdlib.h>
#include <string.h>

#include "yaml-read.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static size_t count(const json_t *value, unsigned level)
{
	size_t n = 1, i;
	const char *key;
	json_t *item;

	if (level > YML_DEEP)
		abort();
	json_array_foreach(value, i, item)
		n += count(item, level + 1);
	json_object_foreach((json_t *)value, key, item)
		n += count(item, level + 1);
	return n;
}

/* A plain `null` key or text is the one thing that JSON quotes and YAML does not: strings stay
 * strings, since they are quoted. */
static void again(const struct yml *y)
{
	char *text = json_dumps(yml_root(y), JSON_ENCODE_ANY);
	struct failure f = {0};
	struct yml *other = text ? yml_parse("again", text, strlen(text), &f) : NULL;

	if (!text || (other && !json_equal(yml_root(y), yml_root(other))))
		abort();
	if (!other && f.status != 65)
		abort();
	yml_free(other);
	fail_free(&f);
	free(text);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct failure f = {0};
	struct yml *y = yml_parse("fuzz", (const char *)data, len, &f);
	struct buf place = {0};
	bool yes;

	if (!y && f.status != 65)
		abort();
	fail_free(&f);
	if (!y)
		return 0;
	if (count(yml_root(y), 1) > 2 * YML_MOST)
		abort();
	yml_truth(yml_root(y), &yes);
	yml_place(y, yml_root(y), &place);
	again(y);
	buf_free(&place);
	yml_free(y);
	return 0;
}
