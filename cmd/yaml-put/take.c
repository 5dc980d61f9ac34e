/* SPDX-License-Identifier: ISC
 * From a record to what it wants to be written where. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json-edit.h"
#include "mem.h"
#include "plan.h"
#include "put.h"
#include "rec-path.h"
#include "status.h"

void put_add_map(struct put_options *o, const char *text)
{
	const char *colon = strchr(text, ':'), *equals = colon ? strchr(colon, '=') : NULL;

	if (!equals || colon == text || !equals[1])
		cli_usage("--map takes MEMBER:FROM=TO, not '%s'", text);
	o->maps = mem_grow(o->maps, o->n_maps + 1, sizeof(*o->maps));
	o->maps[o->n_maps++] =
	    (struct put_map){mem_dup_n(text, (size_t)(colon - text)),
			     mem_dup_n(colon + 1, (size_t)(equals - colon) - 1), equals + 1};
}

/* What stands at a path through objects in the text of one. */
static bool find_text(const char *text, size_t len, const char *path, struct json_member *found)
{
	size_t dot = strcspn(path, ".");
	bool is = json_find(text, len, path, found);

	for (; !is && path[dot]; dot += 1 + strcspn(path + dot + 1, ".")) {
		char *key = mem_dup_n(path, dot);

		is = json_find(text, len, key, found) &&
		     find_text(found->value, found->value_len, path + dot + 1, found);
		free(key);
	}
	return is;
}

/* 1.10 is not 1.1 to those who mean a version by it. */
static char *number_text(const struct rec *r, const char *member, const json_t *value)
{
	struct json_member found;

	if (json_is_real(value) && r->text && find_text(r->text, r->len, member, &found))
		return mem_dup_n(found.value, found.value_len);
	return rec_text(value);
}

/* NULL: no single value. An absent one is "". */
static char *text_of(const struct rec *r, const char *member)
{
	const json_t *value = rec_path_value(r->json, member);
	char *text;

	if (!value || json_is_null(value))
		return mem_dup("");
	if (json_is_object(value) || json_is_array(value))
		return NULL;
	if (!json_is_string(value))
		return number_text(r, member, value);
	text = mem_dup_n(json_string_value(value), json_string_length(value));
	if (strlen(text) == json_string_length(value))
		return text;
	free(text);
	return NULL;
}

static const char *mapped(const struct put_options *o, const char *member, const char *text)
{
	for (size_t i = 0; i < o->n_maps; i++)
		if (!strcmp(o->maps[i].member, member) && !strcmp(o->maps[i].from, text))
			return o->maps[i].to;
	return text;
}

struct taking {
	const struct put_options *o;
	const struct rec *r;
};

static char *member_text(void *ctx, const char *member, struct failure *f)
{
	const struct taking *t = ctx;
	char *text = text_of(t->r, member), *result = NULL;
	const char *now = text ? mapped(t->o, member, text) : NULL;

	if (!now)
		fail_set(f, ST_DATA, "wrong-type", "its '%s' is not a single value", member);
	else if (!*now)
		fail_set(f, ST_DATA, "missing", "it has no '%s'", member);
	else
		result = mem_dup(now);
	free(text);
	return result;
}

static bool is_gone(const char *state)
{
	static const char *const gone[] = {"failed", "disabled", "gone", "deleting", "error"};

	for (size_t i = 0; state && i < sizeof(gone) / sizeof(*gone); i++)
		if (!strcmp(state, gone[i]))
			return true;
	return false;
}

/* What --map replaced is a text. */
static bool is_bare(const struct rec *r, const char *member, const char *text)
{
	const json_t *value = rec_path_value(r->json, member);
	char *own = json_is_number(value) || json_is_boolean(value) ? text_of(r, member) : NULL;
	bool bare = own && text && !strcmp(own, text);

	free(own);
	return bare;
}

static bool read_record(struct put_job *job, struct put *put, struct failure *f)
{
	struct taking t = {job->o, put->r};
	bool image = !strcmp(put->r->kind, "image");
	const char *word = image ? "state" : "status", *state = rec_string(put->r, word);
	const json_t *value = rec_path_value(put->r->json, job->o->member);

	if (is_gone(state))
		return fail_set(f, ST_DATA, "gone", "its %s is '%s'", word, state);
	if (!path_fill(job->template, member_text, &t, &put->path, f))
		return false;
	if (!plan_makes_dry(put->r) || (value && !json_is_null(value)))
		put->value.text = member_text(&t, job->o->member, f);
	put->value.bare = is_bare(put->r, job->o->member, put->value.text);
	return put->value.text || !f->status;
}

static const char *name_of(const struct rec *r)
{
	const char *id = rec_string(r, "id"), *name = rec_string(r, "name");

	return id ? id : name ? name : "?";
}

void put_refuse(struct put_job *job, struct put *put, struct failure *f)
{
	cli_warn("%s", f->message);
	rec_status(job->io, f->status);
	fail_free(f);
	job->failed = true;
	put->what = PUT_REFUSED;
}

static void take(struct put_job *job, struct rec *r)
{
	struct put *put;
	struct failure f = {0};

	if (!(job->n & (job->n - 1)))
		job->puts = mem_grow(job->puts, job->n ? 2 * job->n : 1, sizeof(*job->puts));
	put = &job->puts[job->n++];
	*put = (struct put){.r = r};
	if (!read_record(job, put, &f)) {
		fail_prefix(&f, "cannot put %s '%s'", r->kind, name_of(r));
		put_refuse(job, put, &f);
	}
}

void put_take(struct put_job *job, struct rec *r)
{
	if (plan_makes_dry(r))
		job->dry = true;
	if (rec_is(r, "image") || rec_is(r, "instance")) {
		take(job, r);
		return;
	}
	if (rec_error(r)) {
		rec_account(job->io, r);
		job->failed = true;
	}
	rec_free(r);
}

void put_free(struct put_job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		struct put *put = &job->puts[i];

		path_free(&put->path);
		free((char *)put->value.text);
		free(put->found.nodes);
		free(put->old);
		rec_free(put->r);
	}
	free(job->puts);
	path_template_free(job->template);
	for (size_t i = 0; i < job->o->n_maps; i++) {
		free(job->o->maps[i].member);
		free(job->o->maps[i].from);
	}
	free(job->o->maps);
}
