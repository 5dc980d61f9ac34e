/* SPDX-License-Identifier: ISC
 * What AWS says when it refuses: query, EC2, S3 and JSON error bodies, and none at all. */
#ifndef SLUICE_AWS_ERROR_H
#define SLUICE_AWS_ERROR_H

#include <stdbool.h>

#include "../failure.h"
#include "../http.h"

/* Fills f from an answer that is no success: code (the service's, else "http-404"), message (one
 * line), request_id, and the status that they stand for: 77 credentials or rights, 75 throttled or
 * the service's own fault, else 69. f->operation is kept. */
void aws_error_read(const struct http_answer *a, struct failure *f);

/* Whether this code says that the request was refused for its rate, before it was looked at. */
bool aws_error_throttled(const char *code);

/* Whether it says that there are no machines of that kind to be had in that zone, which asking
 * again at once does not change. Quotas are not among them: those are for people to see. */
bool aws_error_no_room(const char *code);

/* For http_request.judge: as http_judge(), but throttling codes count in any status, and the codes
 * of requests that timed out inside the service are faults (a change may have happened). */
enum http_verdict aws_error_judge(const struct http_request *r, const struct http_answer *a);

#endif
