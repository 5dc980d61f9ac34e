/* SPDX-License-Identifier: ISC
 * The group did not become healthy: what this deployment did is undone, the old ones serve on. */
#include <string.h>

#include "cli.h"
#include "roll.h"
#include "status.h"

/* Nothing of what serves has been touched yet: all that the note names is there. */
static bool untouched(struct roll *r, const json_t *victims)
{
	size_t i;
	json_t *group;

	if (json_array_size(victims) < json_array_size(json_object_get(r->replaces, "old")))
		return false;
	json_array_foreach(victims, i, group) {
		json_auto_t *note = asg_note(group, ASG_NOTE_RETIRED);

		if (note && !asg_kept(group))
			continue; /* one that is itself being brought back */
		if (note && !strcmp(asg_note_text(note, "by"), r->name))
			return false;
	}
	return true;
}

static bool remove_new(struct roll *r, struct failure *f)
{
	json_auto_t *from = asg_launches(r->own), *groups = NULL;
	const char *id = aws_str(from, "id");

	if (!asg_delete(&r->cloud, r->own, f) || !(groups = asg_all(&r->cloud, f)))
		return false;
	json_decref(r->own);
	r->own = json_null();
	return !*id || asg_uses_template(groups, id, r->name) ||
	       asg_delete_template(&r->cloud, id, aws_str(from, "name"), f);
}

/* Back to sleep; the notes that it was on its way back go last. */
static bool put_to_sleep(struct roll *r, struct failure *f)
{
	json_t *tags = json_array();
	json_auto_t *group = NULL;

	if (!asg_deregister(&r->cloud, r->own, "keep", r->name, f) ||
	    !asg_drain(&r->cloud, r->own, f) || !asg_empty(&r->cloud, r->own, f) ||
	    !(group = asg_find(&r->cloud, r->name, f))) {
		json_decref(tags);
		return false;
	}
	asg_note_drop(tags, group, ASG_NOTE_REPLACES);
	asg_note_drop(tags, group, ASG_NOTE_RESTORED);
	return asg_tags_delete(&r->cloud, tags, f);
}

bool roll_undo(struct roll *r, struct failure *f)
{
	json_auto_t *victims = roll_victims(r, f), *now = NULL;

	if (!victims || !(now = asg_find(&r->cloud, r->name, f)))
		return false;
	if (!json_is_object(now))
		return true;
	json_decref(r->own);
	r->own = json_incref(now);
	if (!untouched(r, victims) || r->how == HOW_TAKEN)
		cli_note("'%s' stays as it is", r->name);
	else if (r->how == HOW_NEW)
		return remove_new(r, f);
	else
		return put_to_sleep(r, f);
	return true;
}
