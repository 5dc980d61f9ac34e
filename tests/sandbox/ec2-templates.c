/* SPDX-License-Identifier: ISC
 * Launch templates: {"launchTemplateId",…,"_versions":{"1":{…}}}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static json_t *templates(json_t *where)
{
	return table(where, "templates");
}

json_t *ec2_template(json_t *where, const char *id, const char *name)
{
	const char *key;
	json_t *one;

	if (*id)
		return json_object_get(templates(where), id);
	json_object_foreach(templates(where), key, one)
		if (!strcmp(str(one, "launchTemplateName"), name))
			return one;
	return NULL;
}

static json_t *version_of(json_t *template, const char *version)
{
	char text[24];

	if (!strcmp(version, "$Latest"))
		snprintf(text, sizeof text, "%lld", num(template, "latestVersionNumber", 1));
	else if (!*version || !strcmp(version, "$Default"))
		snprintf(text, sizeof text, "%lld", num(template, "defaultVersionNumber", 1));
	else
		snprintf(text, sizeof text, "%s", version);
	return json_object_get(sub(template, "_versions"), text);
}

json_t *ec2_template_data(json_t *template, const char *version, long long *number)
{
	json_t *one = version_of(template, version);

	*number = num(one, "versionNumber", 0);
	return json_object_get(one, "launchTemplateData");
}

bool ec2_user_data_good(struct request *r, const char *text)
{
	struct buf plain = {0};
	bool good = !buf_unbase64(&plain, text, strlen(text));

	if (!good)
		refuse(r, 400, "InvalidUserData.Malformed",
		       "Invalid BASE64 encoding of user data.");
	else if (plain.len > 16384)
		refuse(r, 400, "InvalidParameterValue", "User data is limited to 16384 bytes");
	good = good && plain.len <= 16384;
	buf_free(&plain);
	return good;
}

static bool data_good(struct request *r)
{
	const json_t *data = json_object_get(r->params, "LaunchTemplateData");

	if (json_is_object(data) && json_object_size(data))
		return ec2_user_data_good(r, str(data, "UserData"));
	refuse(r, 400, "InvalidParameterValue",
	       "The launch template data is missing or contains no parameters");
	return false;
}

static json_t *add_version(struct request *r, json_t *template)
{
	char text[24], now[32];
	long long number = num(template, "latestVersionNumber", 0) + 1;
	json_t *version;

	snprintf(text, sizeof text, "%lld", number);
	put_int(template, "latestVersionNumber", number);
	version =
	    json_pack("{s:s, s:s, s:I, s:s*, s:s, s:O, s:o}", "launchTemplateId",
		      str(template, "launchTemplateId"), "launchTemplateName",
		      str(template, "launchTemplateName"), "versionNumber", (json_int_t)number,
		      "versionDescription",
		      has(r->params, "VersionDescription") ? arg(r, "VersionDescription") : NULL,
		      "createTime", world_iso(world_now(), now), "createdBy",
		      json_object_get(template, "createdBy"), "launchTemplateData",
		      wire_names(json_object_get(r->params, "LaunchTemplateData")));
	put(sub(template, "_versions"), text, version);
	return version;
}

static bool name_good(struct request *r, const char *name)
{
	static const char good[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789().-/_";

	if (strlen(name) >= 3 && strlen(name) <= 128 && name[strspn(name, good)] == '\0')
		return true;
	refuse(
	    r, 400, "InvalidLaunchTemplateName.MalformedException",
	    "A launch template name must be between 3 and 128 characters, and may contain letters, "
	    "numbers, and the following characters: - ( ) . / _.");
	return false;
}

/* What an earlier call with this token made; *mismatch when its parameters were others. */
static json_t *made_before(struct request *r, bool *mismatch)
{
	const json_t *token =
	    json_object_get(table(aws_place(r), "_tokens"), arg(r, "ClientToken"));

	*mismatch = token && !json_equal(json_object_get(token, "params"), r->params);
	return token ? ec2_template(aws_place(r), str(token, "id"), "") : NULL;
}

