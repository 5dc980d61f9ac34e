/* SPDX-License-Identifier: ISC
 * The tokens that `aws sso login` leaves in ~/.aws/sso/cache. */
#ifndef SLUICE_AWS_SSO_H
#define SLUICE_AWS_SSO_H

#include "creds.h"

/* The access token of a session (NULL: of a start URL), renewed and put back into its file when it
 * is about to end and can be; caller frees. NULL with f: 78 when there is none, 77 when it has
 * ended. */
char *sso_token(struct creds *c, const char *session, const char *start_url, const char *region,
		struct failure *f);

#endif
