/* SPDX-License-Identifier: ISC
 * From a request to a service and an action, and back to an answer in the service's protocol. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

static const struct aws_service *const aws_services[] = {
    &ec2_service, &autoscaling_service, &elb_service, &elbv2_service,
    &ssm_service, &sts_service,         &iam_service, &ec2_service /* any Version */};

/* The scope "KEY/DATE/REGION/SERVICE/aws4_request", from the header or the query. */
static char *scope_of(const struct request *r, const json_t *query)
{
	const char *authorization = header(r, "authorization"), *start;

	if (authorization && (start = strstr(authorization, "Credential="))) {
		start += strlen("Credential=");
		return mem_dup_n(start, strcspn(start, ", "));
	}
	return has(query, "X-Amz-Credential") ? mem_dup(str(query, "X-Amz-Credential")) : NULL;
}

static bool read_scope(struct request *r, char *scope, char **service)
{
	char *part[5];
	size_t n = 0;

	for (; n < 5; n++) {
		part[n] = strsep(&scope, "/");
		if (!part[n])
			return false;
	}
	r->access_key = mem_dup(part[0]);
	r->region = mem_dup(part[2]);
	*service = part[3];
	return true;
}

static void read_params(struct request *r)
{
	const char *type = header(r, "content-type"), *target = header(r, "x-amz-target");
	struct buf pairs = {0};

	json_decref(r->params);
	if (target) {
		const char *dot = strchr(target, '.');

		r->params = json_loadb(r->body.data ? r->body.data : "", r->body.len, 0, NULL);
		r->action = mem_dup(dot ? dot + 1 : target);
	} else {
		buf_str(&pairs, r->query);
		if (r->body.len && (!type || strstr(type, "x-www-form-urlencoded"))) {
			buf_char(&pairs, '&');
			buf_add(&pairs, r->body.data, r->body.len);
		}
		r->params = form_read(pairs.data, pairs.len);
		buf_free(&pairs);
		r->action = mem_dup(str(r->params, "Action"));
	}
	if (!r->params)
		r->params = json_object();
}

static const struct aws_service *service_of(const struct request *r, const char *scope)
{
	const char *target = header(r, "x-amz-target"), *version = str(r->params, "Version");
	const struct aws_service *s;

	for (size_t i = 0; i < sizeof aws_services / sizeof *aws_services; i++) {
		s = aws_services[i];
		if (strcmp(s->scope, scope) != 0)
			continue;
		if (s->protocol == AWS_JSON
			? target && !strncmp(target, s->version, strlen(s->version))
			: !*version || !strcmp(s->version, version) || s->protocol == AWS_EC2)
			return s;
	}
	return NULL;
}

static const struct aws_action *action_of(const struct aws_service *s, const char *name)
{
	for (const struct aws_action *a = s->actions; a->name; a++)
		if (!strcmp(a->name, name))
			return a;
	return NULL;
}

/* What is not signed is taken by the action's name: AWS would answer in that service's words. */
static const char *scope_unsigned(const struct request *r)
{
	const char *target = header(r, "x-amz-target");

	if (target)
		return !strncmp(target, "AmazonSSM", 9) ? "ssm" : NULL;
	for (size_t i = 0; i < sizeof aws_services / sizeof *aws_services; i++)
		if (*str(r->params, "Version") &&
		    !strcmp(aws_services[i]->version, str(r->params, "Version")))
			return aws_services[i]->scope;
	return NULL;
}

static bool claims(struct request *r)
{
	json_t *query = form_flat(r->query, strlen(r->query));
	char *scope = scope_of(r, query), *name = NULL;
	const struct aws_service *s;
	const struct aws_action *a;

	json_decref(query);
	if (scope && !read_scope(r, scope, &name)) {
		free(scope);
		return false;
	}
	read_params(r);
	s = (name = name ? name : (char *)scope_unsigned(r)) ? service_of(r, name) : NULL;
	free(scope);
	if (!s)
		return false;
	r->target = s;
	r->service_name = mem_dup(s->name);
	a = action_of(s, r->action);
	r->changing = a && a->changes;
	return true;
}

static void render(struct request *r, const json_t *result)
{
	const struct aws_service *s = r->target;
	struct buf *out = &r->answer;
	char id[37];

	request_id(r, id);
	answer_header(r, "x-amzn-RequestId", id);
	if (s->protocol == AWS_JSON) {
		char *text =
		    json_is_null(result) ? mem_dup("{}") : json_dumps(result, JSON_COMPACT);

		answer(r, 200, "application/x-amz-json-1.1", text);
		free(text);
		return;
	}
	answer(r, 200, "text/xml;charset=UTF-8", "");
	buf_fmt(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%sResponse xmlns=\"%s\">\n",
		r->action, s->xmlns);
	if (s->protocol == AWS_EC2) {
		buf_fmt(out, "<requestId>%s</requestId>\n", id);
		xml_write(out, result, "item");
	} else {
		if (!json_is_null(result)) {
			buf_fmt(out, "<%sResult>", r->action);
			xml_write(out, result, "member");
			buf_fmt(out, "</%sResult>\n", r->action);
		}
		buf_fmt(out, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata>\n",
			id);
	}
	buf_fmt(out, "</%sResponse>\n", r->action);
}