json_t *create_template(struct request *r)
{
	bool mismatch = false;
	json_t *template = has(r->params, "ClientToken") ? made_before(r, &mismatch) : NULL;
	char *id, now[32];

	if (mismatch)
		return refuse(r, 400, "IdempotentParameterMismatch",
			      "The client token has already been used with other parameters.");
	if (template)
		return json_pack("{s:O}", "launchTemplate", template);
	if (!args_given(r, "LaunchTemplateName", "LaunchTemplateData", NULL) ||
	    !name_good(r, arg(r, "LaunchTemplateName")) || !data_good(r))
		return NULL;
	if (ec2_template(aws_place(r), "", arg(r, "LaunchTemplateName")))
		return refuse(r, 400, "InvalidLaunchTemplateName.AlreadyExistsException",
			      "Launch template name already in use.");
	id = new_id("lt-");
	template = json_pack("{s:s, s:s, s:s, s:s++, s:i, s:i, s:o}", "launchTemplateId", id,
			     "launchTemplateName", arg(r, "LaunchTemplateName"), "createTime",
			     world_iso(world_now(), now), "createdBy", "arn:aws:iam::", r->account,
			     ":user/sandbox", "defaultVersionNumber", 1, "latestVersionNumber", 0,
			     "tagSet", tags_of_new(r, "launch-template"));
	put(templates(aws_place(r)), id, template);
	add_version(r, template);
	if (has(r->params, "ClientToken"))
		put(table(aws_place(r), "_tokens"), arg(r, "ClientToken"),
		    json_pack("{s:s, s:O}", "id", id, "params", r->params));
	free(id);
	return json_pack("{s:O}", "launchTemplate", template);
}

/* The one that LaunchTemplateId or LaunchTemplateName names, else refused. */
static json_t *named(struct request *r)
{
	json_t *template =
	    ec2_template(aws_place(r), arg(r, "LaunchTemplateId"), arg(r, "LaunchTemplateName"));

	if (template)
		return template;
	if (has(r->params, "LaunchTemplateId"))
		return refuse(r, 400, "InvalidLaunchTemplateId.NotFound",
			      "The specified launch template, with template ID %s, does not exist.",
			      arg(r, "LaunchTemplateId"));
	if (!has(r->params, "LaunchTemplateName"))
		return refuse(
		    r, 400, "MissingParameter",
		    "Either launch template ID or launch template name must be specified");
	return refuse(r, 400, "InvalidLaunchTemplateName.NotFoundException",
		      "The specified launch template, with template name %s, does not exist.",
		      arg(r, "LaunchTemplateName"));
}

static json_t *shown_version(json_t *template, json_t *version)
{
	json_t *shown = json_copy(version);

	put(shown, "defaultVersion",
	    json_boolean(num(version, "versionNumber", 0) ==
			 num(template, "defaultVersionNumber", 1)));
	return shown;
}

json_t *create_template_version(struct request *r)
{
	json_t *template = named(r), *version, *source;

	if (!template || !data_good(r))
		return NULL;
	source = version_of(template, arg(r, "SourceVersion"));
	if (has(r->params, "SourceVersion") && !source)
		return refuse(r, 400, "InvalidLaunchTemplateId.VersionNotFound",
			      "Could not find launch template version");
	version = add_version(r, template);
	if (has(r->params, "SourceVersion"))
		json_object_update_missing(json_object_get(version, "launchTemplateData"),
					   json_object_get(source, "launchTemplateData"));
	return json_pack("{s:o}", "launchTemplateVersion", shown_version(template, version));
}

json_t *describe_templates(struct request *r)
{
	static const struct filter filters[] = {{"launch-template-name", "launchTemplateName"},
						{"create-time", "createTime"},
						{NULL, NULL}};
	bool by_name = has(r->params, "LaunchTemplateName");

	return describe(
	    r,
	    &(struct describing){
		"templates", "launchTemplates", "LaunchTemplateId", "launchTemplateId",
		"LaunchTemplateName", "launchTemplateName",
		by_name ? "InvalidLaunchTemplateName.NotFoundException"
			: "InvalidLaunchTemplateId.NotFound",
		by_name ? "At least one of the launch templates specified in the request does not "
			  "exist (%s)."
			: "The specified launch template, with template ID %s, does not exist.",
		filters});
}

