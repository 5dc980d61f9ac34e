/* SPDX-License-Identifier: ISC
 * Of IAM only what a deployment asks: whether an instance profile is there. Every account has one,
 * tmtt. */
#include <string.h>

#include "aws.h"

static json_t *get_instance_profile(struct request *r)
{
	const char *name = arg(r, "InstanceProfileName");

	if (!args_given(r, "InstanceProfileName", NULL))
		return NULL;
	if (strcmp(name, "tmtt") != 0)
		return refuse(r, 404, "NoSuchEntity", "Instance Profile %s cannot be found.", name);
	return json_pack("{s:{s:s, s:s, s:s+++, s:s, s:[]}}", "InstanceProfile",
			 "InstanceProfileName", name, "InstanceProfileId", "AIPASANDBOX", "Arn",
			 "arn:aws:iam::", r->account, ":instance-profile/", name, "Path", "/",
			 "Roles");
}

static const struct aws_action actions[] = {
    {"GetInstanceProfile", get_instance_profile, false},
    {NULL, NULL, false},
};

const struct aws_service iam_service = {
    "iam", "iam",  "2010-05-08", AWS_QUERY, "https://iam.amazonaws.com/doc/2010-05-08/",
    false, actions};
