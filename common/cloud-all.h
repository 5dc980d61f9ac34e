/* SPDX-License-Identifier: ISC
 * For commands of all clouds: which there are, one verb for items of several, and the waiting,
 * which no driver does. */
#ifndef SLUICE_CLOUD_ALL_H
#define SLUICE_CLOUD_ALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cloud.h"

/* All drivers, ends in NULL. */
extern const struct cloud_driver *const cloud_drivers[];
/* The driver of a record's provider ("ec2" is aws), NULL when there is none. */
const struct cloud_driver *cloud_named(const char *provider);

/* Accounts that are open: one of each cloud, opened when first asked for. */
struct cloud_accounts {
	struct http *engine;
	struct {
		const struct cloud_driver *driver;
		struct cloud *cloud; /* NULL: could not be opened, then: */
		struct failure failure;
		bool asked;        /* whose the credentials are: */
		const char *owner; /* NULL: not known, then perhaps: */
		struct failure unknown;
	} open[8];
	size_t n;
};
/* Sets item's driver and cloud by the provider; false with item->failure (65: no such cloud;
 * 69 "no-driver": one that this build does not know, which concerns that record only; 78). */
bool cloud_account(struct cloud_accounts *accounts, const char *provider, struct cloud_item *item);
/* Whether a thing of the account that a record says (NULL: none) can be seen with the credentials,
 * whose owner is asked for once; of another one it would look as if it were gone. False with
 * item->failure (79 "other-account"). */
bool cloud_same_account(struct cloud_accounts *accounts, struct cloud_item *item,
			const char *account);
void cloud_accounts_close(struct cloud_accounts *accounts);

enum cloud_verb {
	CLOUD_LIST,
	CLOUD_CREATE,
	CLOUD_STATE,
	CLOUD_POWER,
	CLOUD_REMOVE,
	CLOUD_FIND,
	CLOUD_IMAGE,
	CLOUD_COPY,
	CLOUD_SHARE,
	CLOUD_USERS,
	CLOUD_HOST_KEYS
};
/* The verb for all, each with its driver; what a cloud cannot is refused (69, "not-there"). done
 * may be NULL. Items without driver or with a failure are left alone. */
void cloud_do(enum cloud_verb verb, struct cloud_item *const *items, size_t n,
	      void (*done)(struct cloud_item *));

struct cloud_wait {
	int64_t limit_ms, reserve_ms, interval_ms; /* as wait_begin() */
	const char *what;                          /* "machines to be off" */
	enum cloud_verb verb; /* CLOUD_STATE, or what else is asked in rounds */
	unsigned patience; /* who cannot be reached for so many rounds is given up; 0: nobody is */
	/* Looks at an item after each round; true: it is settled, failure says whether well. A
	 * failure of status 75 that it leaves is forgotten: the next round may tell. */
	bool (*settled)(struct cloud_item *item);
};
/* Asks all in rounds until each is settled. Those that are not in time, or at a signal, get a
 * failure: 75 "deadline", 128+n "interrupted". */
void cloud_await(struct cloud_item *const *items, size_t n, const struct cloud_wait *wait);

/* Usual ends of waiting. */
bool cloud_is_ready(struct cloud_item *item);     /* started and addressed; gone: 69 "gone" */
bool cloud_is_off(struct cloud_item *item);       /* also when it is gone: 69 "gone" */
bool cloud_is_gone(struct cloud_item *item);      /* no record, or one that says so */
bool cloud_is_available(struct cloud_item *item); /* an image; failed: 69 "image-failed" */

#endif
