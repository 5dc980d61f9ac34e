/* SPDX-License-Identifier: ISC
 * The last thing: the notes go that say that there is something left to do. */
#include <stdlib.h>

#include "roll.h"

bool roll_finish(struct roll *r, struct failure *f)
{
	json_auto_t *group = asg_find(&r->cloud, r->name, f);
	json_t *tags = json_array();

	if (!group) {
		json_decref(tags);
		return false;
	}
	asg_note_drop(tags, group, ASG_NOTE_REPLACES);
	if (r->how == HOW_KEPT)
		asg_note_drop(tags, group, ASG_NOTE_RETIRED);
	if (!asg_tags_delete(&r->cloud, tags, f))
		return false;
	asg_event(&r->cloud, "serving", group, NULL);
	return true;
}
