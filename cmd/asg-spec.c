/* SPDX-License-Identifier: ISC
 * Reads baseami.json or an image record, and the environment; writes one asg-spec by the naming
 * conventions of asg-spec(1). Everything else passes. */
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conf.h"
#include "env.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

static const struct cli self = {
    .usage = "asg-spec [-f FILE] [FILE ...]",
    .help = "Makes an asg-spec of baseami.json or an image record, and of the environment.\n"
	    "  -f, --file FILE       read FILE, as an operand does\n"};

/* What the environment says. */
struct settings {
	const char *name, *stage, *region, *type, *user, *build, *key_pair, *profile;
	json_t *zones, *subnets, *balancers, *target_groups, *security_groups;
	long long min, desired, max, grace;
	struct conf conf;
};

static const char *word(struct settings *s, struct conf_value v)
{
	for (const char *c = v.value; c && *c; c++)
		if (*c <= ' ' || *c > '~' || strchr(":/,", *c)) {
			conf_refuse(&s->conf, v, "it must be one word, without ':', '/' and ','");
			break;
		}
	return v.value;
}

static const char *stage(struct settings *s, struct conf_value v)
{
	if (v.value && strcmp(v.value, "development") && strcmp(v.value, "staging") &&
	    strcmp(v.value, "production"))
		conf_refuse(&s->conf, v, "it must be development, staging or production");
	return v.value;
}

static const char *user(struct settings *s, struct conf_value v)
{
	const char *c = v.value;

	if (c && !strcmp(c, "root"))
		conf_refuse(&s->conf, v, "the software must not run as root");
	else if (c && (strlen(c) > 32 || !(islower((unsigned char)*c) || *c == '_') ||
		       c[strspn(c, "abcdefghijklmnopqrstuvwxyz0123456789_-")]))
		conf_refuse(&s->conf, v, "a user's name has at most 32 of a-z, 0-9, '_' and '-'");
	return c;
}

/* One name, which may have spaces; "-" is none. */
static const char *label(struct settings *s, const char *name, const char *otherwise)
{
	struct conf_value v = conf_get(name);

	for (const char *c = v.value; c && *c; c++)
		if (*c < ' ' || *c > '~') {
			conf_refuse(&s->conf, v, "it must be printable ASCII");
			break;
		}
	if (v.value && !strcmp(v.value, "-"))
		return NULL;
	return v.value ? v.value : otherwise;
}

static json_t *list_or(struct settings *s, const char *name, const char *otherwise)
{
	struct conf_value v = conf_get(name);

	if (!v.value)
		v.value = otherwise;
	return conf_list(&s->conf, v);
}

/* With subnets the zones are theirs, and need not be named. */
static json_t *zones(struct settings *s)
{
	struct conf_value v = conf_get("AMI_AZ");
	json_t *all, *zone;
	size_t i;

	if (!v.value && !json_array_size(s->subnets))
		v = conf_need(&s->conf, CONF_ANY("AMI_AZ"));
	all = conf_list(&s->conf, v);
	json_array_foreach(all, i, zone)
		if (s->region && strncmp(json_string_value(zone), s->region, strlen(s->region))) {
			conf_refuse(&s->conf, v, "not every zone is in AMI_REGION");
			break;
		}
	return all;
}

static void read_sizes(struct settings *s)
{
	s->min = conf_number(&s->conf, "AMI_MIN_SIZE", 100000, 1);
	s->desired = conf_number(&s->conf, "AMI_DESIRED", 100000, s->min);
	s->max = conf_number(&s->conf, "AMI_MAX_SIZE", 100000, s->desired);
	s->grace = conf_number(&s->conf, "AMI_GRACE_SECONDS", 86400, 300);
	if (s->conf.wrong || (s->min <= s->desired && s->desired <= s->max))
		return;
	cli_warn(
	    "cannot use AMI_MIN_SIZE %lld, AMI_DESIRED %lld and AMI_MAX_SIZE %lld: each must be at "
	    "least the one before it",
	    s->min, s->desired, s->max);
	s->conf.wrong = true;
}

/* The load balancer of the convention, unless another or target groups are named. */
static void read_balancers(struct settings *s)
{
	char *usual = s->name && s->stage ? mem_fmt("%s-%s", s->name, s->stage) : NULL;

	s->target_groups = list_or(s, "AMI_TARGET_GROUPS", NULL);
	s->balancers = list_or(s, "AMI_ELB", json_array_size(s->target_groups) ? NULL : usual);
	free(usual);
}

