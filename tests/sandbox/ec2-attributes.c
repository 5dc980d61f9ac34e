/* SPDX-License-Identifier: ISC
 * Attributes of machines, and what they say on their console. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static json_t *named(struct request *r)
{
	json_t *i = ec2_instance(aws_place(r), arg(r, "InstanceId"));

	if (!args_given(r, "InstanceId", NULL))
		return NULL;
	if (!i)
		return refuse(r, 400, "InvalidInstanceID.NotFound",
			      "The instance ID '%s' does not exist", arg(r, "InstanceId"));
	return i;
}

/* The value of that attribute in both forms of the call; NULL: it is not what is changed. */
static const char *value_of(const struct request *r, const char *attribute)
{
	char *member = mem_dup(attribute);
	const json_t *given;

	if (!strcasecmp(arg(r, "Attribute"), attribute)) {
		free(member);
		return arg(r, "Value");
	}
	*member = (char)(*member & ~32);
	given = json_object_get(r->params, member);
	free(member);
	return json_is_object(given) ? str(given, "Value") : json_string_value(given);
}

static bool set_behavior(struct request *r, json_t *i, const char *value)
{
	if (!strcmp(value, "stop") || !strcmp(value, "terminate")) {
		put_str(i, "_shutdown_behavior", value);
		return true;
	}
	refuse(r, 400, "InvalidParameterValue",
	       "Invalid value '%s' for instanceInitiatedShutdownBehavior.", value);
	return false;
}

static bool set_stopped(struct request *r, json_t *i, const char *member, const char *value)
{
	if (ec2_is(i, "stopped")) {
		put_str(i, member, value);
		return true;
	}
	refuse(r, 400, "IncorrectInstanceState", "The instance '%s' is not in the 'stopped' state.",
	       str(i, "instanceId"));
	return false;
}

static bool set_groups(struct request *r, json_t *i)
{
	json_t *groups = json_array(), *id, *group;
	size_t n;

	json_array_foreach(seq(r->params, "GroupId"), n, id) {
		group = ec2_group_named(aws_place(r), text_of(id));
		if (!group) {
			json_decref(groups);
			refuse(r, 400, "InvalidGroup.NotFound",
			       "The security group '%s' does not exist", text_of(id));
			return false;
		}
		add(groups, json_pack("{s:s, s:s}", "groupId", str(group, "groupId"), "groupName",
				      str(group, "groupName")));
	}
	ec2_put_groups(aws_place(r), i, groups);
	return true;
}

json_t *modify_instance(struct request *r)
{
	json_t *i = named(r);
	const char *value;

	if (!i)
		return NULL;
	if ((value = value_of(r, "instanceInitiatedShutdownBehavior")) &&
	    !set_behavior(r, i, value))
		return NULL;
	if ((value = value_of(r, "disableApiTermination")))
		put(i, "_protected", json_boolean(!strcmp(value, "true")));
	if ((value = value_of(r, "instanceType")) && !set_stopped(r, i, "instanceType", value))
		return NULL;
	if ((value = value_of(r, "userData")) &&
	    (!ec2_user_data_good(r, value) || !set_stopped(r, i, "_user_data", value)))
		return NULL;
	if (has(r->params, "GroupId") && !set_groups(r, i))
		return NULL;
	return json_pack("{s:b}", "return", 1);
}

json_t *describe_instance_attribute(struct request *r)
{
	static const struct {
		const char *attribute, *member;
	} values[] = {{"instanceInitiatedShutdownBehavior", "_shutdown_behavior"},
		      {"disableApiTermination", "_protected"},
		      {"instanceType", "instanceType"},
		      {"rootDeviceName", "rootDeviceName"},
		      {"sourceDestCheck", "sourceDestCheck"},
		      {"enaSupport", "enaSupport"},
		      {"userData", "_user_data"}};
	const char *wanted = arg(r, "Attribute");
	json_t *i = named(r), *result;

	if (!i || !args_given(r, "Attribute", NULL))
		return NULL;
	result = json_pack("{s:s}", "instanceId", str(i, "instanceId"));
	if (!strcmp(wanted, "groupSet") || !strcmp(wanted, "blockDeviceMapping")) {
		put(result, wanted, json_incref(json_object_get(i, wanted)));
		return result;
	}
	for (size_t n = 0; n < sizeof values / sizeof *values; n++)
		if (!strcmp(values[n].attribute, wanted)) {
			json_t *value = json_object_get(i, values[n].member);

			if (!value && !strcmp(wanted, "disableApiTermination"))
				value = json_false();
			put(result, wanted,
			    value ? json_pack("{s:O}", "value", value) : json_object());
			return result;
		}
	json_decref(result);
	return refuse(r, 400, "InvalidParameterValue",
		      "Value (%s) for parameter attribute is invalid. Unknown attribute.", wanted);
}

/* Nothing at first: what a machine says is taken some time after it runs. */
json_t *get_console_output(struct request *r)
{
	json_t *i = named(r), *result;
	struct buf output = {0};
	char *text, now[32];
	size_t len, at;

	if (!i)
		return NULL;
	result = json_pack("{s:s, s:s}", "instanceId", arg(r, "InstanceId"), "timestamp",
			   world_iso(world_now(), now));
	text = world_now() < num(i, "_running_at", 0) + phase_ms("console") ? NULL : ec2_console(i);
	len = text ? strlen(text) : 0;
	at = len > 65536 ? len - 65536 : 0; /* more is not kept */
	if (len)
		buf_base64(&output, text + at, len - at);
	if (output.len)
		put_str(result, "output", output.data);
	buf_free(&output);
	free(text);
	return result;
}
