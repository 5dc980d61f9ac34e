/* SPDX-License-Identifier: ISC
 * Taking groups out of service: deregistered, drained, then deleted or scaled to nothing. What a
 * group was is noted in its tags before it is touched, so that it can be brought back, and so that
 * a run that goes on after a kill knows where its instances may still be draining. */
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "../mem.h"
#include "../status.h"
#include "asg.h"

static json_t *number(long long n)
{
	json_t *text = json_sprintf("%lld", n);

	if (!text)
		mem_out();
	return text;
}

static json_t *note_of(const json_t *group)
{
	json_t *note = json_pack(
	    "{s:o, s:o, s:o, s:O, s:O}", "min", number(aws_int(group, "MinSize")), "max",
	    number(aws_int(group, "MaxSize")), "desired", number(aws_int(group, "DesiredCapacity")),
	    "elb", aws_arr(group, "LoadBalancerNames"), "tg", aws_arr(group, "TargetGroupARNs"));

	if (!note)
		mem_out();
	return note;
}

static bool suspended(const json_t *group, const char *process)
{
	size_t i;
	json_t *entry;

	json_array_foreach(aws_arr(group, "SuspendedProcesses"), i, entry)
		if (!strcmp(aws_str(entry, "ProcessName"), process))
			return true;
	return false;
}

/* A scheduled action would wake a group that is kept asleep. */
static bool suspend_schedule(struct asg_cloud *c, const json_t *group, struct failure *f)
{
	if (suspended(group, "ScheduledActions"))
		return true;
	return asg_change(c, "autoscaling", "SuspendProcesses",
			  json_pack("{s:s, s:[s]}", "AutoScalingGroupName", asg_name(group),
				    "ScalingProcesses", "ScheduledActions"),
			  NULL, f);
}

static bool note_retired(struct asg_cloud *c, const json_t *group, const char *mode, const char *by,
			 struct failure *f)
{
	json_auto_t *known = asg_note(group, ASG_NOTE_RETIRED);
	json_auto_t *note = known ? json_incref(known) : note_of(group);
	json_t *tags = json_array();
	char at[32];

	if (known && !strcmp(asg_note_text(known, "mode"), mode) &&
	    !strcmp(asg_note_text(known, "by"), by)) {
		json_decref(tags);
		return true;
	}
	if (!known && !strcmp(mode, "keep") && !suspended(group, "ScheduledActions"))
		json_object_set_new(note, "resume", json_string("ScheduledActions"));
	json_object_set_new(note, "mode", json_string(mode));
	json_object_set_new(note, "by", json_string(by));
	json_object_set_new(note, "at", json_string(clk_iso(clk_now(), at)));
	asg_note_tags(tags, asg_name(group), ASG_NOTE_RETIRED, note, group);
	return asg_tags_set(c, tags, f);
}

/* Detaching what is not attached any more is refused: then a look tells that it is done. */
static bool detach(struct asg_cloud *c, const json_t *group, const char *action, const char *param,
		   const char *member, struct failure *f)
{
	json_t *list = aws_arr(group, member);
	struct failure why = {0};
	json_auto_t *now = NULL;

	if (!json_array_size(list))
		return true;
	if (asg_change(
		c, "autoscaling", action,
		json_pack("{s:s, s:O}", "AutoScalingGroupName", asg_name(group), param, list), NULL,
		&why))
		return true;
	if (why.status == ST_REFUSED && (now = asg_find(c, asg_name(group), f)) &&
	    (!asg_same(now, asg_name(group), asg_made(group)) ||
	     !json_array_size(aws_arr(now, member)))) {
		fail_free(&why);
		return true;
	}
	fail_move(f, &why);
	return false;
}

bool asg_deregister(struct asg_cloud *c, const json_t *group, const char *mode, const char *by,
		    struct failure *f)
{
	bool serving = json_array_size(aws_arr(group, "LoadBalancerNames")) ||
		       json_array_size(aws_arr(group, "TargetGroupARNs"));

