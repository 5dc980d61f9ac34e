/* SPDX-License-Identifier: ISC
 * Services, partitions, and where a service answers. */
#ifndef SLUICE_AWS_ENDPOINT_H
#define SLUICE_AWS_ENDPOINT_H

#include <stdbool.h>

#include "../failure.h"
#include "profile.h"

enum aws_protocol { AWS_QUERY, AWS_EC2, AWS_JSON, AWS_REST };

struct aws_service {
	const char *name;
	enum aws_protocol protocol;
	const char *prefix;  /* of the host; also the signing name unless that is given */
	const char *signing; /* NULL: prefix */
	const char *version; /* query, EC2 */
	const char *target;  /* JSON: X-Amz-Target is TARGET.Action */
	const char *json;    /* JSON: "1.0" or "1.1" */
	const char *id;      /* the suffix of AWS_ENDPOINT_URL_ in the environment */
	bool global;         /* one host for a partition, signed for its main region */
};

/* From the table; NULL for a name that it does not have. */
const struct aws_service *aws_service(const char *name);
/* Its signing name. */
const char *aws_service_signing(const struct aws_service *s);

struct aws_where {
	char *url;    /* https://ec2.us-east-1.amazonaws.com; no slash at the end */
	char *region; /* that requests are signed for */
};

struct aws_variant {
	bool fips, dualstack, sts_global; /* sts_regional_endpoints=legacy */
};

/* The partition's host for a service in a region, or `custom` (may be NULL) when it is given; false
 * with f (78) when the two do not go together or the region is no name of one. The caller frees by
 * aws_where_free(). */
bool aws_host(struct aws_where *w, const struct aws_service *s, const char *region,
	      struct aws_variant variant, const char *custom, struct failure *f);
/* All of it. The URL is `flag`, or else what the user configured: AWS_ENDPOINT_URL_<SERVICE>,
 * AWS_ENDPOINT_URL, the profile's services section, its endpoint_url; the variant is
 * use_fips_endpoint, use_dualstack_endpoint, sts_regional_endpoints. */
bool aws_endpoint(struct aws_where *w, const struct aws_service *s, const char *region,
		  const struct profiles *p, const char *flag, struct failure *f);
void aws_where_free(struct aws_where *w);

/* Whether it can be a region: letters, digits and hyphens, as a host name's part. */
bool aws_region_valid(const char *region);

#endif