static void aws_refuse(struct request *r, int status, const char *code, const char *message)
{
	const struct aws_service *s = r->target;
	struct buf *out = &r->answer;
	char id[37];

	request_id(r, id);
	answer_header(r, "x-amzn-RequestId", id);
	if (s->protocol == AWS_JSON) {
		answer_json(r, status, json_pack("{s:s, s:s}", "__type", code, "message", message));
		answer_header(r, "Content-Type", "application/x-amz-json-1.1");
		return;
	}
	answer(r, status, "text/xml;charset=UTF-8", "");
	if (s->protocol == AWS_EC2)
		buf_str(out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>");
	else
		buf_fmt(out, "<ErrorResponse xmlns=\"%s\">\n  <Error>\n    <Type>%s</Type>",
			s->xmlns, status < 500 ? "Sender" : "Receiver");
	buf_str(out, "<Code>");
	xml_text(out, code);
	buf_str(out, "</Code><Message>");
	xml_text(out, message);
	buf_str(out, "</Message></Error>");
	if (s->protocol == AWS_EC2)
		buf_fmt(out, "</Errors><RequestID>%s</RequestID></Response>", id);
	else
		buf_fmt(out, "\n  <RequestId>%s</RequestId>\n</ErrorResponse>\n", id);
}

json_t *refuse(struct request *r, int status, const char *code, const char *format, ...)
{
	va_list args;
	char *message;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		mem_out();
	va_end(args);
	aws_refuse(r, status, code, message);
	free(message);
	return NULL;
}

json_t *aws_place(const struct request *r)
{
	return place(r->account, r->region);
}

const char *arg(const struct request *r, const char *name)
{
	return str(r->params, name);
}

bool args_given(struct request *r, const char *first, ...)
{
	va_list args;
	const struct aws_service *s = r->target;

	va_start(args, first);
	for (const char *name = first; name; name = va_arg(args, const char *)) {
		if (has(r->params, name))
			continue;
		va_end(args);
		if (s->protocol == AWS_EC2)
			refuse(r, 400, "MissingParameter",
			       "The request must contain the parameter %s", name);
		else
			refuse(
			    r, 400, "ValidationError",
			    "1 validation error detected: Value null at '%c%s' failed to satisfy "
			    "constraint: Member must not be null",
			    *name | 32, name + 1);
		return false;
	}
	va_end(args);
	return true;
}

static void unknown(struct request *r)
{
	const struct aws_service *s = r->target;

	if (s->protocol == AWS_JSON)
		refuse(r, 400, "UnknownOperationException", "The operation is not known");
	else if (!*r->action)
		refuse(r, 400, "MissingAction", "Could not find operation in the request");
	else
		refuse(r, 400, "InvalidAction",
		       s->protocol == AWS_EC2 ? "The action %s is not valid for this web service."
					      : "Could not find operation %s for this version",
		       r->action);
}

static void aws_serve(struct request *r)
{
	const struct aws_service *s = r->target;
	const struct aws_action *a = action_of(s, r->action);
	json_t *result;

	if (strcmp(r->action, "AssumeRoleWithWebIdentity") != 0 && !aws_authenticate(r))
		return;
	if (!a) {
		unknown(r);
		return;
	}
	if (s->lags && !a->changes)
		world_look_back(r);
	result = a->run(r);
	world_look_ahead();
	if (!result)
		return;
	render(r, result);
	json_decref(result);
	r->changed = a->changes;
}

static int64_t settle(void)
{
	const char *account, *region;
	json_t *regions, *where;
	int64_t due = INT64_MAX;

	json_object_foreach(sub(state(), "accounts"), account, regions)
		json_object_foreach(sub(regions, "regions"), region, where) {
			int64_t one = autoscaling_settle(account, region, where);
			int64_t other = ec2_settle(where);

			due = one < due ? one : due;
			due = other < due ? other : due;
		}
	json_object_foreach(sub(state(), "images"), region, where)
		ec2_settle_images(region);
	return due;
}

static void seed(json_t *wish)
{
	auth_seed();
	ec2_seed(wish);
	elb_seed(wish);
	elbv2_seed(wish);
	ssm_seed(wish);
}

extern const struct service aws_service;
const struct service aws_service = {"aws",  claims, aws_serve, aws_refuse,
				    settle, seed,   false,     ec2_machines};
