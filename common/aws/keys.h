/* SPDX-License-Identifier: ISC
 * Access keys, and those that can be had without a network. */
#ifndef SLUICE_AWS_KEYS_H
#define SLUICE_AWS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "../failure.h"
#include "profile.h"

struct aws_keys {
	char *id, *secret, *token; /* token: NULL for keys that last */
	char *account;             /* as the source said it, or NULL */
	char *source;              /* for people: "environment", "profile 'x'" */
	int64_t expires;           /* milliseconds since 1970, 0: never */
};

void aws_keys_free(struct aws_keys *k); /* wipes the secret; back to {0} */
void aws_keys_copy(struct aws_keys *to, const struct aws_keys *from);
/* Fills k with copies, and registers what is secret for masking. NULL token and account: none. */
void aws_keys_set(struct aws_keys *k, const char *source, const char *id, const char *secret,
		  const char *token, const char *account);

/* What looking for keys in one place came to. */
enum keys_found { KEYS_NONE, KEYS_FOUND, KEYS_FAILED };

/* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; blank counts as unset. One without
 * the other: KEYS_FAILED, 78. */
enum keys_found aws_keys_env(struct aws_keys *k, struct failure *f);
/* The keys that a profile holds; `kind` is "profiles" for both files, "credentials" for only what
 * the credentials file says. */
enum keys_found aws_keys_profile(const struct profiles *p, const char *kind, const char *profile,
				 struct aws_keys *k, struct failure *f);

/* Those of the environment, else of the profile (NULL: as profiles_load() chooses it; named: before
 * the environment). False with f (78, saying where it looked) when there are none. In a replay:
 * keys that sign nothing. */
bool aws_keys_static(const char *profile, struct aws_keys *k, struct failure *f);

/* AWS_REGION, else AWS_DEFAULT_REGION, else that of the profile; NULL when none says it. The caller
 * frees. */
char *aws_region_static(const char *profile);

/* Stand-ins for a replay. */
void aws_keys_dummy(struct aws_keys *k);

/* Milliseconds since 1970, not recorded like clk_now(): a replay looks for no keys and signs
 * nothing, so it must not find these looks at the clock among the others. */
int64_t aws_clock(void);

#endif
