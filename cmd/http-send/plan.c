/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http-record.h"
#include "mem.h"
#include "plan.h"
#include "send.h"

static const char *action_of(const struct http_request *request)
{
	if (request->effect == HTTP_READ)
		return "keep";
	return strcasecmp(request->method, "DELETE") ? "change" : "delete";
}

static void add(json_t *plan, const struct item *item)
{
	char *name = send_title(item->r);
	json_auto_t *masked = http_request_masked(item->request);
	json_t *after = json_object();

	json_object_set(after, "url", json_object_get(masked, "url"));
	if (json_object_get(masked, "postData"))
		json_object_set(after, "postData", json_object_get(masked, "postData"));
	plan_add(plan, action_of(item->request), "http-request", NULL, NULL, name, NULL, NULL,
		 after, NULL);
	free(name);
}

/* The answer as it would be. */
static void foresee(struct item *item)
{
	json_t *answer = json_pack("{ss sn sn so sb}", "kind", "http-response", "status", "content",
				   "request", http_request_masked(item->request), "planned", 1);

	if (!answer)
		mem_out();
	send_put_answer(item->r, answer);
	http_request_free(item->request);
	item->request = NULL;
	item->settled = true;
}

void plan_all(struct sender *s)
{
	for (size_t i = 0; i < s->n; i++) {
		json_auto_t *plan = json_array();

		if (s->items[i].request) {
			add(plan, &s->items[i]);
			foresee(&s->items[i]);
		}
		plan_emit(s->io, plan);
		send_write(s);
	}
}

bool plan_agrees(const struct sender *s, struct failure *f)
{
	json_auto_t *plan = json_array(), *reviewed = plan_read(s->o->plan, f);

	if (!reviewed)
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (s->items[i].request)
			add(plan, &s->items[i]);
	return plan_allowed(plan, reviewed, f);
}
