/* SPDX-License-Identifier: ISC
 * What the name of an AWS host says of service and region. */
#ifndef SLUICE_AWS_HOST_H
#define SLUICE_AWS_HOST_H

#include <stdbool.h>

#include "url.h"

struct aws_scope {
	char service[64]; /* the name that is signed; "" unknown */
	char region[64];  /* "" unknown */
};

/* Reads service.region.amazonaws.com and its many relatives (buckets, dualstack, FIPS, VPC
 * endpoints, global services, other partitions); a port is ignored. False when it is no host of
 * AWS. */
bool aws_host_scope(struct span host, struct aws_scope *scope);

#endif
