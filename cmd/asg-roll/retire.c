/* SPDX-License-Identifier: ISC
 * The others go: out of their balancers, drained, then deleted or kept asleep. Nothing is begun
 * before the new group has been seen healthy once more, and the others read afresh. */
#include <string.h>

#include "cli.h"
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

/* Somebody may have begun to bring it back since, or to retire it himself. */
static bool is_ours(const struct roll *r, const json_t *group, const json_t *now)
{
	json_auto_t *note = asg_note(now, ASG_NOTE_RETIRED);

	return note && asg_same(now, asg_name(group), asg_made(group)) &&
	       !strcmp(asg_note_text(note, "by"), r->name) &&
	       strcmp(asg_note_text(note, "mode"), "back") != 0;
}

static bool remove_or_empty(struct roll *r, const json_t *group, bool keep, struct failure *f)
{
	json_auto_t *now = NULL;

	if (asg_going(group))
		return asg_delete(&r->cloud, group, f);
	if (!(now = asg_find(&r->cloud, asg_name(group), f)))
		return false;
	if (!is_ours(r, group, now))
		return true;
	return keep ? asg_empty(&r->cloud, group, f) : asg_delete(&r->cloud, group, f);
}

/* From the last to the first: the one that is best to go back to stays longest. */
static bool each(struct roll *r, const json_t *victims, step_fn *step, struct failure *f)
{
	for (size_t i = json_array_size(victims); i-- > 0;)
		if (!step(r, json_array_get(victims, i), roll_keeps(r, i), f))
			return false;
	return true;
}

/* Makes of the group what this run found: one that served serves again, one that another deployment
 * had taken out of service is that one's again. */
static bool restore(struct roll *r, const json_t *group, struct failure *f)
{
	json_auto_t *now = asg_find(&r->cloud, asg_name(group), f);
	json_auto_t *found = asg_note(group, ASG_NOTE_RETIRED);
	bool others = found && strcmp(asg_note_text(found, "by"), r->name) != 0;
	bool served =
	    others ? !strcmp(asg_note_text(found, "mode"), "back") : aws_int(group, "MaxSize") > 0;
	json_t *tags;

	if (!now)
		return false;
	if (!is_ours(r, group, now) || (!served && !others))
		return true;
	if (served && !asg_reinstate(&r->cloud, now, 0, f))
		return false;
	tags = json_array();
	if (others)
		asg_note_tags(tags, asg_name(group), ASG_NOTE_RETIRED, found, now);
	else
		asg_note_drop(tags, now, ASG_NOTE_RETIRED);
	if (!(others ? asg_tags_set : asg_tags_delete)(&r->cloud, tags, f))
		return false;
	if (served)
		asg_event(&r->cloud, "reinstated", now, NULL);
	return true;
}

/* The new group fell ill while the old ones drained: they are put back before anything is said.
 * Unless it is retired itself: then another group serves. */
static void put_back(struct roll *r, const json_t *victims)
{
	struct failure f = {0};
	json_auto_t *own = asg_find(&r->cloud, r->name, &f);
	json_t *group;
	size_t i;

	fail_free(&f);
	if (roll_replaced(r, own))
		return;
	json_array_foreach(victims, i, group) {
		if (!restore(r, group, &f))
			cli_warn("cannot put '%s' back into service: %s", asg_name(group),
				 f.message);
		fail_free(&f);
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
