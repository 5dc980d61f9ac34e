/* SPDX-License-Identifier: ISC
 * Scaling activities, newest first. */
#include <stdlib.h>
#include <string.h>

#include "autoscaling.h"
#include "mem.h"

static json_t *activities(struct site at)
{
	return list(at.place, "activities");
}

json_t *shown_activity(struct site at, const char *id)
{
	size_t i;
	json_t *one;

	json_array_foreach(activities(at), i, one)
		if (!strcmp(str(one, "ActivityId"), id))
			return one;
	return NULL;
}

json_t *activity_begin(struct site at, json_t *group, const char *description, const char *cause)
{
	char *id = new_uuid(), now[32];
	json_t *one =
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s}", "ActivityId", id,
		      "AutoScalingGroupName", str(group, "AutoScalingGroupName"), "Description",
		      description, "Cause", cause, "StartTime", world_iso(world_now(), now),
		      "StatusCode", "InProgress", "Progress", 50, "Details", "{}");

	if (json_array_insert_new(activities(at), 0, one))
		mem_out();
	free(id);
	return one;
}

void activity_end(struct site at, const char *id, const char *status, const char *message)
{
	json_t *one = shown_activity(at, id);

	if (!one)
		return;
	put(one, "EndTime", world_time(world_now()));
	put_str(one, "StatusCode", status);
	put_int(one, "Progress", 100);
	if (message)
		put_str(one, "StatusMessage", message);
}

json_t *describe_activities(struct request *r)
{
	struct site at = site_of(r);
	const json_t *ids = seq(r->params, "ActivityIds");
	const char *name = arg(r, "AutoScalingGroupName");
	bool deleted_too = yes(r->params, "IncludeDeletedGroups");
	json_t *found, *one, *result;
	size_t i;

	if (*name && !deleted_too && !group_of(r))
		return NULL;
	found = json_array();
	json_array_foreach(activities(at), i, one)
		if ((!*name || !strcmp(str(one, "AutoScalingGroupName"), name)) &&
		    (!json_array_size(ids) || holds(ids, str(one, "ActivityId"))))
			json_array_append(found, one);
	result = json_object();
	if (page(r, result, "Activities", found, 100))
		return result;
	json_decref(result);
	return NULL;
}
