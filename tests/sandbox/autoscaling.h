/* SPDX-License-Identifier: ISC
 * The files of Auto Scaling among themselves. A group is its JSON as described; members that begin
 * with _ are the engine's. */
#ifndef SANDBOX_AUTOSCALING_H
#define SANDBOX_AUTOSCALING_H

#include "aws.h"

/* One account in one region. */
struct site {
	const char *account, *region;
	json_t *place;
};

struct site site_of(const struct request *r);
json_t *group_of(struct request *r);    /* AutoScalingGroupName's, else refused */
json_t *group_alive(struct request *r); /* the same, refused also while it is deleted */
json_t *member_of(json_t *group, const char *instance);
json_t *member_anywhere(struct site at, const char *instance, json_t **group); /* NULL */
bool suspended(const json_t *group, const char *process);
bool is_deleting(const json_t *group);
void note_cause(json_t *group, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* autoscaling-launch.c */
json_t *launch_data(struct site at, const json_t *group, long long *version); /* new, or NULL */
bool launch_one(struct site at, json_t *group);                               /* false: failed */

/* autoscaling-engine.c */
void member_leaves(struct site at, json_t *group, json_t *member, const char *cause);
void member_serves(struct site at, json_t *group, json_t *member);
int64_t balancers_leave(struct site at, json_t *group, const char *instance);
const json_t *hook_of(struct site at, const json_t *group, const char *transition); /* NULL */
size_t members_active(const json_t *group);

/* autoscaling-activities.c */
json_t *activity_begin(struct site at, json_t *group, const char *description, const char *cause);
void activity_end(struct site at, const char *id, const char *status, const char *message);
json_t *describe_activities(struct request *r);
json_t *shown_activity(struct site at, const char *id); /* borrowed */

json_t *create_group(struct request *r);
json_t *describe_groups(struct request *r);
json_t *update_group(struct request *r);
json_t *set_desired(struct request *r);
json_t *delete_group(struct request *r);

json_t *attach_balancers(struct request *r);
json_t *detach_balancers(struct request *r);
json_t *describe_balancers(struct request *r);
json_t *attach_target_groups(struct request *r);
json_t *detach_target_groups(struct request *r);
json_t *describe_target_groups_of(struct request *r);

json_t *describe_members(struct request *r);
json_t *terminate_member(struct request *r);
json_t *enter_standby(struct request *r);
json_t *exit_standby(struct request *r);
json_t *set_protection(struct request *r);
json_t *set_health(struct request *r);

json_t *create_configuration(struct request *r);
json_t *describe_configurations(struct request *r);
json_t *delete_configuration(struct request *r);

json_t *tag_groups(struct request *r);
json_t *untag_groups(struct request *r);
json_t *describe_group_tags(struct request *r);
void group_tag(json_t *group, const json_t *tag);

json_t *put_policy(struct request *r);
json_t *describe_policies(struct request *r);
json_t *delete_policy(struct request *r);
json_t *put_schedule(struct request *r);
json_t *put_schedules(struct request *r);
json_t *describe_schedules(struct request *r);
json_t *delete_schedule(struct request *r);
json_t *put_hook(struct request *r);
json_t *describe_hooks(struct request *r);
json_t *delete_hook(struct request *r);
json_t *complete_hook(struct request *r);
json_t *put_notification(struct request *r);
json_t *describe_notifications(struct request *r);
json_t *delete_notification(struct request *r);
json_t *suspend_processes(struct request *r);
json_t *resume_processes(struct request *r);

#endif
