/* SPDX-License-Identifier: ISC
 * What there is to do: which group serves in the end, how it comes to, and which ones go. The
 * groups to be retired are those that are there when the run begins; they are noted, by name and
 * time of creation, in a tag of the group that takes their place, in the very call that makes it. A
 * run that is started again goes by the note. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "roll.h"
#include "status.h"

const json_t *roll_group(const struct roll *r, const char *name)
{
	size_t i;
	json_t *group;

	json_array_foreach(r->groups, i, group)
		if (!strcmp(asg_name(group), name))
			return group;
	return NULL;
}

bool in_list(const json_t *list, const char *text)
{
	size_t i;
	json_t *entry;

	json_array_foreach(list, i, entry)
		if (!strcmp(json_string_value(entry), text))
			return true;
	return false;
}

/* "NAME@TIME": this group and no other that may have its name some day. */
static json_t *entry_of(const json_t *group)
{
	json_t *entry = json_sprintf("%s@%lld", asg_name(group), (long long)asg_made(group));

	if (!entry)
		mem_out();
	return entry;
}

static bool in_service(const json_t *group)
{
	size_t i;
	json_t *instance;

	json_array_foreach(aws_arr(group, "Instances"), i, instance)
		if (!strcmp(aws_str(instance, "LifecycleState"), "InService"))
			return true;
	return false;
}

/* The group that is best to go back to comes first: those that serve, newest first; those that are
 * kept, by when they were taken out; those that a failed deployment left. */
static int rank(const json_t *group)
{
	if (asg_kept(group))
		return 1;
	return in_service(group) && !asg_tag(group, ASG_NOTE_REPLACES) ? 0 : 2;
}

static int compare(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	int order = rank(a) - rank(b);
	json_auto_t *x = NULL, *y = NULL;

	if (order)
		return order;
	if (rank(a) != 1)
		return (asg_made(a) < asg_made(b)) - (asg_made(a) > asg_made(b));
	x = asg_note(a, ASG_NOTE_RETIRED);
	y = asg_note(b, ASG_NOTE_RETIRED);
	return strcmp(asg_note_text(y, "at"), asg_note_text(x, "at"));
}

/* A kept group of which nothing is left to be done. */
static bool asleep(const json_t *group)
{
	return asg_kept(group) && !aws_int(group, "MaxSize") &&
	       !aws_int(group, "DesiredCapacity") && !json_array_size(aws_arr(group, "Instances"));
}

static void add_launcher(json_t *note, const json_t *group)
{
	json_auto_t *from = asg_launches(group);
	const char *id = json_string_value(json_object_get(from, "id"));
	const char *configuration = json_string_value(json_object_get(from, "configuration"));
	const char *key = id ? "lt" : "lc", *text = id ? id : configuration;
	json_t *list = json_object_get(note, key);

	if (!text || in_list(list, text))
		return;
	if (!list) {
		list = json_array();
		json_object_set_new(note, key, list);
	}
	json_array_append_new(list, json_string(text));
}

static const char *const how_words[] = {"new", "kept", "taken"};

/* The note for all other groups of this server and env. */
static json_t *note_others(const struct roll *r)
{
	json_t *note = json_pack("{s:s, s:[]}", "how", how_words[r->how], "old"), *group;
	json_t *old = json_object_get(note, "old");
	json_t **others = mem_alloc((json_array_size(r->groups) + 1) * sizeof *others);
	size_t i, n = 0;
	bool idle = true;

	json_array_foreach(r->groups, i, group)
		if (asg_serves(group, r->want.server, r->want.env) &&
		    strcmp(asg_name(group), r->name) != 0 && !asg_going(group) &&
		    !(r->o->back && asg_kept(group)))
			others[n++] = group;
	qsort(others, n, sizeof *others, compare);
	for (i = 0; i < n; i++)
		idle = idle && asleep(others[i]);
	if (idle && (long long)n <= r->o->keep)
		n = 0; /* all that is there is to be kept, and is */
	for (i = 0; i < n; i++) {
		json_array_append_new(old, entry_of(others[i]));
		add_launcher(note, others[i]);
	}
	free(others);
	return note;
}

static bool conflict(const struct roll *r, const char *what, struct failure *f)
{
	return fail_set(f, ST_NO, "conflict", "asg '%s' is there already, %s", r->name, what);
}

static void take_note(struct roll *r)
{
	json_auto_t *retired = asg_note(r->own, ASG_NOTE_RETIRED);
	json_t *note = asg_note(r->own, ASG_NOTE_REPLACES);
	bool back = retired && !strcmp(asg_note_text(retired, "mode"), "back");

	if (retired)
		r->how = HOW_KEPT;
	else if (note && !strcmp(asg_note_text(note, "how"), "new"))
		r->how = HOW_NEW;
	else
		r->how = HOW_TAKEN;
	r->resumed = note && (!retired || back);
	if (!r->resumed) {
		json_decref(note);
		note = note_others(r);
	}
	r->replaces = note;
}

