/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "xml.h"
#include "../mem.h"
#include "../status.h"

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

/* The request's id is told apart and taken off. */
static char *take_request_id(json_t *answer)
{
	json_t *metadata = json_object_get(answer, "ResponseMetadata");
	const char *id = json_string_value(json_object_get(metadata, "RequestId"));
	char *copy;

	if (!id)
		id = json_string_value(json_object_get(answer, "requestId"));
	copy = mem_dup(id);
	json_object_del(answer, "ResponseMetadata");
	json_object_del(answer, "requestId");
	return copy;
}

/* The one child named …Result of a query answer; EC2 names begin lower-case. */
static json_t *result_of(json_t *answer)
{
	const char *key;
	json_t *value;

	if (json_object_size(answer) == 1)
		json_object_foreach(answer, key, value)
			if (key[0] >= 'A' && key[0] <= 'Z' && ends_in(key, "Result"))
				return value;
	return answer;
}

/* A new reference to an object: <OpResult/> is {}, one that is a list is {"member":[…]}. */
static json_t *object_of(json_t *result)
{
	if (json_is_object(result))
		return json_incref(result);
	return json_array_size(result) ? json_pack("{s:O}", "member", result) : json_object();
}

json_t *aws_answer_xml(const char *body, size_t len, char **request_id, struct failure *f)
{
	char *root = NULL, *id;
	json_t *answer, *result;

	if (request_id)
		*request_id = NULL;
	if (!len)
		return json_object();
	answer = xml_parse(body, len, &root, f);
	if (!answer)
		return NULL;
	if (!ends_in(root, "Response") || !strcmp(root, "ErrorResponse") ||
	    !json_is_object(answer)) {
		fail_set(f, ST_BUG, "bad-answer", "the answer is an unexpected <%s>", root);
		free(root);
		json_decref(answer);
		return NULL;
	}
	free(root);
	id = take_request_id(answer);
	result = result_of(answer);
	result = object_of(result);
	json_decref(answer);
	if (request_id)
		*request_id = id;
	else
		free(id);
	return result;
}

json_t *aws_answer_json(const char *body, size_t len, struct failure *f)
{
	json_error_t error;
	json_t *answer;

	if (!len)
		return json_object();
	answer = json_loadb(body, len, JSON_ALLOW_NUL, &error);
	if (!answer && json_error_code(&error) == json_error_numeric_overflow)
		answer = json_loadb(body, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	if (json_is_object(answer))
		return answer;
	fail_set(f, ST_BUG, "bad-answer", "the answer is no JSON object: %s",
		 answer ? "another type" : error.text);
	json_decref(answer);
	return NULL;
}
