/* SPDX-License-Identifier: ISC
 * The token: DIGITALOCEAN_ACCESS_TOKEN, the file DIGITALOCEAN_ACCESS_TOKEN_FILE (plain, or a JSON
 * object with digital_ocean_api_key), DIGITALOCEAN_TOKEN, doctl's configuration. */
#ifndef SLUICE_DO_TOKEN_H
#define SLUICE_DO_TOKEN_H

#include "../failure.h"

/* The token, registered as a secret; caller frees. *source (may be NULL): the variable or file, to
 * be freed. NULL with f: 78 none is set, 66 a file that is not there, 65 one without a token. In a
 * replay no file is read. */
char *do_token(char **source, struct failure *f);
/* DIGITALOCEAN_API_URL or the public one, without a final slash; caller frees. */
char *do_base_url(void);

/* doctl.c: the token of doctl's config.yaml for DIGITALOCEAN_CONTEXT, or its current context; NULL
 * when there is none (f is set if the file is there but wrong). */
char *do_doctl_token(char **source, struct failure *f);

#endif
