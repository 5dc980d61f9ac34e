/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "page.h"
#include "../mem.h"
#include "../status.h"

static const struct {
	const char *answered, *asked, *asked_ec2;
} tokens[] = {
    {"nextToken", "nextToken", "NextToken"},
    {"NextToken", "NextToken", "NextToken"},
    {"NextMarker", "Marker", "Marker"},
    {"Marker", "Marker", "Marker"},
    {"PaginationToken", "PaginationToken", "PaginationToken"},
};

enum page page_next(json_t *params, const json_t *result, bool ec2, struct failure *f)
{
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
		const char *next = json_string_value(json_object_get(result, tokens[i].answered));
		const char *name = ec2 ? tokens[i].asked_ec2 : tokens[i].asked, *asked;

		if (!next || !*next)
			continue;
		asked = json_string_value(json_object_get(params, name));
		if (asked && !strcmp(asked, next)) {
			fail_set(
			    f, ST_BUG, "bad-answer",
			    "cannot follow the pages of the list: the next one is the same again");
			return PAGE_FAILED;
		}
		if (json_object_set_new(params, name, json_string(next)))
			mem_out();
		return PAGE_MORE;
	}
	return PAGE_LAST;
}
