/* SPDX-License-Identifier: ISC
 * The others go: out of their balancers, drained, then deleted or kept asleep. Nothing is begun
 * before the new group has been seen healthy once more, and the others read afresh. */
#include <string.h>

#include "mem.h"
#include "roll.h"
#include "status.h"

typedef bool step_fn(struct roll *r, const json_t *group, bool keep, struct failure *f);

static bool deregister(struct roll *r, const json_t *group, bool keep, struct failure *f)
{
	return asg_going(group) ||
	       asg_deregister(&r->cloud, group, keep ? "keep" : "delete", r->name, f);
}

static bool drain(struct roll *r, const json_t *group, bool keep, struct failure *f)
{
	(void)keep;
	return asg_going(group) || asg_drain(&r->cloud, group, f);
}

/* Somebody may have begun to bring it back since. */
static bool still_ours(struct roll *r, const json_t *group, bool *ours, struct failure *f)
{
	json_auto_t *now = asg_find(&r->cloud, asg_name(group), f);
	json_auto_t *note = asg_note(now, ASG_NOTE_RETIRED);

	*ours = note && asg_same(now, asg_name(group), asg_made(group)) &&
		!strcmp(asg_note_text(note, "by"), r->name) &&
		strcmp(asg_note_text(note, "mode"), "back") != 0;
	return now != NULL;
}

static bool remove_or_empty(struct roll *r, const json_t *group, bool keep, struct failure *f)
{
	bool ours = true;

	if (!asg_going(group) && !still_ours(r, group, &ours, f))
		return false;
	if (!ours)
		return true;
	return keep && !asg_going(group) ? asg_empty(&r->cloud, group, f)
					 : asg_delete(&r->cloud, group, f);
}

/* From the last to the first: the one that is best to go back to stays longest. */
static bool each(struct roll *r, const json_t *victims, step_fn *step, struct failure *f)
{
	for (size_t i = json_array_size(victims); i-- > 0;)
		if (!step(r, json_array_get(victims, i), roll_keeps(r, i), f))
			return false;
	return true;
}

/* The new group fell ill while the old ones drained: they are put back before anything is said. */
static void put_back(struct roll *r, const json_t *victims)
{
	struct failure ignored = {0};
	json_t *group;
	size_t i;

	json_array_foreach(victims, i, group) {
		json_auto_t *now = asg_find(&r->cloud, asg_name(group), &ignored);
		json_t *tags = json_array();

		if (json_is_object(now) && asg_reinstate(&r->cloud, now, 0, &ignored)) {
			asg_note_drop(tags, now, ASG_NOTE_RETIRED);
			if (asg_tags_delete(&r->cloud, tags, &ignored))
				asg_event(&r->cloud, "reinstated", now, NULL);
		} else {
			json_decref(tags);
		}
		fail_free(&ignored);
	}
}

bool roll_retire(struct roll *r, struct failure *f)
{
	json_auto_t *victims = NULL;

	if (!json_array_size(json_object_get(r->replaces, "old")))
		return true;
	if (!roll_settle(r, f) || !(victims = roll_victims(r, f)))
		return false;
	if (!each(r, victims, deregister, f) || !each(r, victims, drain, f))
		return false;
	if (!roll_settle(r, f)) {
		if (f->status == ST_NO)
			put_back(r, victims);
		return false;
	}
	return each(r, victims, remove_or_empty, f);
}
