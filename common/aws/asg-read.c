/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "../clock.h"
#include "../mem.h"
#include "../status.h"
#include "asg.h"

json_t *asg_all(struct asg_cloud *c, struct failure *f)
{
	json_t *params = json_pack("{s:i}", "MaxRecords", 100);

	return aws_list(c->aws, "autoscaling", "DescribeAutoScalingGroups", params,
			"AutoScalingGroups", f);
}

json_t *asg_find(struct asg_cloud *c, const char *name, struct failure *f)
{
	json_auto_t *groups =
	    aws_list(c->aws, "autoscaling", "DescribeAutoScalingGroups",
		     json_pack("{s:[s]}", "AutoScalingGroupNames", name), "AutoScalingGroups", f);
	size_t i;
	json_t *group;

	if (!groups)
		return NULL;
	json_array_foreach(groups, i, group)
		if (!strcmp(asg_name(group), name))
			return json_incref(group);
	return json_null();
}

const char *asg_name(const json_t *group)
{
	return aws_str(group, "AutoScalingGroupName");
}

int64_t asg_made(const json_t *group)
{
	return clk_parse_iso(aws_str(group, "CreatedTime"));
}

bool asg_same(const json_t *group, const char *name, int64_t made)
{
	return json_is_object(group) && !strcmp(asg_name(group), name) && asg_made(group) == made;
}

bool asg_going(const json_t *group)
{
	return *aws_str(group, "Status") != '\0';
}

const char *asg_tag(const json_t *group, const char *key)
{
	size_t i;
	json_t *tag;

	json_array_foreach(aws_arr(group, "Tags"), i, tag)
		if (!strcmp(aws_str(tag, "Key"), key))
			return aws_str(tag, "Value");
	return NULL;
}

bool asg_serves(const json_t *group, const char *server, const char *env)
{
	const char *s = asg_tag(group, "server"), *e = asg_tag(group, "env");

	return s && e && !strcmp(s, server) && !strcmp(e, env);
}

/* Auto Scaling has one code for all that is wrong with a name. */
bool asg_not_there(const struct failure *f)
{
	const char *code = f->code ? f->code : "", *message = f->message ? f->message : "";

	if (f->status != ST_REFUSED)
		return false;
	if (strstr(code, "NotFound") || strstr(code, "NoSuchEntity"))
		return true;
	return !strcmp(code, "ValidationError") &&
	       (strcasestr(message, "not found") || strcasestr(message, "does not exist"));
}

bool asg_change(struct asg_cloud *c, const char *service, const char *action, json_t *params,
		bool *gone, struct failure *f)
{
	struct failure why = {0};
	json_t *result = aws_do(c->aws, service, action, HTTP_IDEMPOTENT, params, &why, NULL);

	if (gone)
		*gone = false;
	if (result) {
		json_decref(result);
		return true;
	}
	if (gone && asg_not_there(&why)) {
		*gone = true;
		fail_free(&why);
		return true;
	}
	fail_move(f, &why);
	return false;
}

void asg_event(struct asg_cloud *c, const char *event, const json_t *group, json_t *more)
{
	json_t *members = json_pack("{s:s, s:s}", "region", c->region, "name", asg_name(group));
	const char *arn = aws_str(group, "AutoScalingGroupARN");

	if (!members || (more && json_object_update(members, more)))
		mem_out();
	json_decref(more);
	rec_event(c->io, event, "asg", "aws", *arn ? arn : asg_name(group), members);
}
