/* SPDX-License-Identifier: ISC
 * Reads asg-spec records; writes each with `user_data`, a shell script for the first boot. Its
 * values are shell variables, quoted, in front of a script that only uses them: whatever is in a
 * value comes out as data, in here-documents too. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "conf.h"
#include "env.h"
#include "mem.h"
#include "rec.h"
#include "shellquote.h"
#include "status.h"
#include "trace.h"

#define MOST_USER_DATA 16384 /* EC2's limit, before base64 */

static const char first_boot[] =
#include "first-boot.inc"
    ;

static const struct cli self = {
    .usage = "boot-script [-f FILE] [-t TEMPLATE] [FILE ...]",
    .help = "Puts a first-boot script into asg-spec records, as user_data.\n"
	    "  -f, --file FILE       read FILE, as an operand does\n"
	    "  -t, --template FILE   a shell script of your own instead of the built-in one\n"};

/* What comes from the environment, not from the record. */
struct settings {
	const char *installer, *sha256;
	const char *script; /* the template */
};

static bool is_url(const char *text)
{
	for (const char *c = text; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return true;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == 64 && !text[strspn(text, "0123456789abcdefABCDEF")];
}

/* s3://BUCKET/KEY as "BUCKET/KEY"; NULL when it is something else. */
static const char *s3_path(const char *url)
{
	const char *slash;

	if (strncmp(url, "s3://", 5))
		return NULL;
	slash = strchr(url + 5, '/');
	return slash && slash > url + 5 && slash[1] ? url + 5 : NULL;
}

/* A URL may be signed: it is shown nowhere, and a replay does not know it. */
static void read_environment(struct settings *s)
{
	bool known = trace_mode() != TRACE_REPLAY;

	s->installer = env_secret("AMI_INSTALLER");
	s->sha256 = env_get("AMI_INSTALLER_SHA256");
	if (known && s->installer &&
	    !(is_url(s->installer) && (s3_path(s->installer) ||
				       (!strncmp(s->installer, "https://", 8) && s->installer[8]))))
		cli_die(ST_CONFIG,
			"cannot use AMI_INSTALLER: it must be https://… or s3://BUCKET/KEY");
	if (s->sha256 && !is_sha256(s->sha256))
		cli_die(ST_CONFIG, "cannot use AMI_INSTALLER_SHA256: it must be 64 hex digits");
}

/* Whether the first line names a shell that reads POSIX assignments. */
static bool is_shell_script(const char *script)
{
	static const char *const shells[] = {"sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"};
	size_t line = strcspn(script, "\r\n"), word, skip;
	const char *at = script + 2;

	if (strncmp(script, "#!", 2) || script[line] == '\r')
		return false;
	while (at < script + line) {
		at += strspn(at, " \t");
		skip = word = strcspn(at, " \t\n");
		while (skip && at[skip - 1] != '/')
			skip--;
		for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
			if (word - skip == strlen(shells[i]) &&
			    !strncmp(at + skip, shells[i], word - skip))
				return true;
		if (word - skip != 3 || strncmp(at + skip, "env", 3)) /* #!/usr/bin/env bash */
			return false;
		at += word;
	}
	return false;
}

static char *read_template(const char *path)
{
	FILE *file = fopen(path, "re");
	struct buf text = {0};
	char part[4096];
	size_t n;

	if (!file)
		cli_die(ST_NOINPUT, "cannot open '%s': %s", path, strerror(errno));
	while ((n = fread(part, 1, sizeof(part), file)) && text.len <= MOST_USER_DATA)
		buf_add(&text, part, n);
	if (ferror(file))
		cli_die(ST_NOINPUT, "cannot read '%s': %s", path, strerror(errno));
	fclose(file);
	if (text.len > MOST_USER_DATA)
		cli_die(ST_DATA, "cannot use '%s': user data may have %d bytes", path,
			MOST_USER_DATA);
	if (!text.data || strlen(text.data) != text.len || !is_shell_script(text.data))
		cli_die(ST_DATA, "cannot use '%s': it does not begin with '#!' and a shell", path);
	return buf_take(&text);
}

static void assign(struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, "%s=", name);
	shell_quote(b, value ? value : "");
	buf_char(b, '\n');
}

static void assign_double(struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, "%s=", name);
	shell_quote_double(b, value);
	buf_char(b, '\n');
}

/* What the record says; strings are borrowed from it. */
struct instance {
	const char *name, *stage, *region, *build, *user, *group;
	const char *key_id, *secret; /* NULL: it has a role */
};

/* A string member without NUL; a missing one is "" unless it must be there. */
static const char *text_of(const json_t *object, const char *key, bool must, const char **wrong)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (!value || json_is_null(value)) {
		if (must)
			*wrong = key;
		return "";
	}
	if (!text || strlen(text) != json_string_length(value) || (must && !*text)) {
		*wrong = key;
		return "";
	}
	return text;
}

static bool read_record(const struct rec *r, struct instance *i, struct failure *f)
{
	const json_t *tags = json_object_get(r->json, "tags");
	const char *wrong = NULL;

	i->group = text_of(r->json, "name", true, &wrong);
	i->region = text_of(r->json, "region", true, &wrong);
	i->user = text_of(r->json, "user", true, &wrong);
	i->name = text_of(tags, "server", false, &wrong);
	i->stage = text_of(tags, "env", false, &wrong);
	i->build = text_of(tags, "build", false, &wrong);
	if (!*i->name)
		i->name = i->group;
	if (wrong)
		return fail_set(
		    f, ST_DATA, "bad-spec",
		    "cannot make the script of '%s': member '%s' must be a string, without "
		    "NUL",
		    i->group, wrong);
	return true;
}

