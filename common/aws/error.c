/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "xml.h"
#include "../mem.h"
#include "../status.h"

/* What an error body says; the texts are borrowed from `body`. */
struct said {
	json_t *body;
	const char *message, *request_id;
	char *code; /* owned */
};

static bool is_one_of(const char *code, const char *const *list)
{
	for (; code && *list; list++)
		if (!strcmp(code, *list))
			return true;
	return false;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

static const char *either(const char *a, const char *b)
{
	return a ? a : b;
}

/* "aws.protocols#FooError:http://…" -> "FooError" */
static char *bare_code(const char *code)
{
	size_t len = strcspn(code, ":");
	const char *hash = memchr(code, '#', len);

	if (hash) {
		len -= (size_t)(hash + 1 - code);
		code = hash + 1;
	}
	return len ? mem_dup_n(code, len) : NULL;
}

/* <ErrorResponse><Error>, <Response><Errors><Error>, <Error>: the innermost holds Code. */
static void read_xml(struct said *said, const struct http_answer *a)
{
	const json_t *error, *errors;

	said->body = xml_parse(a->body.data, a->body.len, NULL, NULL);
	errors = json_object_get(said->body, "Errors");
	error = json_object_get(errors ? errors : said->body, "Error");
	if (json_is_array(error))
		error = json_array_get(error, 0);
	if (!error)
		error = said->body;
	said->code = mem_dup(text_of(error, "Code"));
	said->message = text_of(error, "Message");
	said->request_id =
	    either(text_of(said->body, "RequestId"), text_of(said->body, "RequestID"));
}

static void read_json(struct said *said, const struct http_answer *a)
{
	const char *code;

	said->body = json_loadb(a->body.data, a->body.len, 0, NULL);
	code = either(text_of(said->body, "__type"), text_of(said->body, "code"));
	if (code)
		said->code = bare_code(code);
	said->message = either(text_of(said->body, "message"), text_of(said->body, "Message"));
}

static struct said read_said(const struct http_answer *a)
{
	const char *type = http_header_get(&a->headers, "x-amzn-errortype");
	struct said said = {0};
	size_t i = 0;

	while (i < a->body.len && strchr(" \t\r\n\xef\xbb\xbf", a->body.data[i]))
		i++;
	if (i < a->body.len && a->body.data[i] == '<')
		read_xml(&said, a);
	else if (i < a->body.len && a->body.data[i] == '{')
		read_json(&said, a);
	if (!said.code && type)
		said.code = bare_code(type);
	if (!said.request_id)
		said.request_id = http_header_get(&a->headers, "x-amzn-requestid");
	if (!said.request_id)
		said.request_id = http_header_get(&a->headers, "x-amz-request-id");
	return said;
}

static void said_free(struct said *said)
{
	json_decref(said->body);
	free(said->code);
}

bool aws_error_throttled(const char *code)
{
	static const char *const codes[] = {
	    "Throttling",
	    "ThrottlingException",
	    "ThrottledException",
	    "RequestThrottledException",
	    "TooManyRequestsException",
	    "ProvisionedThroughputExceededException",
	    "TransactionInProgressException",
	    "RequestLimitExceeded",
	    "BandwidthLimitExceeded",
	    "LimitExceededException",
	    "RequestThrottled",
	    "SlowDown",
	    "PriorRequestNotComplete",
	    "EC2ThrottledException",
	    NULL,
	};

	return is_one_of(code, codes);
}

bool aws_error_no_room(const char *code)
{
	static const char *const codes[] = {
	    "InsufficientCapacity",
	    "InsufficientFreeAddressesInSubnet",
	    "InsufficientHostCapacity",
	    "InsufficientInstanceCapacity",
	    "InsufficientReservedInstanceCapacity",
	    "MaxSpotInstanceCountExceeded",
	    "SpotMaxPriceTooLow",
	    "UnfulfillableCapacity",
	    "Unsupported",
	    NULL,
	};

	return is_one_of(code, codes);
}

static int status_of(int http_status, const char *code)
{
	static const char *const credentials[] = {
	    "AccessDenied",
	    "AccessDeniedException",
	    "AuthFailure",
	    "ExpiredToken",
	    "ExpiredTokenException",
	    "IncompleteSignature",
	    "IncompleteSignatureException",
	    "InvalidAccessKeyId",
	    "InvalidClientTokenId",
	    "InvalidSignatureException",
	    "InvalidToken",
	    "MissingAuthenticationToken",
	    "MissingAuthenticationTokenException",
	    "NotAuthorized",
	    "OptInRequired",
	    "RequestExpired",
	    "SignatureDoesNotMatch",
	    "UnauthorizedOperation",
	    "UnrecognizedClientException",
	    NULL,
	};

	if (is_one_of(code, credentials))
		return ST_NOPERM;
	/* Retried as throttling, yet what it says in the end is that a quota is used up. */
	if ((code && !strcmp(code, "LimitExceededException")) || aws_error_no_room(code))
		return ST_REFUSED;
	if (aws_error_throttled(code) || http_status == 429 || http_status >= 500)
		return ST_TEMP;
	return http_status == 401 || http_status == 403 ? ST_NOPERM : ST_REFUSED;
}

static char *one_line(const char *text)
{
	char *line = mem_dup(text);

	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = ' ';
	return line;
}

void aws_error_read(const struct http_answer *a, struct failure *f)
{
	struct said said = read_said(a);
	char *operation = mem_dup(f->operation), *message;
	char *code = said.code ? mem_dup(said.code) : mem_fmt("http-%d", a->status);

	if (said.message)
		message = one_line(said.message);
	else if (said.code)
		message = mem_dup("the service gave no reason");
	else
		message = mem_fmt("HTTP status %d and no error that AWS would send", a->status);
	fail_set(f, status_of(a->status, said.code), code, "%s", message);
	f->operation = operation;
	f->request_id = mem_dup(said.request_id);
	free(code);
	free(message);
	said_free(&said);
}

enum http_verdict aws_error_judge(const struct http_request *r, const struct http_answer *a)
{
	static const char *const timeouts[] = {"RequestTimeout", "RequestTimeoutException",
					       "IDPCommunicationError", NULL};
	enum http_verdict verdict = http_judge(r, a);
	struct said said;

	if (a->status < 400)
		return verdict;
	said = read_said(a);
	if (aws_error_throttled(said.code))
		verdict = HTTP_THROTTLED;
	else if (aws_error_no_room(said.code))
		verdict = HTTP_DONE; /* EC2 says it with 500 */
	else if (is_one_of(said.code, timeouts))
		verdict = HTTP_FAULT;
	said_free(&said);
	return verdict;
}
