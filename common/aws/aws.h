/* SPDX-License-Identifier: ISC
 * Calls to AWS services of the query, EC2 and JSON protocols, without a service model. */
#ifndef SLUICE_AWS_H
#define SLUICE_AWS_H

#include <jansson.h>
#include <stdbool.h>

#include "../failure.h"
#include "../http.h"

struct aws_options {
	const char *region;   /* NULL: environment, profile, metadata service */
	const char *profile;  /* NULL: environment */
	const char *endpoint; /* NULL: environment, profile, the partition's host */
};

/* Credentials, region and endpoints of one account. Nothing is fetched before the first call. */
struct aws *aws_open(struct http *engine, const struct aws_options *options, struct failure *f);
void aws_close(struct aws *a);
const char *aws_region(struct aws *a, struct failure *f); /* borrowed; NULL: 78 */
/* The account id, asked of STS once; NULL with f. Also the SLUICE_ACCOUNT guard: aws_open()'s first
 * call fails with 79 when SLUICE_ACCOUNT names another account. */
const char *aws_account(struct aws *a, struct failure *f);

struct aws_call {
	const char *service; /* "ec2", "autoscaling", "elb", "elbv2", "ssm", "sts", "ecs", … */
	const struct aws_service *custom; /* endpoint.h; NULL: the table's entry for `service` */
	const char *action;               /* "DescribeImages" */
	const char *region;               /* NULL: the client's */
	json_t *params; /* the wire's own names: {"Owner":["self"]}; owned by the call; NULL: {} */
	enum http_effect effect;
	/* Answer: */
	json_t *result;         /* the wire's own names, lists as arrays; NULL when it failed */
	struct failure failure; /* 69 refused, 75 network/throttled, 77 credentials, 70 no sense;
				 * code: the service's; operation and request_id set */
	int http_status;
	bool unclear; /* a change that may or may not have happened: look before doing it again */
	void (*done)(struct aws_call *call); /* settled; may aws_queue() others, and itself again */
	void *ctx;
	json_t *seen; /* private: what was asked with, page after page */
};

/* Queues a call; it runs in aws_run(). The caller owns `call` and frees it by aws_call_free(), at
 * the earliest in done(). */
void aws_queue(struct aws *a, struct aws_call *call);
void aws_run(struct aws *a); /* until all are settled */
/* The request that a call would send, signed, for `aws-call -n`: nothing but credentials is
 * fetched. NULL with f. The caller frees it by http_request_free(). */
struct http_request *aws_request(struct aws *a, const struct aws_call *call, struct failure *f);

/* One call, now: the result (new reference), or NULL with f. params' reference is taken over.
 * *unclear (may be NULL) as above. */
json_t *aws_do(struct aws *a, const char *service, const char *action, enum http_effect effect,
	       json_t *params, struct failure *f, bool *unclear);
/* All pages of a describing call: the elements of list `member` in one array (new reference), NULL
 * with f when any page failed. Knows each protocol's token members. */
json_t *aws_list(struct aws *a, const char *service, const char *action, json_t *params,
		 const char *member, struct failure *f);
void aws_call_free(struct aws_call *call); /* what it owns; not the struct */

/* Reading answers: an XML answer has only strings, lists and objects, an empty element is "".
 * These forgive that. */
const char *aws_str(const json_t *object, const char *key); /* "" when absent */
long long aws_int(const json_t *object, const char *key);   /* 0 when absent or no number */
bool aws_bool(const json_t *object, const char *key);
json_t *aws_arr(const json_t *object, const char *key); /* borrowed; an empty array when absent */

#endif
