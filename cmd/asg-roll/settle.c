/* SPDX-License-Identifier: ISC
 * Until every instance is in service, and healthy behind every balancer; seen twice in a row, in
 * answers that were asked for one after the other. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "roll.h"
#include "status.h"

enum { TIMES_SEEN = 2, TIMES_SILENT = 3, RESERVE_MS = 60000 };

struct settling {
	struct wait w;
	int well, silent, missing; /* in a row */
	json_t *known_failures;    /* ids of activities that failed before this run looked */
	char *reason;              /* why the last launch failed; NULL when none did */
	char *why;                 /* what was missing at the last look */
};

bool roll_replaced(const struct roll *r, const json_t *group)
{
	json_auto_t *note = asg_note(group, ASG_NOTE_RETIRED);

	return note && strcmp(asg_note_text(note, "mode"), "back") != 0 &&
	       strcmp(asg_note_text(note, "by"), r->name) != 0;
}

/* The newest launches, until one that went well: those that failed since we look. */
static long long count_failures(struct settling *s, const json_t *activities)
{
	long long n = 0;
	json_t *activity;
	size_t i;

	free(s->reason);
	s->reason = NULL;
	json_array_foreach(activities, i, activity) {
		const char *status = aws_str(activity, "StatusCode");

		if (strncmp(aws_str(activity, "Description"), "Launching", 9) != 0)
			continue;
		if (!strcmp(status, "Successful"))
			break;
		if (strcmp(status, "Failed") != 0)
			continue;
		if (json_object_get(s->known_failures, aws_str(activity, "ActivityId")))
			break;
		if (!s->reason)
			s->reason = mem_dup(aws_str(activity, "StatusMessage"));
		n++;
	}
	return n;
}

static json_t *activities_of(struct roll *r, struct failure *f)
{
	json_auto_t *answer = aws_do(
	    r->cloud.aws, "autoscaling", "DescribeScalingActivities", HTTP_READ,
	    json_pack("{s:s, s:i}", "AutoScalingGroupName", r->name, "MaxRecords", 50), f, NULL);

	return answer ? json_incref(aws_arr(answer, "Activities")) : NULL;
}

/* What failed before is not held against a run that is started again. */
static bool note_failures(struct roll *r, struct settling *s, struct failure *f)
{
	json_auto_t *activities = NULL;
	json_t *activity;
	size_t i;

	s->known_failures = json_object();
	if (r->how == HOW_NEW && !r->resumed)
		return true;
	if (!(activities = activities_of(r, f)))
		return false;
	json_array_foreach(activities, i, activity)
		if (!strcmp(aws_str(activity, "StatusCode"), "Failed"))
			json_object_set_new(s->known_failures, aws_str(activity, "ActivityId"),
					    json_true());
	return true;
}

/* One look: 1 healthy, 0 not yet, -1 it will not be, or the cloud does not answer. */
static int look(struct roll *r, struct settling *s, struct failure *f)
{
	json_auto_t *group = asg_find(&r->cloud, r->name, f), *note = NULL, *activities = NULL;
	struct asg_health h;
	long long failed;
	bool ok;

	if (!group)
		return -1;
	if (!json_is_object(group)) {
		if (++s->missing >= TIMES_SEEN)
			fail_set(f, ST_NO, "superseded", "asg '%s' was deleted meanwhile", r->name);
		return s->missing >= TIMES_SEEN ? -1 : 0;
	}
	s->missing = 0;
	if (roll_replaced(r, group) || asg_going(group)) {
		fail_set(f, ST_NO, "superseded", "asg '%s' is being %s", r->name,
			 roll_replaced(r, group) ? "retired by another deployment" : "deleted");
		return -1;
	}
	note = asg_note(group, ASG_NOTE_RETIRED);
	if (!asg_look(&r->cloud, group,
		      note ? json_object_get(note, "elb") : r->want.load_balancers,
		      note ? json_object_get(note, "tg") : r->want.target_groups, &h, f))
		return -1;
	json_decref(r->own);
	r->own = json_incref(group);
	if (aws_int(group, "DesiredCapacity") >= r->expects)
		r->expects = 0;
	ok = h.ok && !r->expects; /* an answer from before the group was resized says nothing */
	free(s->why);
	s->why = mem_dup(h.why ? h.why : "it became healthy only just now");
	wait_say(&s->w, "%lld of %lld healthy%s%s", h.good, aws_int(group, "DesiredCapacity"),
		 h.why ? ", " : "", h.why ? h.why : "");
	asg_health_free(&h);
	if (ok)
		return 1;
	if (!(activities = activities_of(r, f)))
		return -1;
	failed = count_failures(s, activities);
	if (failed < r->o->failures)
		return 0;
	fail_set(f, ST_NO, "launch-failed", "asg '%s': %lld launches failed, the last one: %s",
		 r->name, failed, s->reason);
	return -1;
}

/* A cloud that is silent for a moment is no reason to give up. */
static bool go_on(struct settling *s, struct failure *f)
{
	if (f->status != ST_TEMP || ++s->silent >= TIMES_SILENT)
		return false;
	wait_say(&s->w, "%s", f->message);
	fail_free(f);
	return true;
}

static bool not_in_time(struct roll *r, struct settling *s, struct failure *f)
{
	long long seconds = (s->w.deadline - s->w.began) / 1000;

	return fail_set(f, ST_NO, "not-healthy", "asg '%s' is not healthy after %lld s: %s%s%s",
			r->name, seconds, s->why ? s->why : "it has not been seen",
			s->reason ? ": " : "", s->reason ? s->reason : "");
}

static bool settle(struct roll *r, struct settling *s, struct failure *f)
{
	int seen;

	if (!note_failures(r, s, f))
		return false;
	for (;;) {
		seen = look(r, s, f);
		if (seen < 0 && !go_on(s, f))
			return false;
		if (seen >= 0)
			s->silent = 0;
		s->well = seen > 0 ? s->well + 1 : 0;
		if (s->well >= TIMES_SEEN)
			return true;
		if (wait_more(&s->w, f))
			continue;
		if (f->status == ST_TEMP && !s->silent)
			not_in_time(r, s, f);
		return false;
	}
}

bool roll_settle(struct roll *r, struct failure *f)
{
	struct settling s = {0};
	int64_t left = clk_left(), reserve = left / 3 < RESERVE_MS ? left / 3 : RESERVE_MS;
	bool ok;

	wait_begin(&s.w, r->o->limit_ms, reserve, r->cloud.interval_ms, "'%s'", r->name);
	ok = settle(r, &s, f);
	wait_end(&s.w);
	free(s.reason);
	free(s.why);
	json_decref(s.known_failures);
	return ok;
}
