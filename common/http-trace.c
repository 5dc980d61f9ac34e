/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "http-private.h"
#include "http-record.h"
#include "mem.h"
#include "status.h"
#include "trace.h"

void http_trace_attempt(const struct http_request *r, const struct http_answer *a)
{
	json_t *record;

	if (trace_mode() != TRACE_RECORD)
		return;
	record = http_response_json(r, a);
	if (r->secret_answer)
		json_object_set_new(json_object_get(record, "content"), "text", json_string("***"));
	if (!a->status) {
		json_object_set_new(record, "_error",
				    json_pack("{si ss* ss*}", "status", a->failure.status, "code",
					      a->failure.code, "message", a->failure.message));
		json_object_set_new(record, "_sent", json_boolean(a->sent));
	}
	trace_exchange(record);
	json_decref(record);
}

struct http_job *http_trace_next(struct http_job **jobs, size_t n)
{
	json_t **requests = mem_grow(NULL, n, sizeof(*requests));
	json_t *record, *error;
	size_t which;

	for (size_t i = 0; i < n; i++)
		requests[i] = http_request_masked(jobs[i]->r);
	record = trace_next(requests, n, &which);
	for (size_t i = 0; i < n; i++)
		json_decref(requests[i]);
	free(requests);
	if (!record)
		return NULL;
	http_answer_from(record, &jobs[which]->a);
	error = json_object_get(record, "_error");
	if (error) {
		const char *code = json_string_value(json_object_get(error, "code"));
		const char *message = json_string_value(json_object_get(error, "message"));

		jobs[which]->a.status = 0;
		jobs[which]->a.sent = json_is_true(json_object_get(record, "_sent"));
		fail_set(&jobs[which]->a.failure,
			 (int)json_integer_value(json_object_get(error, "status")),
			 code ? code : "network", "%s", message ? message : "no answer");
	}
	json_decref(record);
	return jobs[which];
}
