/* SPDX-License-Identifier: ISC
 * ~/.aws/config and ~/.aws/credentials: their profiles, merged as the SDKs merge them. */
#ifndef SLUICE_AWS_PROFILE_H
#define SLUICE_AWS_PROFILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "../failure.h"

/* Both texts (NULL: no such file) as {"profiles":{NAME:{KEY:VALUE}}, "sso_sessions":{…},
 * "services":{…}, "credentials":{NAME:{…}}}: keys lower-case, `credentials` is what the
 * credentials file alone says. A nested section is the text of its lines, each after a newline.
 * New reference; NULL with f (78, the line named) when one of them is malformed. */
json_t *profile_parse(const char *config, size_t config_len, const char *credentials,
		      size_t credentials_len, struct failure *f);

/* The value of KEY in the lines of a nested section, caller frees; NULL when it has none. */
char *profile_nested(const char *section, const char *key);

struct profiles {
	json_t *all; /* as profile_parse() returns it */
	char *name;  /* the chosen one */
	bool named;  /* by an option: the environment's keys do not count then */
	char *config_path, *credentials_path;
	bool config_there, credentials_there;
};

/* Reads the files of AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, else of ~/.aws; files that
 * cannot be read count as empty. `name` (may be NULL) is the option's, else AWS_PROFILE, else
 * AWS_DEFAULT_PROFILE, else "default". 78 with f when a file is malformed or a profile that was
 * asked for is in none. In a replay nothing is read. */
bool profiles_load(struct profiles *p, const char *name, struct failure *f);
void profiles_free(struct profiles *p);

/* A value of the chosen profile, or of PROFILE; NULL when absent or empty; borrowed. */
const char *profiles_get(const struct profiles *p, const char *key);
const char *profiles_get_of(const struct profiles *p, const char *profile, const char *key);
/* Whether there is such a profile. */
bool profiles_has(const struct profiles *p, const char *profile);
/* A value of another kind of section ("sso_sessions", "services", "credentials"). */
const char *profiles_section(const struct profiles *p, const char *kind, const char *name,
			     const char *key);

/* PATH with ~/ replaced; caller frees. */
char *profile_path(const char *path);

#endif
