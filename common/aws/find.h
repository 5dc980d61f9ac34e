/* SPDX-License-Identifier: ISC
 * The newest machine image of each of several regions, all asked at once. */
#ifndef SLUICE_AWS_FIND_H
#define SLUICE_AWS_FIND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "aws.h"

struct image_search {
	const char *parameter; /* an SSM parameter that names the image, or NULL */
	json_t *owners;        /* array of texts; empty: anybody */
	json_t *filters;       /* array of {"Name","Value":[…]} */
	bool deprecated;       /* also those whose deprecation time is past */
};

/* One region and what became of it. */
struct image_place {
	const char *region;
	json_t *best;           /* an image record, or NULL, then: */
	struct failure failure; /* status 1, "no-match": there is none; else what went wrong */
	void (*done)(struct image_place *); /* for image_find_queue(): settled */
	void *ctx;
	/* private: */
	const struct image_search *search;
	struct aws *client;
	struct aws_call call;
};

/* Fills best or failure of each; the caller releases them by image_place_free(). */
void image_find(struct aws *client, const struct image_search *search, struct image_place *places,
		size_t n);
/* The same for one region, in aws_run(); search is to stay until it is settled. */
void image_find_queue(struct aws *client, const struct image_search *search,
		      struct image_place *place);
void image_place_free(struct image_place *place);

#endif
