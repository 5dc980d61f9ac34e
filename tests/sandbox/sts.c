/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

static json_t *caller_identity(struct request *r)
{
	const json_t *key = json_object_get(sub(state(), "keys"), r->access_key);

	return json_pack("{s:s, s:s, s:s}", "UserId", "AIDASANDBOX", "Account", r->account, "Arn",
			 str(key, "arn"));
}

/* arn:aws:iam::ACCOUNT:role/NAME, the name may have a path. */
static json_t *assume_role(struct request *r)
{
	const char *role = arg(r, "RoleArn"), *session = arg(r, "RoleSessionName"), *name;
	char account[13] = "", *arn;
	json_t *credentials;
	long long seconds = num(r->params, "DurationSeconds", 3600);

	if (!args_given(r, "RoleArn", "RoleSessionName", NULL))
		return NULL;
	name = strrchr(role, '/');
	if (strncmp(role, "arn:aws:iam::", 13) != 0 || strlen(role) < 26 || !strstr(role, ":role/"))
		return refuse(r, 400, "ValidationError", "%s is invalid", role);
	if (strstr(role, "forbidden"))
		return refuse(
		    r, 403, "AccessDenied",
		    "User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
		    r->access_key ? r->access_key : "nobody", role);
	memcpy(account, role + 13, 12);
	arn = mem_fmt("arn:aws:sts::%s:assumed-role/%s/%s", account, name + 1, session);
	seconds = num(behave(), "token_seconds", seconds);
	credentials = auth_hand_out(account, arn, seconds);
	credentials =
	    json_pack("{s:o, s:{s:s+, s:s}}", "Credentials", credentials, "AssumedRoleUser",
		      "AssumedRoleId", "AROASANDBOX:", session, "Arn", arn);
	free(arn);
	return credentials;
}

/* Unsigned: the token is what counts. */
static json_t *assume_role_with_web_identity(struct request *r)
{
	if (!args_given(r, "WebIdentityToken", NULL))
		return NULL;
	if (!strcmp(arg(r, "WebIdentityToken"), "not a token"))
		return refuse(r, 400, "InvalidIdentityToken",
			      "The ID Token provided is not a valid JWT");
	return assume_role(r);
}

static const struct aws_action actions[] = {
    {"AssumeRole", assume_role, false},
    {"AssumeRoleWithWebIdentity", assume_role_with_web_identity, false},
    {"GetCallerIdentity", caller_identity, false},
    {NULL, NULL, false},
};

const struct aws_service sts_service = {
    "sts", "sts",  "2011-06-15", AWS_QUERY, "https://sts.amazonaws.com/doc/2011-06-15/",
    false, actions};
