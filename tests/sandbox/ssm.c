/* SPDX-License-Identifier: ISC
 * Parameters. The public ones name images that are there. */
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

static json_t *parameters(const struct request *r)
{
	return table(aws_place(r), "parameters");
}

/* The newest available image of OWNER whose name begins and ends so. */
static const json_t *newest(const char *region, const char *owner, const char *begin,
			    const char *end)
{
	const char *id;
	json_t *image;
	const json_t *best = NULL;

	json_object_foreach(sub(sub(state(), "images"), region), id, image) {
		const char *name = str(image, "name");
		size_t len = strlen(name);

		if (strcmp(str(image, "imageOwnerId"), owner) != 0 ||
		    strncmp(name, begin, strlen(begin)) != 0 || len < strlen(end) ||
		    strcmp(name + len - strlen(end), end) != 0)
			continue;
		if (!best || strcmp(str(image, "creationDate"), str(best, "creationDate")) > 0)
			best = image;
	}
	return best;
}

static const struct {
	const char *path, *owner, *begin, *end;
} public[] = {
    {"/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended", "591542846629",
     "al2023-ami-ecs-hvm-", "-x86_64"},
    {"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64", "137112412989",
     "al2023-ami-2023.", "-x86_64"},
    {"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64", "137112412989",
     "al2023-ami-2023.", "-arm64"},
};

static char *public_value(const char *region, const char *name)
{
	for (size_t i = 0; i < sizeof public / sizeof *public; i++) {
		size_t len = strlen(public[i].path);
		const json_t *image =
		    newest(region, public[i].owner, public[i].begin, public[i].end);
		json_t *whole;
		char *text;

		if (!image || strncmp(name, public[i].path, len) != 0)
			continue;
		if (strcmp(public[i].path + len - 11, "recommended") != 0) {
			if (!name[len])
				return mem_dup(str(image, "imageId"));
			continue;
		}
		if (!strcmp(name + len, "/image_id"))
			return mem_dup(str(image, "imageId"));
		if (!strcmp(name + len, "/image_name"))
			return mem_dup(str(image, "name"));
		if (name[len])
			continue;
		whole =
		    json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "schema_version", 1, "image_name",
			      str(image, "name"), "image_id", str(image, "imageId"), "os",
			      "Amazon Linux 2023", "ecs_agent_version", "1.99.0",
			      "ecs_runtime_version", "Docker version 25.0.8");
		text = json_dumps(whole, JSON_COMPACT);
		json_decref(whole);
		return text;
	}
	return NULL;
}

/* A new object, NULL: no such parameter. */
static json_t *look_up(struct request *r, const char *name)
{
	json_t *own = json_object_get(parameters(r), name), *shown;
	char *value;

	if (own)
		return json_incref(own);
	value = public_value(r->region, name);
	if (!value)
		return NULL;
	shown =
	    json_pack("{s:s, s:s, s:s, s:i, s:f, s:s, s:s++++}", "Name", name, "Type", "String",
		      "Value", value, "Version", 1, "LastModifiedDate", 1760000000.0, "DataType",
		      "text", "ARN", "arn:aws:ssm:", r->region, "::parameter", name, "");
	free(value);
	return shown;
}

static json_t *get_one(struct request *r)
{
	json_t *found = look_up(r, arg(r, "Name"));

	if (!found)
		return refuse(r, 400, "ParameterNotFound", "Parameter %s not found.",
			      arg(r, "Name"));
	return json_pack("{s:o}", "Parameter", found);
}

static json_t *get_several(struct request *r)
{
	json_t *found = json_array(), *missing = json_array(), *name, *one;
	size_t i;

	json_array_foreach(seq(r->params, "Names"), i, name) {
		one = look_up(r, text_of(name));
		if (one)
			add(found, one);
		else
			json_array_append(missing, name);
	}
	return json_pack("{s:o, s:o}", "Parameters", found, "InvalidParameters", missing);
}

static json_t *put_one(struct request *r)
{
	const char *name = arg(r, "Name");
	json_t *old = json_object_get(parameters(r), name);
	long long version = num(old, "Version", 0) + 1;

	if (!*name || !has(r->params, "Value"))
		return refuse(r, 400, "ValidationException", "1 validation error detected");
	if (!strncmp(name, "/aws", 4))
		return refuse(r, 400, "AccessDeniedException",
			      "No access to reserved parameter name: %s.", name);
	if (old && !yes(r->params, "Overwrite"))
		return refuse(
		    r, 400, "ParameterAlreadyExists",
		    "The parameter already exists. To overwrite this value, set the overwrite "
		    "option in the request to true.");
	put(parameters(r), name,
	    json_pack("{s:s, s:s, s:s, s:I, s:f, s:s, s:s++++++}", "Name", name, "Type",
		      has(r->params, "Type") ? arg(r, "Type") : "String", "Value", arg(r, "Value"),
		      "Version", (json_int_t)version, "LastModifiedDate",
		      (double)world_now() / 1000.0, "DataType", "text", "ARN",
		      "arn:aws:ssm:", r->region, ":", r->account, ":parameter", name, ""));
	return json_pack("{s:I, s:s}", "Version", (json_int_t)version, "Tier", "Standard");
}

void ssm_seed(json_t *seed)
{
	const char *account = has(seed, "account") ? str(seed, "account") : "123456789012";
	const char *region = has(seed, "region") ? str(seed, "region") : "us-west-2", *name;
	json_t *value;

	json_object_foreach(json_object_get(seed, "parameters"), name, value)
		put(table(place(account, region), "parameters"), name,
		    json_pack("{s:s, s:s, s:O, s:i, s:f}", "Name", name, "Type", "String", "Value",
			      value, "Version", 1, "LastModifiedDate", 1760000000.0));
}

static const struct aws_action actions[] = {
    {"GetParameter", get_one, false},
    {"GetParameters", get_several, false},
    {"PutParameter", put_one, true},
    {NULL, NULL, false},
};

const struct aws_service ssm_service = {"ssm", "ssm", "AmazonSSM", AWS_JSON, "", false, actions};
