/* SPDX-License-Identifier: ISC
 * Lists in pages: what an answer says about the next one. */
#ifndef SLUICE_AWS_PAGE_H
#define SLUICE_AWS_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "../failure.h"
#include "aws.h"

enum page { PAGE_LAST, PAGE_MORE, PAGE_FAILED };

/* PAGE_MORE: the token of `result` was put into `params`, where the next request wants it (EC2
 * answers nextToken and wants NextToken, ELB answers NextMarker and wants Marker). PAGE_FAILED with
 * f (70): the service gave the token that it was asked with, the list would never end. */
enum page page_next(json_t *params, const json_t *result, bool ec2, struct failure *f);
/* Whether it was asked with these parameters before: `seen`, an object, holds them from now on. */
bool page_seen(json_t *seen, const json_t *params);
/* In a call's done(), when it has a result: PAGE_MORE: the call is queued again for the next page;
 * PAGE_FAILED: call->failure, also when the service leads in a circle. */
enum page page_follow(struct aws *a, struct aws_call *call, bool ec2);

#endif
