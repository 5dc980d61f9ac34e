/* SPDX-License-Identifier: ISC
 * The group comes to be: made anew, or brought back into service, or taken up as it is. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "roll.h"
#include "status.h"

static json_t *tags_of(const struct roll *r)
{
	json_t *tags = json_array(), *value;
	const char *key;

	json_object_foreach(json_object_get(r->rec->json, "tags"), key, value)
		asg_put_tag(tags, r->name, key, json_string_value(value), true);
	carry_tags(r, tags);
	asg_put_tag(tags, r->name, "sluice:run", r->want.run, true);
	asg_put_tag(tags, r->name, "sluice:content", r->want.content, false);
	asg_note_tags(tags, r->name, ASG_NOTE_REPLACES, r->replaces, NULL);
	return tags;
}

static void put_places(const struct roll *r, json_t *params)
{
	json_t *subnets = want_list(r->rec, "subnets"),
	       *zones = want_list(r->rec, "availability_zones");
	json_t *subnet;
	char *joined = mem_dup("");
	size_t i;

	json_array_foreach(subnets, i, subnet) {
		char *longer =
		    mem_fmt("%s%s%s", joined, *joined ? "," : "", json_string_value(subnet));

		free(joined);
		joined = longer;
	}
	if (subnets)
		json_object_set_new(params, "VPCZoneIdentifier", json_string(joined));
	else
		json_object_set(params, "AvailabilityZones", zones);
	free(joined);
}

static json_t *params_of(struct roll *r, struct failure *f)
{
	long long carried = carry_capacity(r), desired = r->want.desired, max = r->want.max;
	json_t *hooks = carry_hooks(r, f), *params;

	if (!hooks)
		return NULL;
	if (desired < carried)
		desired = carried;
	if (max < desired)
		max = desired;
	r->expects = desired;
	params = json_pack("{s:s, s:{s:s, s:s}, s:I, s:I, s:I, s:s, s:I, s:o}",
			   "AutoScalingGroupName", r->name, "LaunchTemplate", "LaunchTemplateId",
			   r->want.template_id, "Version", "1", "MinSize", (json_int_t)r->want.min,
			   "MaxSize", (json_int_t)max, "DesiredCapacity", (json_int_t)desired,
			   "HealthCheckType", r->want.health_check, "HealthCheckGracePeriod",
			   (json_int_t)r->want.grace, "Tags", tags_of(r));
	if (!params)
		mem_out();
	put_places(r, params);
	if (json_array_size(r->want.load_balancers))
		json_object_set(params, "LoadBalancerNames", r->want.load_balancers);
	if (json_array_size(r->want.target_groups))
		json_object_set(params, "TargetGroupARNs", r->want.target_groups);
	if (json_array_size(hooks))
		json_object_set(params, "LifecycleHookSpecificationList", hooks);
	json_decref(hooks);
	return params;
}

/* Looks until the group is listed: lists may lag behind its creation. False with f {0} when it does
 * not appear in time. */
static bool await_group(struct roll *r, int64_t patience_ms, struct failure *f)
{
	struct wait w;
	json_t *group;

	wait_begin(&w, patience_ms, 0, r->cloud.interval_ms, "asg '%s'", r->name);
	while ((group = asg_find(&r->cloud, r->name, f)) && !json_is_object(group))
		if (!wait_more(&w, f))
			break;
	wait_end(&w);
	if (json_is_object(group)) {
		json_decref(r->own);
		r->own = group;
		return true;
	}
	if (f->code && !strcmp(f->code, "deadline"))
		fail_free(f);
	return false;
}

/* What is there under our name after all: ours, by its digest, or another's. */
static bool take_up(struct roll *r, struct failure *f)
{
	const char *content = asg_tag(r->own, "sluice:content");
	json_t *note;

	if (asg_going(r->own))
		return fail_set(f, ST_NO, "superseded", "asg '%s' is being deleted", r->name);
	if (!content || strcmp(content, r->want.content) != 0)
		return fail_set(f, ST_NO, "conflict",
				"asg '%s' is there already, with another content", r->name);
	if ((note = asg_note(r->own, ASG_NOTE_REPLACES))) {
		json_decref(r->replaces);
		r->replaces = note;
	}
	asg_event(&r->cloud, "taken-up", r->own, NULL);
	return true;
}

enum { LOOKS = 3 };

