/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cloud-all.h"
#include "mem.h"
#include "status.h"

const struct cloud_driver *const cloud_drivers[] = {&cloud_aws, &cloud_digitalocean, NULL};

const struct cloud_driver *cloud_named(const char *provider)
{
	if (provider && !strcmp(provider, "ec2"))
		provider = "aws";
	for (size_t i = 0; provider && cloud_drivers[i]; i++)
		if (!strcmp(cloud_drivers[i]->provider, provider))
			return cloud_drivers[i];
	return NULL;
}

/* Of the providers that sluice(7) names, those that nobody has written a driver for. */
static bool is_known(const char *provider)
{
	static const char *const names[] = {"openstack", "rackspace", "gce"};

	for (size_t i = 0; provider && i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], provider))
			return true;
	return false;
}

bool cloud_account(struct cloud_accounts *a, const char *provider, struct cloud_item *item)
{
	size_t i = 0;

	item->driver = cloud_named(provider);
	if (!item->driver && is_known(provider))
		return fail_set(&item->failure, ST_REFUSED, "no-driver",
				"%s is a cloud that sluice cannot work with yet", provider);
	if (!item->driver)
		return fail_set(&item->failure, ST_DATA, "no-such-cloud", "no cloud: '%s'",
				provider ? provider : "");
	while (i < a->n && a->open[i].driver != item->driver)
		i++;
	if (i == a->n) {
		a->open[a->n].driver = item->driver;
		a->open[a->n].cloud = item->driver->open(a->engine, &a->open[a->n].failure);
		a->n++;
	}
	item->cloud = a->open[i].cloud;
	if (!item->cloud)
		fail_copy(&item->failure, &a->open[i].failure);
	return item->cloud;
}

bool cloud_same_account(struct cloud_accounts *a, struct cloud_item *item, const char *account)
{
	size_t i = 0;

	while (account && i < a->n && a->open[i].cloud != item->cloud)
		i++;
	if (!account || i == a->n)
		return true;
	if (!a->open[i].asked)
		a->open[i].owner = item->driver->who
				       ? item->driver->who(item->cloud, &a->open[i].unknown)
				       : item->driver->account(item->cloud);
	a->open[i].asked = true;
	if (a->open[i].unknown.status)
		fail_copy(&item->failure, &a->open[i].unknown);
	else if (a->open[i].owner && strcmp(a->open[i].owner, account) != 0)
		fail_set(&item->failure, ST_GUARD, "other-account",
			 "it is of account %s, the credentials are of %s", account,
			 a->open[i].owner);
	return !item->failure.status;
}

void cloud_accounts_close(struct cloud_accounts *a)
{
	for (size_t i = 0; i < a->n; i++) {
		if (a->open[i].cloud)
			a->open[i].driver->close(a->open[i].cloud);
		fail_free(&a->open[i].failure);
		fail_free(&a->open[i].unknown);
	}
	a->n = 0;
}

typedef void verb_function(struct cloud_item *const *, size_t, void (*)(struct cloud_item *));

static verb_function *verb_of(const struct cloud_driver *d, enum cloud_verb verb)
{
	verb_function *const verbs[] = {
	    [CLOUD_LIST] = d->list,   [CLOUD_CREATE] = d->create,       [CLOUD_STATE] = d->state,
	    [CLOUD_POWER] = d->power, [CLOUD_REMOVE] = d->remove,       [CLOUD_FIND] = d->find,
	    [CLOUD_IMAGE] = d->image, [CLOUD_COPY] = d->copy,           [CLOUD_SHARE] = d->share,
	    [CLOUD_USERS] = d->users, [CLOUD_HOST_KEYS] = d->host_keys,
	};

	return verbs[verb];
}

static void nothing(struct cloud_item *item)
{
	(void)item;
}

static void refuse_all(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		fail_set(&items[i]->failure, ST_REFUSED, "not-there", "%s cannot do that",
			 items[i]->driver->provider);
		done(items[i]);
	}
}

void cloud_do(enum cloud_verb verb, struct cloud_item *const *items, size_t n,
	      void (*done)(struct cloud_item *))
{
	struct cloud_item **of_one = mem_alloc((n + 1) * sizeof *of_one);

	if (!done)
		done = nothing;
	for (size_t d = 0; cloud_drivers[d]; d++) {
		verb_function *function = verb_of(cloud_drivers[d], verb);
		size_t count = 0;

		for (size_t i = 0; i < n; i++)
			if (items[i]->driver == cloud_drivers[d] && !items[i]->failure.status)
				of_one[count++] = items[i];
		if (count)
			(function ? function : refuse_all)(of_one, count, done);
	}
	free(of_one);
}
