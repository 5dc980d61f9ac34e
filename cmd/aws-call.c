/* SPDX-License-Identifier: ISC
 * Makes one call to an AWS service: reads its parameters as a JSON document, writes the answer as
 * one, both in the wire's own names. Knows no service's model, so that it knows every action. */
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/aws.h"
#include "aws/effect.h"
#include "aws/endpoint.h"
#include "aws/page.h"
#include "cli.h"
#include "http-record.h"
#include "mem.h"
#include "rec.h"
#include "status.h"
#include "stop.h"

static const struct cli cli = {
    "aws-call [-nq] [-f file] [-p profile] [-r region] [--all]\n"
    "[--api-version version] [--endpoint url] [--protocol protocol]\n"
    "[--signing-name name] [--target prefix] service action",
    "Makes one call to an AWS service; parameters and answer are JSON in the wire's own names.\n"
    "      --all               follow the pages of a list, one document a page\n"
    "  -f, --file FILE         parameters; else standard input, where nothing is {}\n"
    "  -n, --dry-run           write the signed request, send nothing\n"
    "  -p, --profile NAME      the profile of ~/.aws\n"
    "  -r, --region REGION\n"
    "      --endpoint URL      where the service answers\n"
    "for services that aws-call does not know:\n"
    "      --api-version V     query and ec2: the Version that is sent\n"
    "      --protocol P        query, ec2, json (1.1) or json-1.0\n"
    "      --signing-name N    what the signature names, when it is not the service\n"
    "      --target PREFIX     json: X-Amz-Target without the action\n",
    true};

struct options {
	char suffix[64]; /* of the environment variable that names the endpoint */
	struct aws_options aws;
	struct aws_service service;
	const char *file, *action;
	bool all, dry;
};

enum { OPT_ALL = 256, OPT_API_VERSION, OPT_ENDPOINT, OPT_PROTOCOL, OPT_SIGNING, OPT_TARGET };

static void set_protocol(struct aws_service *s, const char *name)
{
	if (!strcmp(name, "query"))
		s->protocol = AWS_QUERY;
	else if (!strcmp(name, "ec2"))
		s->protocol = AWS_EC2;
	else if (!strcmp(name, "json") || !strcmp(name, "json-1.0"))
		s->protocol = AWS_JSON;
	else
		cli_usage("no protocol '%s': it is query, ec2, json or json-1.0", name);
	if (s->protocol == AWS_JSON)
		s->json = strcmp(name, "json") ? "1.0" : "1.1";
}

/* AWS_ENDPOINT_URL_<this>: upper case, hyphens as underscores. */
static const char *endpoint_suffix(struct options *o, const char *service)
{
	size_t len = 0;

	for (; service[len] && len < sizeof(o->suffix) - 1; len++)
		o->suffix[len] = isalnum((unsigned char)service[len])
				     ? (char)toupper((unsigned char)service[len])
				     : '_';
	o->suffix[len] = '\0';
	return o->suffix;
}

/* The table's entry, or a new one, with what the options say in `given`. */
static void choose_service(struct options *o, const char *name, const struct aws_service *given,
			   const char *protocol)
{
	const struct aws_service *known = aws_service(name);
	struct aws_service *s = &o->service;

	*s = known ? *known
		   : (struct aws_service){.name = name,
					  .prefix = name,
					  .id = endpoint_suffix(o, name),
					  .protocol = AWS_REST};
	if (protocol)
		set_protocol(s, protocol);
	else if (!known)
		cli_usage("unknown service '%s': --protocol is missing", name);
	if (given->version)
		s->version = given->version;
	if (given->target)
		s->target = given->target;
	if (given->signing)
		s->signing = given->signing;
	if (s->protocol == AWS_REST)
		cli_usage("'%s' has no query, EC2 or JSON protocol: use aws-sign | http-send",
			  name);
	if (s->protocol == AWS_JSON && !s->target)
		cli_usage("unknown service '%s': --target is missing", name);
	if (s->protocol != AWS_JSON && !s->version)
		cli_usage("unknown service '%s': --api-version is missing", name);
}

