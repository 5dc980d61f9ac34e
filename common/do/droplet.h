/* SPDX-License-Identifier: ISC
 * Droplets as `instance` records, and back. */
#ifndef SLUICE_DO_DROPLET_H
#define SLUICE_DO_DROPLET_H

#include <jansson.h>
#include <stdbool.h>

#include "../failure.h"

/* The record of a droplet as the API shows it; new reference. `reserved`: an object whose keys are
 * the account's reserved addresses (NULL: not known, all count as public). The address of each
 * `…_network_interfaces` is the first of its kind in the API's order, a reserved one only when the
 * droplet has no other. Whatever the token may not see, or is null, is left out. */
json_t *do_droplet_record(const json_t *droplet, const json_t *reserved, const char *account);
/* Whether it takes the list of reserved addresses to tell which public one is its own. */
bool do_droplet_ambiguous(const json_t *droplet);
/* Whether it has started and has its addresses: a public IPv4 unless none is wanted, an IPv6 where
 * it has the feature or `ipv6` wants it. */
bool do_droplet_ready(const json_t *droplet, bool ipv6);
/* What a tag may be: letters, digits, : _ -; other bytes become -, as in the name of a run. With
 * one that is otherwise a droplet is made without any of its tags. */
void do_tag_form(char *tag);
/* {"a":"b","c":null} as ["a:b","c"] in that form, without those that are sluice's own, and back;
 * new references. */
json_t *do_tags_list(const json_t *tags);
json_t *do_tags_object(const json_t *list);

/* The body of POST /v2/droplets for a wanted record, with these tags besides its own. */
json_t *do_droplet_body(const json_t *wanted, const char *const *tags);
/* The tag by which a later run finds what an earlier one made, or tried to: a digest of the
 * record's name, region and own run, and of the attempt when it is not the first (0). Caller
 * frees. */
char *do_droplet_token(const json_t *wanted, unsigned attempt);

#endif
