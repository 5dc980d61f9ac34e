/* SPDX-License-Identifier: ISC
 * Removing: what is not there any more is removed. */
#include <string.h>

#include "../clock.h"
#include "../status.h"
#include "driver.h"

struct removal {
	const char *action, *param;
	bool list;
	const char *gone[3]; /* codes that say so; end in NULL */
	const char *busy[3]; /* it is in use by what goes soon */
};

static const struct removal removals[CLOUD_KINDS] = {
    [CLOUD_INSTANCES] =
	{"TerminateInstances", "InstanceId", true, {"InvalidInstanceID.NotFound"}, {NULL}},
    [CLOUD_KEYS] = {"DeleteKeyPair", "KeyPairId", false, {"InvalidKeyPair.NotFound"}, {NULL}},
    [CLOUD_GROUPS] = {"DeleteSecurityGroup",
		      "GroupId",
		      false,
		      {"InvalidGroup.NotFound"},
		      {"DependencyViolation", "InvalidGroup.InUse"}},
    [CLOUD_SNAPSHOTS] =
	{"DeleteSnapshot", "SnapshotId", false, {"InvalidSnapshot.NotFound"}, {NULL}},
    [CLOUD_VOLUMES] = {"DeleteVolume",
		       "VolumeId",
		       false,
		       {"InvalidVolume.NotFound"},
		       {"VolumeInUse", "IncorrectState"}},
};

/* What was made a moment ago, by whichever clock, may not be known everywhere: it is not gone. */
static bool is_new(const struct cloud_item *item)
{
	const int64_t lag = 5 * 60 * 1000;
	int64_t created = clk_parse_iso(ec2_wanted(item, "created")), age = clk_now() - created;

	return created >= 0 && age < lag && age > -lag;
}

static void settle(struct ec2_work *w)
{
	const struct removal *r = &removals[w->item->kind];
	bool gone = ec2_refused(w, r->gone);

	if (ec2_refused(w, r->busy) || (gone && is_new(w->item))) {
		w->call.failure.status = ST_TEMP;
		w->item->unclear = true;
	} else if (gone) {
		fail_free(&w->call.failure);
	}
	if (w->call.failure.status)
		ec2_fail(w);
	else
		ec2_end(w);
}

static void remove_one(struct ec2_work *w)
{
	const struct removal *r = &removals[w->item->kind];
	const char *id = w->item->id;

	if (w->item->kind == CLOUD_IMAGES) {
		ec2_remove_image(w);
	} else if (!r->action) {
		fail_set(&w->item->failure, ST_USAGE, "no-such-kind",
			 "EC2 can remove no such thing");
		ec2_end(w);
	} else {
		ec2_ask(w, r->action, HTTP_IDEMPOTENT,
			r->list ? json_pack("{s:[s]}", r->param, id)
				: json_pack("{s:s}", r->param, id),
			settle);
	}
}

void ec2_cloud_remove(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		if (w)
			remove_one(w);
	}
	ec2_run(items, n);
}