static bool read_keys(const struct rec *r, struct instance *i, struct failure *f)
{
	const char *profile = rec_string(r, "instance_profile");
	struct conf missing = {0};

	if (profile && *profile)
		return true;
	i->key_id = conf_need_secret(&missing, "AMI_ACCESS_KEY_ID");
	i->secret = conf_need_secret(&missing, "AMI_SECRET_ACCESS_KEY");
	if (missing.missing.len)
		fail_set(f, ST_CONFIG, "no-keys",
			 "cannot make the script of '%s': not set: %s; or name a role in "
			 "AMI_INSTANCE_PROFILE",
			 i->group, missing.missing.data);
	buf_free(&missing.missing);
	return i->key_id && i->secret;
}

static char *environment_file(const struct instance *i)
{
	struct buf b = {0};

	assign_double(&b, "NAME", i->name);
	assign_double(&b, "AMI_ENV", i->stage);
	assign_double(&b, "AMI_REGION", i->region);
	assign_double(&b, "AMI_BUILD", i->build);
	assign_double(&b, "AMI_USER", i->user);
	assign_double(&b, "AWS_REGION", i->region);
	assign_double(&b, "AWS_DEFAULT_REGION", i->region);
	if (i->key_id) {
		assign_double(&b, "AWS_ACCESS_KEY_ID", i->key_id);
		assign_double(&b, "AWS_SECRET_ACCESS_KEY", i->secret);
	}
	return buf_take(&b);
}

/* An s3:// URL as the https one that curl signs: path style, for bucket names with dots. */
static char *installer_url(const struct settings *s, const char *region)
{
	const char *path = s->installer ? s3_path(s->installer) : NULL;
	struct buf b = {0};

	if (!path)
		return mem_dup(s->installer ? s->installer : "");
	buf_fmt(&b, "https://s3.%s.amazonaws.com%s/", region,
		strncmp(region, "cn-", 3) ? "" : ".cn");
	buf_percent(&b, path, strlen(path), "/");
	return buf_take(&b);
}

static char *render(const struct settings *s, const struct instance *i)
{
	char *environment = environment_file(i), *url = installer_url(s, i->region);
	size_t line = strcspn(s->script, "\n");
	struct buf b = {0};

	buf_add(&b, s->script, line);
	buf_char(&b, '\n');
	assign(&b, "NAME", i->name);
	assign(&b, "AMI_ENV", i->stage);
	assign(&b, "AMI_REGION", i->region);
	assign(&b, "AMI_BUILD", i->build);
	assign(&b, "AMI_USER", i->user);
	assign(&b, "AMI_GROUP", i->group);
	assign(&b, "ENVIRONMENT", environment);
	assign(&b, "AWS_ACCESS_KEY_ID", i->key_id);
	assign(&b, "AWS_SECRET_ACCESS_KEY", i->secret);
	assign(&b, "AMI_INSTALLER", s->installer);
	assign(&b, "AMI_INSTALLER_URL", url);
	assign(&b, "AMI_INSTALLER_SHA256", s->sha256);
	buf_str(&b, s->script + line + (s->script[line] == '\n'));
	free(environment);
	free(url);
	return buf_take(&b);
}

static bool put_script(struct rec *r, const struct settings *s, struct failure *f)
{
	struct instance i = {0};
	json_t *script;
	char *text;

	if (!read_record(r, &i, f) || !read_keys(r, &i, f))
		return false;
	text = render(s, &i);
	if (strlen(text) > MOST_USER_DATA) {
		fail_set(f, ST_DATA, "too-large",
			 "cannot make the script of '%s': it has %zu bytes, user data may have %d",
			 i.group, strlen(text), MOST_USER_DATA);
		free(text);
		return false;
	}
	script = json_string(text);
	free(text);
	if (!script)
		return fail_set(
		    f, ST_DATA, "not-utf8",
		    "cannot make the script of '%s': the template or the environment is "
		    "not UTF-8",
		    i.group);
	rec_set(r, "user_data", script);
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"file", required_argument, NULL, 'f'},
						{"template", required_argument, NULL, 't'},
						CLI_LONG,
						{NULL, 0, NULL, 0}};
	struct settings settings = {.script = first_boot};
	const char *file = NULL, *template = NULL;
	char *own = NULL;
	struct failure f = {0};
	struct rec_io *io;
	struct rec *r;
	int option;

	cli_start(argc, argv, &self);
	while ((option = getopt_long(argc, argv, "f:t:" CLI_SHORT, options, NULL)) != -1)
		if (option == 'f')
			cli_file(&file, optarg);
		else if (option == 't')
			template = optarg;
		else
			cli_option(option);
	if (template)
		settings.script = own = read_template(template);
	io = rec_start("boot-script");
	rec_open_all(io, file, argc - optind, argv + optind);
	read_environment(&settings);

	while ((r = rec_read(io))) {
		if (rec_is(r, "asg-spec") && !put_script(r, &settings, &f))
			rec_fail(io, r, &f);
		rec_write(io, r);
	}

	fail_free(&f);
	free(own);
	return rec_finish(io);
}
