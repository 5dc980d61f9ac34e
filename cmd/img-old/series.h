/* SPDX-License-Identifier: ISC
 * Which images are of one series, so that a newer one makes an older one needless. */
#ifndef SLUICE_IMG_OLD_SERIES_H
#define SLUICE_IMG_OLD_SERIES_H

#include <regex.h>
#include <stdint.h>

#include "intern.h"
#include "rec.h"

#define SERIES_NONE INTERN_NONE

/* {0} is empty. */
struct series {
	struct intern names, ids;
	regex_t ends[2]; /* private from here on */
	bool ready;
};

/* The number of the image's series; SERIES_NONE: it has neither distribution nor name. */
uint32_t series_of(struct series *s, const struct rec *r);
/* The number of the image itself: the same when it is there twice. */
uint32_t series_id(struct series *s, const struct rec *r);
void series_free(struct series *s);

#endif
