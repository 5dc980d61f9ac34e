/* SPDX-License-Identifier: ISC
 * The instance metadata service (version 2 only: a token must be fetched first) and the container
 * credentials endpoint. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

static const char role[] = "sandbox-role";
static const char account[] = "123456789012";

static bool claims(struct request *r)
{
	bool container =
	    !strncmp(r->path, "/v2/credentials/", 16) || !strcmp(r->path, "/container-credentials");

	if (strncmp(r->path, "/latest/", 8) != 0 && !container)
		return false;
	r->service_name = mem_dup(container ? "container" : "imds");
	r->action = mem_dup(r->path);
	r->params = json_object();
	return true;
}

static void imds_refuse(struct request *r, int status, const char *code, const char *message)
{
	(void)code;
	answer(r, status, "text/plain", message);
}

static void say(struct request *r, const char *text)
{
	answer(r, 200, "text/plain", text);
}

static json_t *credentials(void)
{
	return auth_hand_out(account,
			     "arn:aws:sts::123456789012:assumed-role/sandbox-role/i-sandbox",
			     num(behave(), "token_seconds", 21600));
}

static void hand_out_role(struct request *r)
{
	json_t *given = credentials();

	answer_json(r, 200,
		    json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s}", "Code", "Success",
			      "LastUpdated", world_time(world_wall()), "Type", "AWS-HMAC",
			      "AccessKeyId", str(given, "AccessKeyId"), "SecretAccessKey",
			      str(given, "SecretAccessKey"), "Token", str(given, "SessionToken"),
			      "Expiration", str(given, "Expiration")));
	json_decref(given);
}

static void serve_container(struct request *r)
{
	const json_t *wanted = json_object_get(behave(), "container_token");
	const char *authorization = header(r, "authorization");
	json_t *given;

	if (wanted && (!authorization || strcmp(authorization, text_of(wanted)) != 0)) {
		imds_refuse(r, 401, "", "unauthorized");
		return;
	}
	given = credentials();
	answer_json(r, 200,
		    json_pack("{s:s, s:s, s:s, s:s, s:s}", "RoleArn",
			      "arn:aws:iam::123456789012:role/sandbox-role", "AccessKeyId",
			      str(given, "AccessKeyId"), "SecretAccessKey",
			      str(given, "SecretAccessKey"), "Token", str(given, "SessionToken"),
			      "Expiration", str(given, "Expiration")));
	json_decref(given);
}

static void hand_out_token(struct request *r)
{
	const char *ttl = header(r, "x-aws-ec2-metadata-token-ttl-seconds");
	char *token = new_uuid();
	long long seconds = ttl ? strtoll(ttl, NULL, 10) : 0;

	if (strcmp(r->method, "PUT") != 0)
		imds_refuse(r, 405, "", "Method Not Allowed");
	else if (seconds < 1 || seconds > 21600)
		imds_refuse(r, 400, "", "Bad Request");
	else {
		put_int(sub(state(), "imds_tokens"), token, world_wall() + seconds * 1000);
		answer_header(r, "X-Aws-Ec2-Metadata-Token-Ttl-Seconds", ttl);
		say(r, token);
	}
	free(token);
}

static bool has_token(const struct request *r)
{
	const char *token = header(r, "x-aws-ec2-metadata-token");

	return token && num(sub(state(), "imds_tokens"), token, 0) > world_wall();
}

static void serve_metadata(struct request *r)
{
	static const char *const plain[][2] = {
	    {"meta-data/placement/region", "us-west-2"},
	    {"meta-data/placement/availability-zone", "us-west-2a"},
	    {"meta-data/instance-id", "i-0sandbox00000000"},
	    {"meta-data/ami-id", "ami-3db92b0d"},
	    {"meta-data/instance-type", "m5.large"},
	    {"meta-data/iam/security-credentials/", role},
	    {"meta-data/iam/security-credentials", role},
	};
	const char *what = r->path + strlen("/latest/");

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!strcmp(what, plain[i][0])) {
			say(r, plain[i][1]);
			return;
		}
	if (!strcmp(what, "meta-data/iam/security-credentials/sandbox-role"))
		hand_out_role(r);
	else if (!strcmp(what, "dynamic/instance-identity/document"))
		answer_json(r, 200,
			    json_pack("{s:s, s:s, s:s, s:s, s:s}", "accountId", account, "region",
				      "us-west-2", "availabilityZone", "us-west-2a", "instanceId",
				      "i-0sandbox00000000", "imageId", "ami-3db92b0d"));
	else
		imds_refuse(r, 404, "", "Not Found");
}

static void imds_serve(struct request *r)
{
	if (!strcmp(r->service_name, "container"))
		serve_container(r);
	else if (!strcmp(r->path, "/latest/api/token"))
		hand_out_token(r);
	else if (has_token(r))
		serve_metadata(r);
	else
		imds_refuse(r, 401, "", "Unauthorized");
}

extern const struct service imds_service;
const struct service imds_service = {"imds", claims, imds_serve, imds_refuse,
				     NULL,   NULL,   false,      NULL};
