/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
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

bool page_seen(json_t *seen, const json_t *params)
{
	char *text = json_dumps(params, JSON_COMPACT | JSON_SORT_KEYS);
	bool known;

	if (!text)
		mem_out();
	known = json_object_get(seen, text);
	json_object_set_new(seen, text, json_true());
	free(text);
	return known;
}

enum page page_follow(struct aws *a, struct aws_call *call, bool ec2)
{
	enum page page = page_next(call->params, call->result, ec2, &call->failure);

	if (page != PAGE_MORE)
		return page;
	if (!call->seen)
		call->seen = json_object();
	if (page_seen(call->seen, call->params)) {
		fail_set(&call->failure, ST_BUG, "bad-answer",
			 "cannot follow the pages of the list: they lead in a circle");
		return PAGE_FAILED;
	}
	aws_queue(a, call);
	return PAGE_MORE;
}
