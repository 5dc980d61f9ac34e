/* SPDX-License-Identifier: ISC
 * The clouds that the sandbox stands in for, in the order in which they are asked whether a
 * request is theirs. */
#include "sandbox.h"

extern const struct service imds_service, do_service, aws_service;

const struct service *const services[] = {&imds_service, &do_service, &aws_service, NULL};
