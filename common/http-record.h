/* SPDX-License-Identifier: ISC
 * http-request and http-response records: the member names of HAR 1.2. */
#ifndef SLUICE_HTTP_RECORD_H
#define SLUICE_HTTP_RECORD_H

#include <jansson.h>

#include "http.h"

/* The request that a record describes; NULL and f (65, code "bad-request") when it describes none.
 * Body: postData.text, base64 when postData.encoding says so. Content-Type from postData.mimeType
 * unless there is a header. */
struct http_request *http_request_from(const json_t *record, struct failure *f);
/* {"kind":"http-request","method","url","headers":[{name,value}],"postData":{mimeType,text[,encoding]}}
 */
json_t *http_request_json(const struct http_request *r);
/* The same by trace_masked(), without the values of Authorization, X-Auth-Token, Cookie and token
 * headers, and of the members of a presigned URL that sign it: as traces hold and compare it. */
json_t *http_request_masked(const struct http_request *r);
/* {"kind":"http-response","status","statusText","headers","content":{mimeType,text[,encoding]},
 * "startedDateTime","time","timings":{…},"request":{…}}; request as by
 * http_request_masked(). */
json_t *http_response_json(const struct http_request *r, const struct http_answer *a);
/* Fills a, which holds nothing or an earlier attempt (its `attempts` is kept), from such a record;
 * false when it is none, a is {0} then. */
bool http_answer_from(const json_t *record, struct http_answer *a);

#endif