/* One try: 1 done, 0 again, -1 failed. There is no client token: after an unclear answer a look
 * decides, and the name keeps a second try from making a second group. */
static int create_step(struct roll *r, struct failure *f)
{
	struct failure why = {0};
	bool unclear = false, there;
	json_t *params = params_of(r, f), *done;

	if (!params)
		return -1;
	done = aws_do(r->cloud.aws, "autoscaling", "CreateAutoScalingGroup", HTTP_CHANGE, params,
		      &why, &unclear);
	if (done) {
		json_decref(done);
		if (!await_group(r, r->cloud.patience_ms, f))
			return -1;
		asg_event(&r->cloud, "created", r->own, NULL);
		return 1;
	}
	there =
	    why.code && (!strcmp(why.code, "AlreadyExists") || strstr(why.code, "AlreadyExists"));
	if (!there && !unclear) {
		bool lags = asg_not_there(&why);

		fail_move(f, &why);
		return lags ? 0 : -1;
	}
	if (await_group(r, there ? r->cloud.patience_ms : r->cloud.patience_ms / LOOKS, f)) {
		fail_free(&why);
		return take_up(r, f) ? 1 : -1;
	}
	if (f->status) {
		fail_free(&why);
		return -1;
	}
	fail_move(f, &why);
	return unclear ? 0 : -1;
}

static bool create(struct roll *r, struct failure *f)
{
	const json_t *before = roll_group(r, r->name);
	struct wait w;
	int done;

	if (before && asg_going(before) &&
	    !asg_delete(&r->cloud, before, f)) /* asked for already: waits only */
		return false;
	if (!template_make(r, f))
		return false;
	wait_begin(&w, r->cloud.patience_ms, 0, r->cloud.interval_ms, "creating '%s'", r->name);
	while (!(done = create_step(r, f))) {
		struct failure late = {0};

		wait_say(&w, "again: %s", f->message);
		if (!wait_more(&w, &late)) {
			fail_free(&late);
			break;
		}
		fail_free(f);
		if (!template_make(r, f)) /* another run may have tidied it away */
			break;
	}
	wait_end(&w);
	if (done == 1)
		return true;
	fail_prefix(f, "cannot create asg '%s'", r->name);
	return false;
}

/* From here on the group counts as serving: a run that is killed goes on bringing it back. */
static bool bring_back(struct roll *r, struct failure *f)
{
	json_auto_t *retired = asg_note(r->own, ASG_NOTE_RETIRED), *restored = NULL;
	json_t *tags = json_array(), *entry, *from = json_array();
	long long least = carry_capacity(r);
	size_t i;

	r->expects = asg_note_number(retired, "desired");
	json_object_set_new(retired, "mode", json_string("back"));
	asg_note_tags(tags, r->name, ASG_NOTE_RETIRED, retired, r->own);
	asg_note_tags(tags, r->name, ASG_NOTE_REPLACES, r->replaces, r->own);
	json_array_foreach(json_object_get(r->replaces, "old"), i, entry) {
		const char *text = json_string_value(entry), *at = strrchr(text, '@');

		json_array_append_new(from,
				      json_stringn(text, at ? (size_t)(at - text) : strlen(text)));
	}
	restored = json_pack("{s:s, s:o}", "run", r->want.run, "from", from);
	if (r->o->back)
		asg_note_tags(tags, r->name, ASG_NOTE_RESTORED, restored, r->own);
	if (r->resumed) {
		json_decref(tags);
		tags = json_array();
	}
	if (!asg_tags_set(&r->cloud, tags, f) || !asg_reinstate(&r->cloud, r->own, least, f)) {
		fail_prefix(f, "cannot bring '%s' back", r->name);
		return false;
	}
	asg_event(&r->cloud, "restored", r->own, NULL);
	return true;
}

static bool take(struct roll *r, struct failure *f)
{
	json_t *tags = json_array();

	asg_event(&r->cloud, "taken-up", r->own, NULL);
	if (!r->resumed && json_array_size(json_object_get(r->replaces, "old")))
		asg_note_tags(tags, r->name, ASG_NOTE_REPLACES, r->replaces, r->own);
	return asg_tags_set(&r->cloud, tags, f);
}

bool roll_make(struct roll *r, struct failure *f)
{
	if (r->how == HOW_KEPT)
		return bring_back(r, f);
	return json_is_object(r->own) ? take(r, f) : create(r, f);
}