	if (!note_retired(c, group, mode, by, f) ||
	    (!strcmp(mode, "keep") && !suspend_schedule(c, group, f)) ||
	    !detach(c, group, "DetachLoadBalancers", "LoadBalancerNames", "LoadBalancerNames", f) ||
	    !detach(c, group, "DetachLoadBalancerTargetGroups", "TargetGroupARNs",
		    "TargetGroupARNs", f)) {
		fail_prefix(f, "cannot take '%s' out of service", asg_name(group));
		return false;
	}
	if (serving)
		asg_event(c, "deregistered", group, json_pack("{s:s}", "by", by));
	return true;
}

static json_t *ids_of(const json_t *group)
{
	json_t *ids = json_array(), *instance;
	size_t i;

	json_array_foreach(aws_arr(group, "Instances"), i, instance)
		json_array_append_new(ids, json_string(aws_str(instance, "InstanceId")));
	return ids;
}

bool asg_drain(struct asg_cloud *c, const json_t *group, struct failure *f)
{
	json_auto_t *now = asg_find(c, asg_name(group), f);
	json_auto_t *note = asg_note(now, ASG_NOTE_RETIRED);
	json_auto_t *ids = ids_of(group);
	int clear = 0;
	long long n;
	struct wait w;
	bool ok = true;

	if (!now)
		return false;
	if (!json_array_size(ids) || !note)
		return true;
	wait_begin(&w, c->limit_ms, 0, c->interval_ms, "draining '%s'", asg_name(group));
	do { /* said twice, since an answer may lag */
		n = asg_registered(c, ids, json_object_get(note, "elb"),
				   json_object_get(note, "tg"), f);
		if (n > 0)
			wait_say(&w, "%lld instances still have connections", n);
		clear = n == 0 ? clear + 1 : 0;
		ok = n >= 0 && (clear > 1 || wait_more(&w, f));
	} while (ok && clear < 2);
	wait_end(&w);
	if (ok)
		asg_event(c, "drained", group, NULL);
	return ok;
}

/* Another change of the group is under way: not yet. */
static bool busy(const struct failure *f)
{
	return f->code &&
	       (!strcmp(f->code, "ScalingActivityInProgress") ||
		!strcmp(f->code, "ResourceInUse") || !strcmp(f->code, "ResourceContention"));
}

/* One look: 1 gone, 0 still there, -1 failed. Asks to delete it when nobody has. */
static int delete_step(struct asg_cloud *c, const char *name, int64_t made, struct wait *w,
		       bool *asked, struct failure *f)
{
	json_auto_t *group = asg_find(c, name, f);
	bool gone = false;

	if (!group)
		return -1;
	if (!asg_same(group, name, made))
		return 1;
	if (!*asked && !asg_going(group)) {
		if (asg_change(
			c, "autoscaling", "DeleteAutoScalingGroup",
			json_pack("{s:s, s:b}", "AutoScalingGroupName", name, "ForceDelete", 1),
			&gone, f))
			*asked = true;
		else if (busy(f))
			wait_say(w, "busy: %s", f->message);
		else
			return -1;
		return 0;
	}
	wait_say(w, "%zu instances left", json_array_size(aws_arr(group, "Instances")));
	return 0;
}

bool asg_delete(struct asg_cloud *c, const json_t *group, struct failure *f)
{
	const char *name = asg_name(group);
	bool asked = false;
	struct wait w;
	int done;

	wait_begin(&w, c->limit_ms, 0, c->interval_ms, "deleting '%s'", name);
	while (!(done = delete_step(c, name, asg_made(group), &w, &asked, f)))
		if (!wait_more(&w, f))
			break;
	wait_end(&w);
	if (done != 1) {
		fail_prefix(f, "cannot delete '%s'", name);
		return false;
	}
	asg_event(c, "deleted", group, NULL);
	return true;
}

/* Instances that are protected from scale-in would stay. */
static bool unprotect(struct asg_cloud *c, const json_t *group, struct failure *f)
{
	json_t *ids = json_array(), *instance;
	size_t i;

	json_array_foreach(aws_arr(group, "Instances"), i, instance)
		if (aws_bool(instance, "ProtectedFromScaleIn"))
			json_array_append_new(ids, json_string(aws_str(instance, "InstanceId")));
	if (!json_array_size(ids)) {
		json_decref(ids);
		return true;
	}
	return asg_change(c, "autoscaling", "SetInstanceProtection",
			  json_pack("{s:s, s:o, s:b}", "AutoScalingGroupName", asg_name(group),
				    "InstanceIds", ids, "ProtectedFromScaleIn", 0),
			  NULL, f);
}