static void read_environment(struct settings *s)
{
	s->name = word(s, conf_need(&s->conf, CONF_ANY("NAME", "APP_NAME")));
	s->stage = stage(s, conf_need(&s->conf, CONF_ANY("AMI_ENV", "APP_ENV")));
	s->region = word(s, conf_need(&s->conf, CONF_ANY("AMI_REGION")));
	s->subnets = list_or(s, "AMI_SUBNETS", NULL);
	s->zones = zones(s);
	s->type = word(s, conf_need(&s->conf, CONF_ANY("AMI_INSTANCE_TYPE")));
	s->user = user(s, conf_need(&s->conf, CONF_ANY("AMI_USER")));
	s->build =
	    word(s, conf_need(&s->conf, CONF_ANY("AMI_BUILD", "GO_PIPELINE_COUNTER", "BUILD_NUMBER",
						 "GITHUB_RUN_NUMBER", "CI_PIPELINE_IID")));
	s->profile = label(s, "AMI_INSTANCE_PROFILE", NULL);
	if (!s->profile) { /* read by boot-script; asked for here so that all is told at once */
		conf_need_secret(&s->conf, "AMI_ACCESS_KEY_ID");
		conf_need_secret(&s->conf, "AMI_SECRET_ACCESS_KEY");
	}
	s->key_pair = label(s, "AMI_KEY_PAIR", s->name);
	s->security_groups = list_or(s, "AMI_SECURITY_GROUP", s->name);
	read_balancers(s);
	read_sizes(s);
	if (!conf_end(&s->conf, "make a spec"))
		exit(ST_CONFIG);
}

/* `image` is a string or null. */
static json_t *make_spec(const struct settings *s, json_t *image, const char *ami_build)
{
	bool balanced = json_array_size(s->balancers) || json_array_size(s->target_groups);
	char *group = mem_fmt("%s-build-%s-%s", s->name, s->build, s->stage);
	json_t *tags = json_pack("{ss ss ss ss*}", "server", s->name, "env", s->stage, "build",
				 s->build, "ami_build", ami_build);
	json_t *spec = json_pack(
	    "{ss ss ss sO ss sO sO sO sO sO ss* ss* ss sI sI sI ss sI ss so ss}", "kind",
	    "asg-spec", "name", group, "region", s->region, "image", image, "instance_type",
	    s->type, "availability_zones", s->zones, "subnets", s->subnets, "load_balancers",
	    s->balancers, "target_groups", s->target_groups, "security_groups", s->security_groups,
	    "key_pair", s->key_pair, "instance_profile", s->profile, "user", s->user, "min_size",
	    (json_int_t)s->min, "max_size", (json_int_t)s->max, "desired_capacity",
	    (json_int_t)s->desired, "health_check", balanced ? "ELB" : "EC2", "grace_seconds",
	    (json_int_t)s->grace, "launch_template", group, "tags", tags, "run", env_run());

	free(group);
	if (!spec)
		mem_out();
	return spec;
}

static bool is_ami(const json_t *id)
{
	const char *text = json_string_value(id);

	return text && !strncmp(text, "ami-", 4) && text[4] &&
	       !text[4 + strspn(text + 4, "0123456789abcdefghijklmnopqrstuvwxyz")];
}

/* What is wrong with a document; NULL: it is a baseami.json. */
static const char *document_fault(const struct rec *r, const char *region)
{
	const json_t *build = json_object_get(r->json, "build");
	const char *its = rec_string(r, "region");

	if (!json_is_object(r->json))
		return "it must be an object";
	if (!json_object_get(r->json, "ami"))
		return "member 'ami' is missing";
	if (!is_ami(json_object_get(r->json, "ami")))
		return "member 'ami' must be a string 'ami-…'";
	if (build && !json_is_string(build) && !json_is_integer(build))
		return "member 'build' must be a string or a whole number";
	if (its && strcmp(its, region))
		return "its 'region' is not AMI_REGION";
	return NULL;
}

static bool is_planned(const struct rec *r)
{
	return json_is_true(json_object_get(r->json, "planned"));
}

