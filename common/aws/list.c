/* SPDX-License-Identifier: ISC
 * Lists in pages, read to their end. */
#include <string.h>

#include "../status.h"
#include "client.h"
#include "page.h"

static bool add_page(json_t *all, const json_t *result, const char *member, struct failure *f)
{
	json_t *list = json_object_get(result, member);

	if (!list || json_is_null(list) || (json_is_string(list) && !json_string_length(list)))
		return true;
	if (json_is_array(list))
		return json_array_extend(all, list) == 0;
	return fail_set(f, ST_BUG, "bad-answer", "the member '%s' of the answer is no list",
			member);
}

/* One page; its result (new reference), NULL with f. */
static json_t *ask(struct aws *a, const char *service, const char *action, json_t *params,
		   const char *member, json_t *all, struct failure *f)
{
	json_t *result = aws_do(a, service, action, HTTP_READ, json_deep_copy(params), f, NULL);

	if (result && !add_page(all, result, member, f)) {
		json_decref(result);
		result = NULL;
	}
	return result;
}

json_t *aws_list(struct aws *a, const char *service, const char *action, json_t *params,
		 const char *member, struct failure *f)
{
	json_auto_t *all = json_array(), *seen = json_object();
	json_auto_t *asked = params ? params : json_object();
	const struct aws_service *s = aws_service(service);
	enum page more = PAGE_MORE;

	while (more == PAGE_MORE) {
		json_auto_t *result = NULL;

		if (page_seen(seen, asked)) {
			fail_set(f, ST_BUG, "bad-answer",
				 "%s of %s gives a page token that it gave before: the list would "
				 "never end",
				 action, service);
			return NULL;
		}
		result = ask(a, service, action, asked, member, all, f);
		if (!result)
			return NULL;
		more = page_next(asked, result, s && s->protocol == AWS_EC2, f);
	}
	return more == PAGE_LAST ? json_incref(all) : NULL;
}