static bool is_name(const char *text)
{
	return *text && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					  "0123456789-._")] == '\0';
}

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
	    {"all", no_argument, NULL, OPT_ALL},
	    {"api-version", required_argument, NULL, OPT_API_VERSION},
	    {"dry-run", no_argument, NULL, 'n'},
	    {"endpoint", required_argument, NULL, OPT_ENDPOINT},
	    {"file", required_argument, NULL, 'f'},
	    {"profile", required_argument, NULL, 'p'},
	    {"protocol", required_argument, NULL, OPT_PROTOCOL},
	    {"region", required_argument, NULL, 'r'},
	    {"signing-name", required_argument, NULL, OPT_SIGNING},
	    {"target", required_argument, NULL, OPT_TARGET},
	    CLI_LONG,
	    {0}};
	struct aws_service given = {0};
	const char *protocol = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "f:np:r:" CLI_SHORT, options, NULL)) != -1)
		switch (c) {
		case OPT_ALL:
			o->all = true;
			break;
		case 'f':
			cli_file(&o->file, optarg);
			break;
		case 'n':
			o->dry = true;
			break;
		case 'p':
			o->aws.profile = optarg;
			break;
		case 'r':
			o->aws.region = cli_text_arg("-r", optarg);
			break;
		case OPT_API_VERSION:
			given.version = optarg;
			break;
		case OPT_ENDPOINT:
			o->aws.endpoint = optarg;
			break;
		case OPT_PROTOCOL:
			protocol = optarg;
			break;
		case OPT_SIGNING:
			given.signing = optarg;
			break;
		case OPT_TARGET:
			given.target = optarg;
			break;
		default:
			cli_option(c);
		}
	if (argc - optind != 2)
		cli_usage("a service and an action are needed");
	if (!is_name(argv[optind]) || !is_name(argv[optind + 1]))
		cli_usage("no service and action: '%s' '%s'", argv[optind], argv[optind + 1]);
	choose_service(o, argv[optind], &given, protocol);
	o->action = argv[optind + 1];
}

static void refuse_input(struct rec_io *io, const char *file, const struct rec *r, const char *why)
{
	cli_warn("%s:%lu:%lu: %s", file ? file : "<stdin>", r->line, r->column, why);
	rec_status(io, ST_DATA);
}

/* One document, or none, which is {}. NULL: the input is no good, the status is set. */
static json_t *read_params(struct rec_io *io, const char *file)
{
	json_t *params = NULL;
	bool good = true;
	struct rec *r;

	if (!file && isatty(STDIN_FILENO))
		return json_object();
	rec_documents(io, true);
	rec_open(io, file);
	while ((r = rec_read(io))) {
		if (rec_error(r))
			rec_account(io, r);
		else if (r->kind)
			refuse_input(io, file, r, "a record, where parameters are expected");
		else if (!json_is_object(r->json))
			refuse_input(io, file, r, "parameters are an object");
		else if (params)
			refuse_input(io, file, r, "a second document, where one is expected");
		if (!params && !r->kind && json_is_object(r->json))
			params = json_incref(r->json);
		else
			good = false;
		rec_free(r);
	}
	if (good && !rec_broken(io) && rec_whole(io))
		return params ? params : json_object();
	json_decref(params);
	return NULL;
}

static void report(struct rec_io *io, const struct failure *f, bool unclear)
{
	cli_warn("%s%s%s%s%s", f->message, f->request_id ? " (request " : "",
		 f->request_id ? f->request_id : "", f->request_id ? ")" : "",
		 unclear ? "; it may have been done all the same" : "");
	rec_status(io, f->status ? f->status : ST_BUG);
}

static void write_request(struct rec_io *io, struct aws *aws, struct aws_call *call)
{
	struct http_request *request = aws_request(aws, call, &call->failure);

	if (request)
		rec_emit(io, http_request_json(request));
	else
		report(io, &call->failure, false);
	http_request_free(request);
}

/* Writes one answer; true when there is a next page to ask for. */
static bool write_answer(struct rec_io *io, const struct options *o, struct aws *aws,
			 struct aws_call *call)
{
	enum page page = PAGE_LAST;

	aws_queue(aws, call);
	aws_run(aws);
	if (!call->result) {
		report(io, &call->failure, call->unclear);
		return false;
	}
	if (o->all)
		page = page_next(call->params, call->result, o->service.protocol == AWS_EC2,
				 &call->failure);
	if (page == PAGE_FAILED)
		report(io, &call->failure, false);
	rec_document(io, call->result);
	call->result = NULL;
	return page == PAGE_MORE && !rec_stdout_lost(io);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct failure f = {0};
	struct aws_call call = {0};
	struct http *engine;
	struct aws *aws;
	struct rec_io *io;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);
	stop_catch();

	io = rec_start(cli_name);
	call.params = read_params(io, o.file);
	if (!call.params)
		return rec_finish(io);
	call.service = o.service.name;
	call.custom = &o.service;
	call.action = o.action;
	call.effect = aws_effect(o.action, call.params);

	engine = http_new();
	aws = aws_open(engine, &o.aws, &f);
	if (!aws)
		report(io, &f, false);
	else if (o.dry)
		write_request(io, aws, &call);
	else
		while (write_answer(io, &o, aws, &call))
			;

	aws_call_free(&call);
	fail_free(&f);
	aws_close(aws);
	http_free(engine);
	return rec_finish(io);
}