static const char *image_fault(const struct rec *r, const char *region)
{
	const char *its = rec_string(r, "region"), *state = rec_string(r, "state");
	const json_t *id = json_object_get(r->json, "id");

	if (its && strcmp(its, region))
		return "its region is not AMI_REGION";
	if (is_planned(r) && (!id || json_is_null(id)))
		return NULL;
	if (!is_ami(id))
		return "its 'id' must be a string 'ami-…'";
	if (state && strcmp(state, "available"))
		return "it is not available";
	return NULL;
}

static bool is_image(const struct rec *r)
{
	const char *provider = rec_string(r, "provider");

	return rec_is(r, "image") &&
	       (!provider || !strcmp(provider, "aws") || !strcmp(provider, "ec2"));
}

static bool elsewhere(const struct rec *r, const char *region)
{
	const char *its = rec_string(r, "region");

	return is_image(r) && its && strcmp(its, region);
}

static void fail(struct rec_io *io, struct rec *r, const char *code, const char *because)
{
	const char *id = rec_string(r, "id");
	struct failure f = {0};

	if (!r->kind) {
		rec_report(io, r, "cannot use this document: %s", because);
		return;
	}
	fail_set(&f, ST_DATA, code, "cannot use image '%s': %s", id ? id : "?", because);
	rec_fail(io, r, &f);
	fail_free(&f);
}

/* The one input that the spec is made of; what stands against it is told on the records. */
static struct rec *choose(struct rec_io *io, struct rec **all, size_t n, const char *region)
{
	struct rec *chosen = NULL;
	size_t candidates = 0, others = 0, failed = 0;

	for (size_t i = 0; i < n; i++) {
		bool far = elsewhere(all[i], region);

		if ((!all[i]->kind || is_image(all[i])) && !far && candidates++ == 0)
			chosen = all[i];
		others += far;
		failed += rec_error(all[i]) != 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct rec *r = all[i];
		bool image = is_image(r), far = elsewhere(r, region);
		const char *fault = !r->kind ? document_fault(r, region)
				    : image  ? image_fault(r, region)
					     : NULL;

		if (fault && (r == chosen || !r->kind || (far && !candidates)))
			fail(io, r, far ? "wrong-region" : "bad-image", fault);
		else if (candidates > 1 && !far && (!r->kind || image))
			fail(io, r, "ambiguous", "there are several, and one group has one image");
		else
			continue;
		if (r == chosen)
			chosen = NULL;
	}
	if (!candidates && !others && !failed && rec_whole(io) && !rec_broken(io)) {
		cli_warn("cannot make a spec: the input has neither a baseami.json nor an image");
		rec_status(io, ST_DATA);
	}
	return chosen;
}

static json_t *spec_of(const struct settings *s, const struct rec *r)
{
	const json_t *tags = json_object_get(r->json, "tags");
	const json_t *build = json_object_get(r->kind ? tags : r->json, "build");
	json_t *image = json_object_get(r->json, r->kind ? "id" : "ami"), *spec;
	char *ami_build = json_is_integer(build)
			      ? mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(build))
			      : mem_dup(json_string_value(build));

	spec = make_spec(s, image ? image : json_null(), ami_build);
	if (r->kind && is_planned(r))
		json_object_set_new(spec, "planned", json_true());
	free(ami_build);
	return spec;
}

static void write_all(struct rec_io *io, const struct settings *s)
{
	size_t n;
	struct rec **all = rec_read_all(io, &n), *chosen = choose(io, all, n, s->region);

	for (size_t i = 0; i < n; i++) {
		if (all[i] == chosen)
			rec_emit(io, spec_of(s, chosen));
		else if (all[i]->kind)
			rec_pass(io, all[i]);
		rec_free(all[i]);
	}
	free(all);
}

static void release(struct settings *s)
{
	json_decref(s->zones);
	json_decref(s->subnets);
	json_decref(s->balancers);
	json_decref(s->target_groups);
	json_decref(s->security_groups);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {NULL, 0, NULL, 0}};
	struct settings settings = {0};
	const char *file = NULL;
	struct rec_io *io;
	int option;

	cli_start(argc, argv, &self);
	while ((option = getopt_long(argc, argv, "f:" CLI_SHORT, options, NULL)) != -1)
		if (option == 'f')
			cli_file(&file, optarg);
		else
			cli_option(option);
	io = rec_start("asg-spec");
	rec_documents(io, true);
	rec_open_all(io, file, argc - optind, argv + optind);
	read_environment(&settings);

	write_all(io, &settings);
	release(&settings);
	return rec_finish(io);
}
