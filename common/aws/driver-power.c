/* SPDX-License-Identifier: ISC
 * Starting and stopping machines: each call twice is as once. */
#include <string.h>

#include "../status.h"
#include "driver.h"

/* It is on its way to the contrary: later. */
static void settle(struct ec2_work *w)
{
	static const char *const busy[] = {"IncorrectInstanceState", "IncorrectState", NULL};

	if (ec2_refused(w, busy)) {
		w->call.failure.status = ST_TEMP;
		w->item->unclear = true;
	}
	if (w->call.failure.status)
		ec2_fail(w);
	else
		ec2_end(w);
}

void ec2_cloud_power(struct cloud_item *const *items, size_t n, void (*done)(struct cloud_item *))
{
	for (size_t i = 0; i < n; i++) {
		struct ec2_work *w = ec2_begin(items[i], done);

		if (w)
			ec2_ask(w, items[i]->on ? "StartInstances" : "StopInstances",
				HTTP_IDEMPOTENT, json_pack("{s:[s]}", "InstanceId", items[i]->id),
				settle);
	}
	ec2_run(items, n);
}
