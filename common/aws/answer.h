/* SPDX-License-Identifier: ISC
 * The body of a successful answer -> its content, without the protocol's wrapping. */
#ifndef SLUICE_AWS_ANSWER_H
#define SLUICE_AWS_ANSWER_H

#include <jansson.h>
#include <stddef.h>

#include "../failure.h"

/* <OpResponse><OpResult>…</OpResult><ResponseMetadata>… and <OpResponse>…<requestId>…: an object of
 * what is inside; metadata and request id are dropped, the latter copied to *request_id (caller
 * frees; may be NULL). Nothing at all is {}. NULL and f (70) when it is no …Response: an
 * answer to another question is never taken for an empty list. */
json_t *aws_answer_xml(const char *body, size_t len, char **request_id, struct failure *f);

/* JSON 1.1: the object; nothing at all is {}. NULL and f (70) when it is no object. */
json_t *aws_answer_json(const char *body, size_t len, struct failure *f);

#endif
