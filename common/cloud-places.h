/* SPDX-License-Identifier: ISC
 * Where a source of all clouds looks: its options -c, -r and --all-regions, the places that come of
 * them, and lists of all of them at once. A place that cannot be read never looks empty. */
#ifndef SLUICE_CLOUD_PLACES_H
#define SLUICE_CLOUD_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "cloud-all.h"
#include "rec.h"

/* A region of a cloud, or all of a cloud that lists all its regions at once. */
struct cloud_place {
	const struct cloud_driver *driver;
	struct cloud *cloud;
	char *region;           /* NULL: the environment's, or all at once */
	struct failure failure; /* why it could not be read; 0: it was, to the end */
};

/* {0} at first. */
struct cloud_places {
	/* The options. */
	const struct cloud_driver *drivers[8]; /* of -c; none: all that have credentials */
	size_t n_drivers;
	const char **regions; /* of -r */
	size_t n_regions;
	bool all_regions;

	struct cloud_place *list;
	size_t n;
};

enum { CLOUD_ALL_REGIONS = 1280 };
#define CLOUD_PLACES_SHORT "c:r:"
#define CLOUD_PLACES_LONG                                                                          \
	{"cloud", required_argument, NULL, 'c'}, {"region", required_argument, NULL, 'r'},         \
	{                                                                                          \
		"all-regions", no_argument, NULL, CLOUD_ALL_REGIONS                                \
	}
/* Takes the option up if it is one of these; a wrong one is 64. */
bool cloud_places_option(struct cloud_places *p, int option, const char *argument);
/* After the last option: those that exclude each other are 64. */
void cloud_places_check(const struct cloud_places *p);

/* Fills the list. With -r and several clouds each is asked for its regions, so that it looks in
 * its own only. */
void cloud_places_find(struct cloud_places *p, struct cloud_accounts *accounts);
/* Lists these kinds in all places at once. `like`: own, run, name and temporary for each list.
 * each() has the records, borrowed, of the regions that -r names, in the order of places and kinds,
 * whoever answers first: it is called when all have. */
void cloud_places_list(struct cloud_places *p, const enum cloud_kind *kinds, size_t n,
		       const struct cloud_item *like, void (*each)(void *ctx, json_t *record),
		       void *ctx);
/* Writes a target with the error for each place that could not be read. A cloud that was not named
 * and has no credentials is a note, unless none has any. */
void cloud_places_tell(struct cloud_places *p, struct rec_io *io);
void cloud_places_free(struct cloud_places *p);

#endif
