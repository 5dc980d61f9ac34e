/* SPDX-License-Identifier: ISC
 * libFuzzer: any bytes as ~/.aws/config and, behind a NUL, as ~/.aws/credentials; each value is
 * read as a nested section and as a command line. */
#include <stdlib.h>
#include <string.h>

#include "aws/profile.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static void read_values(const json_t *all)
{
	const char *kind, *name, *key;
	json_t *sections, *section, *value;

	json_object_foreach((json_t *)all, kind, sections)
		json_object_foreach(sections, name, section)
			json_object_foreach(section, key, value) {
				free(profile_nested(json_string_value(value), "endpoint_url"));
				words_free(words_split(json_string_value(value)));
			}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *text = (const char *)data;
	size_t config = len ? strnlen(text, len) : 0;
	size_t rest = config < len ? config + 1 : len;
	struct failure f = {0};
	json_t *all = profile_parse(text, config, text + rest, len - rest, &f);

	if (!all && f.status != 78)
		abort();
	read_values(all);
	json_decref(all);
	fail_free(&f);
	return 0;
}
