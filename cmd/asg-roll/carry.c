/* SPDX-License-Identifier: ISC
 * What the new group takes over from the one that it replaces: capacity and tags; settings.c has
 * the rest. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "roll.h"

static bool is_retired(const json_t *group)
{
	return asg_going(group) || asg_tag(group, ASG_NOTE_RETIRED);
}

static const json_t *noted_group(const struct roll *r, size_t n)
{
	const char *entry =
	    json_string_value(json_array_get(json_object_get(r->replaces, "old"), n));
	const char *at = entry ? strrchr(entry, '@') : NULL;
	char *name = at ? mem_dup_n(entry, (size_t)(at - entry)) : NULL;
	const json_t *group = name ? roll_group(r, name) : NULL;
	bool same = group && asg_same(group, name, strtoll(at + 1, NULL, 10));

	free(name);
	return same ? group : NULL;
}

/* The first of the note, unless it is on its way out: then all was taken over before. */
const json_t *carry_source(const struct roll *r)
{
	const json_t *group = noted_group(r, 0);

	return r->how == HOW_NEW && !r->o->fresh && group && !is_retired(group) ? group : NULL;
}

static long long largest(const json_t *groups)
{
	long long most = 0;
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group)
		if (!is_retired(group) && aws_int(group, "DesiredCapacity") > most)
			most = aws_int(group, "DesiredCapacity");
	return most;
}

long long carry_capacity(const struct roll *r)
{
	json_auto_t *groups = json_array();

	if (r->o->fresh)
		return 0;
	for (size_t i = 0; i < json_array_size(json_object_get(r->replaces, "old")); i++)
		json_array_append(groups, (json_t *)(uintptr_t)noted_group(r, i));
	return largest(groups);
}

static bool conventional(const char *key)
{
	static const char *const keys[] = {"server", "env", "build", "ami_build"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(key, keys[i]))
			return true;
	return !strncmp(key, "aws:", 4) || !strncmp(key, "sluice:", 7);
}

void carry_tags(const struct roll *r, json_t *tags)
{
	const json_t *from = carry_source(r), *own = json_object_get(r->rec->json, "tags");
	json_t *tag;
	size_t i;

	json_array_foreach(aws_arr(from, "Tags"), i, tag)
		if (!conventional(aws_str(tag, "Key")) &&
		    !json_object_get(own, aws_str(tag, "Key")))
			asg_put_tag(tags, r->name, aws_str(tag, "Key"), aws_str(tag, "Value"),
				    aws_bool(tag, "PropagateAtLaunch"));
}

/* The old one may have grown while the new one started. */
static bool carry_growth(struct roll *r, bool *grown, struct failure *f)
{
	json_auto_t *victims = NULL;
	long long most, max = aws_int(r->own, "MaxSize");

	*grown = false;
	if (r->o->fresh || !json_array_size(json_object_get(r->replaces, "old")))
		return true;
	if (!(victims = roll_victims(r, f)))
		return false;
	most = largest(victims);
	if (most <= aws_int(r->own, "DesiredCapacity"))
		return true;
	*grown = true;
	r->expects = most;
	return asg_change(&r->cloud, "autoscaling", "UpdateAutoScalingGroup",
			  json_pack("{s:s, s:I, s:I}", "AutoScalingGroupName", r->name, "MaxSize",
				    (json_int_t)(max > most ? max : most), "DesiredCapacity",
				    (json_int_t)most),
			  NULL, f);
}

bool roll_carry(struct roll *r, struct failure *f)
{
	bool grown;

	return carry_settings(r, f) && carry_growth(r, &grown, f) && (!grown || roll_settle(r, f));
}