/* False when the group of that name is another one. */
bool roll_decide(struct roll *r, struct failure *f)
{
	const json_t *own = roll_group(r, r->want.name);
	const char *content = own ? asg_tag(own, "sluice:content") : NULL;

	r->name = mem_dup(r->want.name);
	if (!own || asg_going(own)) {
		r->own = json_null();
		r->how = HOW_NEW;
		r->replaces = note_others(r);
		return true;
	}
	r->own = json_incref((json_t *)(uintptr_t)own);
	if (!asg_serves(own, r->want.server, r->want.env))
		return conflict(r, "of another server or env", f);
	if (!content)
		return conflict(r, "and was not made by asg-roll", f);
	if (strcmp(content, r->want.content) != 0)
		return conflict(r, "with another content", f);
	take_note(r);
	return true;
}

/* The kept group to go back to: one on its way already, else the one retired last. */
static const json_t *find_kept(const struct roll *r)
{
	const json_t *best = NULL;
	json_t *group;
	size_t i;

	json_array_foreach(r->groups, i, group) {
		json_auto_t *note = asg_note(group, ASG_NOTE_RETIRED);
		json_auto_t *known = best ? asg_note(best, ASG_NOTE_RETIRED) : NULL;

		if (!note || asg_going(group) || !asg_serves(group, r->want.server, r->want.env))
			continue;
		if (!strcmp(asg_note_text(note, "mode"), "back"))
			return group;
		if (!best || strcmp(asg_note_text(note, "at"), asg_note_text(known, "at")) > 0)
			best = group;
	}
	return best;
}

/* The serving group that was brought back from the one which the asg-spec names: the roll back that
 * this run asks for is done, or nearly. */
static const json_t *find_restored(const struct roll *r)
{
	json_t *group;
	size_t i;

	json_array_foreach(r->groups, i, group) {
		json_auto_t *note = asg_note(group, ASG_NOTE_RESTORED);

		if (note && r->want.name && !asg_going(group) &&
		    !asg_tag(group, ASG_NOTE_RETIRED) &&
		    asg_serves(group, r->want.server, r->want.env) &&
		    in_list(json_object_get(note, "from"), r->want.name))
			return group;
	}
	return NULL;
}

bool roll_decide_back(struct roll *r, struct failure *f)
{
	const json_t *own = NULL, *kept = find_kept(r), *done = find_restored(r);
	json_auto_t *note = kept ? asg_note(kept, ASG_NOTE_RETIRED) : NULL;

	if (r->o->to)
		own = roll_group(r, r->o->to);
	else if (done && strcmp(asg_note_text(note, "mode"), "back") != 0)
		own = done;
	else
		own = kept;
	if (own && (asg_going(own) || !asg_serves(own, r->want.server, r->want.env)))
		own = NULL;
	if (!own)
		return fail_set(f, ST_GUARD, "none-kept",
				"there is no kept group%s%s%s of %s in %s to go back to",
				r->o->to ? " '" : "", r->o->to ? r->o->to : "", r->o->to ? "'" : "",
				r->want.server, r->want.env);
	r->own = json_incref((json_t *)(uintptr_t)own);
	r->name = mem_dup(asg_name(own));
	take_note(r);
	if (own == done && !r->resumed) {
		json_decref(r->replaces);
		r->replaces = json_pack("{s:s, s:[]}", "how", "taken", "old");
	}
	return true;
}

/* Whether that group is itself about to retire this one: its run began later, it stays. */
static bool is_later(const struct roll *r, const json_t *group)
{
	json_auto_t *note = asg_note(group, ASG_NOTE_REPLACES);
	json_auto_t *retired = asg_note(group, ASG_NOTE_RETIRED);
	json_auto_t *entry = json_is_object(r->own) ? entry_of(r->own) : NULL;

	if (retired && strcmp(asg_note_text(retired, "mode"), "back") != 0)
		return false;
	return note && entry && in_list(json_object_get(note, "old"), json_string_value(entry));
}

json_t *roll_victims(struct roll *r, struct failure *f)
{
	json_auto_t *now = asg_all(&r->cloud, f);
	json_t *victims, *entry, *group;
	size_t i, k;

	if (!now)
		return NULL;
	victims = json_array();
	json_array_foreach(json_object_get(r->replaces, "old"), i, entry)
		json_array_foreach(now, k, group) {
			json_auto_t *known = entry_of(group);

			if (json_equal(known, entry) && !is_later(r, group) &&
			    asg_serves(group, r->want.server, r->want.env))
				json_array_append(victims, group);
		}
	return victims;
}

bool roll_keeps(const struct roll *r, size_t n)
{
	return (long long)n < r->o->keep;
}