static bool resize(struct asg_cloud *c, const char *name, long long min, long long max,
		   long long desired, struct failure *f)
{
	return asg_change(c, "autoscaling", "UpdateAutoScalingGroup",
			  json_pack("{s:s, s:I, s:I, s:I}", "AutoScalingGroupName", name, "MinSize",
				    (json_int_t)min, "MaxSize", (json_int_t)max, "DesiredCapacity",
				    (json_int_t)desired),
			  NULL, f);
}

static int empty_step(struct asg_cloud *c, const char *name, int64_t made, struct wait *w,
		      struct failure *f)
{
	json_auto_t *group = asg_find(c, name, f);

	if (!group)
		return -1;
	if (!asg_same(group, name, made) || asg_going(group))
		return 1;
	if (aws_int(group, "DesiredCapacity") || aws_int(group, "MinSize") ||
	    aws_int(group, "MaxSize"))
		return unprotect(c, group, f) && resize(c, name, 0, 0, 0, f) ? 0 : -1;
	if (!json_array_size(aws_arr(group, "Instances")))
		return 1;
	wait_say(w, "%zu instances left", json_array_size(aws_arr(group, "Instances")));
	return 0;
}

bool asg_empty(struct asg_cloud *c, const json_t *group, struct failure *f)
{
	const char *name = asg_name(group);
	struct wait w;
	int done;

	wait_begin(&w, c->limit_ms, 0, c->interval_ms, "emptying '%s'", name);
	while (!(done = empty_step(c, name, asg_made(group), &w, f)))
		if (!wait_more(&w, f))
			break;
	wait_end(&w);
	if (done != 1) {
		fail_prefix(f, "cannot scale '%s' to nothing", name);
		return false;
	}
	asg_event(c, "kept", group, NULL);
	return true;
}

static bool attach(struct asg_cloud *c, const json_t *group, const char *action, const char *member,
		   const json_t *wanted, struct failure *f)
{
	json_t *missing = json_array(), *name;
	size_t i, k;

	json_array_foreach(wanted, i, name) {
		json_t *there;
		bool found = false;

		json_array_foreach(aws_arr(group, member), k, there)
			found = found || json_equal(there, name);
		if (!found)
			json_array_append(missing, name);
	}
	if (!json_array_size(missing)) {
		json_decref(missing);
		return true;
	}
	return asg_change(
	    c, "autoscaling", action,
	    json_pack("{s:s, s:o}", "AutoScalingGroupName", asg_name(group), member, missing), NULL,
	    f);
}

bool asg_reinstate(struct asg_cloud *c, const json_t *group, long long desired, struct failure *f)
{
	json_auto_t *note = asg_note(group, ASG_NOTE_RETIRED);
	const char *name = asg_name(group), *resume = asg_note_text(note, "resume");
	long long max = asg_note_number(note, "max"), least = asg_note_number(note, "desired");

	if (desired < least)
		desired = least;
	if (desired < aws_int(group, "DesiredCapacity"))
		desired = aws_int(group, "DesiredCapacity");
	if (max < desired)
		max = desired;
	return attach(c, group, "AttachLoadBalancers", "LoadBalancerNames",
		      json_object_get(note, "elb"), f) &&
	       attach(c, group, "AttachLoadBalancerTargetGroups", "TargetGroupARNs",
		      json_object_get(note, "tg"), f) &&
	       (!*resume || asg_change(c, "autoscaling", "ResumeProcesses",
				       json_pack("{s:s, s:[s]}", "AutoScalingGroupName", name,
						 "ScalingProcesses", resume),
				       NULL, f)) &&
	       ((aws_int(group, "DesiredCapacity") == desired &&
		 aws_int(group, "MaxSize") == max) ||
		resize(c, name, asg_note_number(note, "min"), max, desired, f));
}
