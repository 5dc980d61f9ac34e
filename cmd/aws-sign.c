/* SPDX-License-Identifier: ISC
 * Reads http-request records and writes them signed with AWS Signature Version 4, in the headers or
 * presigned in the query. Sends nothing: that is http-send's job. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/host.h"
#include "aws/keys.h"
#include "aws/sigv4.h"
#include "cli.h"
#include "clock.h"
#include "http-record.h"
#include "mem.h"
#include "rec.h"
#include "status.h"
#include "url.h"

static const struct cli cli = {
    .usage = "aws-sign [-q] [-d date] [-e seconds] [-f file] [-p profile] [-r region]\n"
	     "[-s service] [--content-sha256] [--explain] [--no-normalize] [--unsigned-token]",
    .help = "Signs http-request records with AWS Signature Version 4.\n"
	    "  -d, --date DATE       as at this time, YYYYMMDDTHHMMSSZ (now)\n"
	    "  -e, --expires SECONDS presign the query, valid so long: 1 to 604800\n"
	    "  -f, --file FILE       records; else standard input; may be repeated\n"
	    "  -p, --profile NAME    the profile of ~/.aws\n"
	    "  -r, --region REGION   (of the host, else of the environment or profile)\n"
	    "  -s, --service NAME    the signing name (of the host)\n"
	    "      --content-sha256  set x-amz-content-sha256 for every service, not only for s3\n"
	    "      --explain         add what was signed to the record, as member signing\n"
	    "      --no-normalize    keep . and .. and empty segments of the path, as s3 does\n"
	    "      --unsigned-token  send the session token, but do not sign it\n",
};

struct options {
	struct sigv4_how how; /* service and region NULL, date "" when not given */
	const char **files;
	size_t n_files;
	const char *profile;
	char *region; /* where neither -r nor the host says it */
	bool explain;
};

enum { CONTENT_SHA256 = 256, EXPLAIN, NO_NORMALIZE, UNSIGNED_TOKEN };

/* What may stand in the scope of a signature. */
static bool is_name(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789-._")];
}

static const char *name_option(const char *option, const char *text)
{
	if (!is_name(text))
		cli_usage("%s takes a name, not '%s'", option, text);
	return text;
}

static void set_date(struct options *o, const char *text)
{
	if (!sigv4_date_ok(text))
		cli_usage("-d takes a date such as 20150830T123600Z, not '%s'", text);
	memcpy(o->how.date, text, sizeof(o->how.date));
}