static const struct filter version_filters[] = {
    {"create-time", "createTime"},
    {"image-id", "launchTemplateData.imageId"},
    {"instance-type", "launchTemplateData.instanceType"},
    {"is-default-version", "defaultVersion"},
    {NULL, NULL},
};

/* The image of one that names it by a parameter of its account. */
static void resolve(const struct request *r, json_t *shown)
{
	json_t *data = json_deep_copy(sub(shown, "launchTemplateData"));
	const char *image = str(data, "imageId");
	const json_t *parameter =
	    json_object_get(table(aws_place(r), "parameters"), image + strcspn(image, "/"));

	if (!strncmp(image, "resolve:ssm:", 12) && parameter)
		put_str(data, "imageId", str(parameter, "Value"));
	put(shown, "launchTemplateData", data);
}

static void add_shown(const struct request *r, json_t *all, json_t *template, json_t *version)
{
	json_t *shown = shown_version(template, version);

	if (yes(r->params, "ResolveAlias"))
		resolve(r, shown);
	if (filters_hold(r, shown, version_filters))
		json_array_append(all, shown);
	json_decref(shown);
}

/* The wanted versions of one template, all when none are named; false: refused. */
static bool add_versions(struct request *r, json_t *all, json_t *template)
{
	const json_t *wanted = seq(r->params, "LaunchTemplateVersion");
	const char *key;
	json_t *one;
	size_t i;

	json_array_foreach(wanted, i, one) {
		json_t *version = version_of(template, text_of(one));

		if (!version) {
			refuse(r, 400, "InvalidLaunchTemplateId.VersionNotFound",
			       "Could not find the specified version %s for the launch template",
			       text_of(one));
			return false;
		}
		add_shown(r, all, template, version);
	}
	if (!json_array_size(wanted))
		json_object_foreach(json_object_get(template, "_versions"), key, one)
			add_shown(r, all, template, one);
	return true;
}

/* Without a template: the latest or default ones of all. */
static bool asks_for_all(const struct request *r)
{
	size_t i;
	json_t *one;

	if (has(r->params, "LaunchTemplateId") || has(r->params, "LaunchTemplateName"))
		return false;
	json_array_foreach(seq(r->params, "LaunchTemplateVersion"), i, one)
		if (*text_of(one) != '$')
			return false;
	return i > 0;
}

json_t *describe_template_versions(struct request *r)
{
	bool of_all = asks_for_all(r), good = true;
	json_t *template = of_all ? NULL : named(r), *all, *result;
	const char *id;

	if ((!template && !of_all) || !filters_known(r, version_filters))
		return NULL;
	all = json_array();
	if (template)
		good = add_versions(r, all, template);
	else
		json_object_foreach(templates(aws_place(r)), id, template)
			good = good && add_versions(r, all, template);
	result = json_object();
	if (!good)
		json_decref(all);
	else if (page(r, result, "launchTemplateVersionSet", all, 0))
		return result;
	json_decref(result);
	return NULL;
}

json_t *modify_template(struct request *r)
{
	json_t *template = named(r), *version;

	if (!template)
		return NULL;
	version = version_of(template, arg(r, "SetDefaultVersion"));
	if (!version)
		return refuse(r, 400, "InvalidLaunchTemplateId.VersionNotFound",
			      "Could not find launch template version");
	put_int(template, "defaultVersionNumber", num(version, "versionNumber", 1));
	return json_pack("{s:O}", "launchTemplate", template);
}

json_t *delete_template(struct request *r)
{
	json_t *template = named(r), *result;

	if (!template)
		return NULL;
	result = json_pack("{s:O}", "launchTemplate", template);
	json_object_del(templates(aws_place(r)), str(template, "launchTemplateId"));
	return result;
}
