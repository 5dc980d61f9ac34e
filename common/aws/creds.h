/* SPDX-License-Identifier: ISC
 * The credential chain: where AWS's own tools look for keys, in their order. */
#ifndef SLUICE_AWS_CREDS_H
#define SLUICE_AWS_CREDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "../buf.h"
#include "../failure.h"
#include "../http.h"
#include "keys.h"
#include "profile.h"

struct creds {
	const struct profiles *p;
	const char *region;  /* of calls to STS; NULL: us-east-1 */
	struct http *engine; /* the chain's own: it may be asked while another one runs */
	struct buf tried;    /* what was looked at in vain */
};

/* The first keys of the chain; false with f: 78 when there are none anywhere (it says where it
 * looked) or what is configured makes no sense, 77 when they were refused, 75 when the network
 * failed. */
bool creds_find(struct creds *c, struct aws_keys *k, struct failure *f);

/* The links of the chain. KEYS_NONE: this one is not configured (c->tried says so where a person
 * might have expected it to be). */
enum keys_found creds_assume(struct creds *c, const char *profile, struct aws_keys *k,
			     struct failure *f);
enum keys_found creds_web(struct creds *c, const char *profile, bool environment,
			  struct aws_keys *k, struct failure *f);
enum keys_found creds_sso(struct creds *c, const char *profile, struct aws_keys *k,
			  struct failure *f);
enum keys_found creds_process(struct creds *c, const char *profile, struct aws_keys *k,
			      struct failure *f);
enum keys_found creds_container(struct creds *c, struct aws_keys *k, struct failure *f);
enum keys_found creds_imds(struct creds *c, struct aws_keys *k, struct failure *f);
/* All that a profile may say, but for assuming a role by another one. */
enum keys_found creds_profile(struct creds *c, const char *profile, bool environment,
			      struct aws_keys *k, struct failure *f);

/* For the links: notes that something was not there. */
void creds_tried(struct creds *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An STS action that answers Credentials; `with` NULL: unsigned. The keys' source is `source`. */
bool creds_sts(struct creds *c, const struct aws_keys *with, const char *action, json_t *params,
	       const char *source, struct aws_keys *k, struct failure *f);
/* Keys from {"AccessKeyId","SecretAccessKey","Token"|"SessionToken","Expiration","AccountId"}. */
bool creds_from_json(const json_t *json, const char *source, struct aws_keys *k, struct failure *f);
/* The role session's name for CloudTrail: the profile's, else of the run; caller frees. */
char *creds_session_name(const char *wanted);
/* A small file's text, caller frees; NULL with errno. */
char *creds_file(const char *path);

/* A path of the instance metadata service (IMDSv2, v1 where that is all there is). KEYS_NONE:
 * disabled, not there, or no such path. */
enum keys_found imds_get(struct creds *c, const char *path, struct buf *text, struct failure *f);

#endif