static void set_option(struct options *o, int option)
{
	switch (option) {
	case 'd':
		set_date(o, optarg);
		break;
	case 'e':
		o->how.expires = (long)cli_number_arg("-e", optarg, 1, 604800);
		break;
	case 'f':
		o->files = mem_grow(o->files, o->n_files + 1, sizeof(*o->files));
		o->files[o->n_files++] = optarg;
		break;
	case 'p':
		o->profile = optarg;
		break;
	case 'r':
		o->how.region = name_option("-r", optarg);
		break;
	case 's':
		o->how.service = name_option("-s", optarg);
		break;
	case CONTENT_SHA256:
		o->how.hash_header = true;
		break;
	case EXPLAIN:
		o->explain = true;
		break;
	case NO_NORMALIZE:
		o->how.keep_path = true;
		break;
	case UNSIGNED_TOKEN:
		o->how.unsigned_token = true;
		break;
	default:
		cli_option(option);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {{"content-sha256", no_argument, NULL, CONTENT_SHA256},
					      {"date", required_argument, NULL, 'd'},
					      {"expires", required_argument, NULL, 'e'},
					      {"explain", no_argument, NULL, EXPLAIN},
					      {"file", required_argument, NULL, 'f'},
					      {"no-normalize", no_argument, NULL, NO_NORMALIZE},
					      {"profile", required_argument, NULL, 'p'},
					      {"region", required_argument, NULL, 'r'},
					      {"service", required_argument, NULL, 's'},
					      {"unsigned-token", no_argument, NULL, UNSIGNED_TOKEN},
					      CLI_LONG,
					      {0}};
	int option;

	while ((option = getopt_long(argc, argv, CLI_SHORT "d:e:f:p:r:s:", table, NULL)) != -1)
		set_option(o, option);
	if (optind < argc)
		cli_usage("unexpected operand '%s'", argv[optind]);
}

/* Keys that were pasted with a line break or quotes around them would only be refused later. */
static void check_key(const char *name, const char *value)
{
	for (; value && *value; value++)
		if (*value <= ' ' || *value > '~')
			cli_die(ST_CONFIG, "the %s has a space, line break or non-ASCII byte in it",
				name);
}

static struct sigv4 *read_keys(const char *profile)
{
	struct failure f = {0};
	struct aws_keys keys = {0};
	struct sigv4 *signer;

	if (!aws_keys_static(profile, &keys, &f))
		cli_fail(&f);
	check_key("AWS access key id", keys.id);
	check_key("AWS secret access key", keys.secret);
	check_key("AWS session token", keys.token);
	signer = sigv4_new(keys.id, keys.secret, keys.token);
	aws_keys_free(&keys);
	return signer;
}

/* What the options leave open: from the host, the region else as `region` has it. */
static bool choose_scope(const struct http_request *request, const char *region,
			 struct aws_scope *scope, struct sigv4_how *how, struct failure *f)
{
	const char *host = http_header_get(&request->headers, "Host");
	struct url url;

	if (!url_split(request->url, &url))
		return fail_set(f, ST_DATA, "bad-url", "the URL has no host");
	if (!host || !aws_host_scope((struct span){host, strlen(host)}, scope))
		aws_host_scope(url.host, scope);
	if (!how->service)
		how->service = scope->service;
	if (!how->region)
		how->region = *scope->region ? scope->region : region;
	if (!is_name(how->service))
		return fail_set(f, ST_DATA, "no-service",
				"host '%.*s' does not tell the service: give it by -s",
				(int)url.host.len, url.host.at);
	if (!how->region)
		return fail_set(f, ST_CONFIG, "no-region",
				"no region: give it by -r or set AWS_REGION");
	if (!is_name(how->region))
		return fail_set(f, ST_CONFIG, "no-region", "'%s' is no name of a region",
				how->region);
	return true;
}

static bool is_ours(const char *name)
{
	static const char *const names[] = {"Authorization", "Date", "X-Amz-Date",
					    "X-Amz-Security-Token", "x-amz-content-sha256"};

	for (size_t i = 0; name && i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

/* The record's own headers stay as they are; only those of a signature are exchanged. */
static void put_headers(struct rec *r, const struct http_headers *made)
{
	const json_t *old = json_object_get(r->json, "headers"), *entry;
	json_t *list = json_array();
	size_t i;

	json_array_foreach(old, i, entry) {
		if (!is_ours(json_string_value(json_object_get(entry, "name"))))
			json_array_append(list, (json_t *)(size_t)entry);
	}
	for (i = 0; i < made->n; i++)
		if (is_ours(made->list[i].name))
			json_array_append_new(list, json_pack("{ss ss}", "name", made->list[i].name,
							      "value", made->list[i].value));
	if (old ? json_equal(old, list) : !json_array_size(list))
		json_decref(list);
	else
		rec_set(r, "headers", list);
}

static void put_explanation(struct rec *r, const struct sigv4 *signer)
{
	rec_set(r, "signing",
		json_pack("{ss ss}", "canonical_request", sigv4_canonical_request(signer),
			  "string_to_sign", sigv4_string_to_sign(signer)));
}

static bool sign(struct rec *r, struct sigv4 *signer, const struct options *o, struct failure *f)
{
	struct http_request *request = http_request_from(r->json, f);
	struct sigv4_how how = o->how;
	struct aws_scope scope;
	bool done;

	if (!request)
		return false;
	if (!*how.date)
		sigv4_date(how.date, clk_now());
	done = choose_scope(request, o->region, &scope, &how, f) &&
	       sigv4_sign(signer, request, &how, f);
	if (done) {
		if (strcmp(request->url, rec_string(r, "url")))
			rec_set(r, "url", json_string(request->url));
		put_headers(r, &request->headers);
		rec_del(r, "signing");
		if (o->explain)
			put_explanation(r, signer);
	}
	http_request_free(request);
	return done;
}

static void say_failure(struct rec_io *io, struct rec *r, struct failure *f)
{
	const char *url = rec_string(r, "url");

	if (url)
		fail_prefix(f, "cannot sign '%.*s'", (int)strcspn(url, "?#"), url);
	else
		fail_prefix(f, "cannot sign the request in line %lu", r->line);
	rec_fail(io, r, f);
	fail_free(f);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct failure f = {0};
	struct sigv4 *signer;
	struct rec_io *io;
	struct rec *r;

	cli_start(argc, argv, &cli);
	read_options(&o, argc, argv);

	io = rec_start("aws-sign");
	for (size_t i = 0; i < o.n_files; i++)
		rec_open(io, o.files[i]);
	if (!o.n_files)
		rec_open(io, NULL);
	signer = read_keys(o.profile);
	if (!o.how.region)
		o.region = aws_region_static(o.profile);

	while ((r = rec_read(io))) {
		if (rec_is(r, "http-request") && !sign(r, signer, &o, &f))
			say_failure(io, r, &f);
		rec_write(io, r);
	}

	sigv4_free(signer);
	free(o.files);
	free(o.region);
	return rec_finish(io);
}
