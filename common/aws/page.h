/* SPDX-License-Identifier: ISC
 * Lists in pages: what an answer says about the next one. */
#ifndef SLUICE_AWS_PAGE_H
#define SLUICE_AWS_PAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "../failure.h"

enum page { PAGE_LAST, PAGE_MORE, PAGE_FAILED };

/* PAGE_MORE: the token of `result` was put into `params`, where the next request wants it (EC2
 * answers nextToken and wants NextToken, ELB answers NextMarker and wants Marker). PAGE_FAILED with
 * f (70): the service gave the token that it was asked with, the list would never end. */
enum page page_next(json_t *params, const json_t *result, bool ec2, struct failure *f);

#endif
