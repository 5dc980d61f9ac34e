/* SPDX-License-Identifier: ISC
 * The launch template: named from the group and a digest of what is in it, so that a second run
 * finds the first one's. */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "mem.h"
#include "roll.h"
#include "sha256-hex.h"
#include "status.h"

enum { LONGEST_NAME = 128 };

static json_t *tags_of(const struct roll *r, const char *content)
{
	json_t *list = json_array(), *value;
	const char *key;

	json_object_foreach(json_object_get(r->rec->json, "tags"), key, value)
		json_array_append_new(list, json_pack("{s:s, s:O}", "Key", key, "Value", value));
	json_array_append_new(list,
			      json_pack("{s:s, s:s}", "Key", "sluice:run", "Value", r->want.run));
	if (content)
		json_array_append_new(
		    list, json_pack("{s:s, s:s}", "Key", "sluice:content", "Value", content));
	return list;
}

/* What instances are launched with, but for the user data and the run. */
static json_t *data_of(const struct roll *r)
{
	const char *key = rec_string(r->rec, "key_pair"),
		   *profile = rec_string(r->rec, "instance_profile");
	json_t *data = json_pack("{s:s, s:s}", "ImageId", r->want.image, "InstanceType",
				 rec_string(r->rec, "instance_type"));

	if (!data)
		mem_out();
	if (key)
		json_object_set_new(data, "KeyName", json_string(key));
	if (json_array_size(r->want.security_groups))
		json_object_set(data, "SecurityGroupId", r->want.security_groups);
	if (profile)
		json_object_set_new(
		    data, "IamInstanceProfile",
		    json_pack("{s:s}", strncmp(profile, "arn:", 4) ? "Name" : "Arn", profile));
	return data;
}

/* GROUP-DIGEST, in the characters that a template's name may have. */
static void name_template(struct roll *r, char content[65])
{
	json_auto_t *data = data_of(r);
	const char *wanted = rec_string(r->rec, "launch_template");
	const char *base = wanted ? wanted : r->name;
	char *text, *at;

	json_object_set_new(data, "user_data", json_string(r->want.user_data));
	json_object_set(data, "tags", json_object_get(r->rec->json, "tags"));
	if (!(text = json_dumps(data, JSON_COMPACT | JSON_SORT_KEYS)))
		mem_out();
	sha256_hex(text, strlen(text), content);
	free(text);
	free(r->want.template_name);
	r->want.template_name = mem_fmt("%.*s-%.12s", LONGEST_NAME - 13, base, content);
	for (at = r->want.template_name; *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789().-/_",
			    *at))
			*at = '-';
}

json_t *template_find(struct roll *r, struct failure *f)
{
	char content[65];
	json_t *list, *found;

	name_template(r, content);
	list = aws_list(r->cloud.aws, "ec2", "DescribeLaunchTemplates",
			json_pack("{s:[s]}", "LaunchTemplateName", r->want.template_name),
			"launchTemplates", f);
	if (!list && !asg_not_there(f))
		return NULL;
	if (!list)
		fail_free(f);
	found = json_incref(json_array_get(list, 0));
	json_decref(list);
	return found ? found : json_null();
}

static char *encoded_user_data(const struct roll *r)
{
	const json_t *value = json_object_get(r->rec->json, "user_data");
	struct buf text = {0};

	if (!json_string_length(value))
		return NULL;
	buf_base64(&text, json_string_value(value), json_string_length(value));
	return buf_take(&text);
}

static json_t *params_of(const struct roll *r, const char *content)
{
	json_t *data = data_of(r);
	char *user_data = encoded_user_data(r);
	unsigned char chance[16];
	struct buf token = {0};
	json_t *params;

	if (user_data)
		json_object_set_new(data, "UserData", json_string(user_data));
	free(user_data);
	json_object_set_new(
	    data, "TagSpecification",
	    json_pack("[{s:s, s:o}]", "ResourceType", "volume", "Tag", tags_of(r, NULL)));
	clk_random(chance, sizeof chance);
	buf_hex(&token, chance, sizeof chance);
	params = json_pack("{s:s, s:s, s:o, s:[{s:s, s:o}]}", "LaunchTemplateName",
			   r->want.template_name, "ClientToken", token.data, "LaunchTemplateData",
			   data, "TagSpecification", "ResourceType", "launch-template", "Tag",
			   tags_of(r, content));
	buf_free(&token);
	if (!params)
		mem_out();
	return params;
}

/* Another run, or this one before it was killed, made it a moment ago: lists may lag. */
static bool await_template(struct roll *r, struct failure *f)
{
	struct wait w;
	json_t *found;
	bool ok;

	wait_begin(&w, r->cloud.patience_ms, 0, r->cloud.interval_ms, "launch template '%s'",
		   r->want.template_name);
	while ((found = template_find(r, f)) && json_is_null(found))
		if (!wait_more(&w, f))
			break;
	wait_end(&w);
	ok = json_is_object(found);
	if (ok)
		r->want.template_id = mem_dup(aws_str(found, "launchTemplateId"));
	json_decref(found);
	return ok;
}

bool template_make(struct roll *r, struct failure *f)
{
	char content[65];
	struct failure why = {0};
	json_auto_t *found = template_find(r, f), *made = NULL;

	if (!found)
		return false;
	free(r->want.template_id);
	r->want.template_id = NULL;
	if (json_is_object(found)) {
		r->want.template_id = mem_dup(aws_str(found, "launchTemplateId"));
		return true;
	}
	name_template(r, content);
	made = aws_do(r->cloud.aws, "ec2", "CreateLaunchTemplate", HTTP_IDEMPOTENT,
		      params_of(r, content), &why, NULL);
	if (!made && why.code && strstr(why.code, "AlreadyExists")) {
		fail_free(&why);
		return await_template(r, f);
	}
	if (!made) {
		fail_move(f, &why);
		fail_prefix(f, "cannot create launch template '%s'", r->want.template_name);
		return false;
	}
	r->want.template_id =
	    mem_dup(aws_str(json_object_get(made, "launchTemplate"), "launchTemplateId"));
	rec_event(r->cloud.io, "created", "launch-template", "aws", r->want.template_id,
		  json_pack("{s:s, s:s}", "region", r->want.region, "name", r->want.template_name));
	return true;
}
