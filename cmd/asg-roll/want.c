/* SPDX-License-Identifier: ISC
 * What an asg-spec asks for: its types checked, its defaults filled in, its digest taken. */
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "mem.h"
#include "roll.h"
#include "sha256-hex.h"
#include "status.h"
#include "trace.h"

enum { LONGEST_USER_DATA = 16384, MOST_INSTANCES = 100000, LONGEST_GRACE = 86400 };

static bool wrong(struct failure *f, const char *key, const char *must)
{
	return fail_set(f, ST_DATA, "bad-spec", "'%s' of the asg-spec must be %s", key, must);
}

static bool absent(const json_t *value)
{
	return !value || json_is_null(value);
}

static bool read_text(const struct rec *r, const char *key, bool needed, const char **text,
		      struct failure *f)
{
	const json_t *value = json_object_get(r->json, key);

	*text = NULL;
	if (absent(value) && !needed)
		return true;
	*text = json_string_value(value);
	if (!*text || !**text)
		return wrong(f, key, "text that is not empty");
	return true;
}

static bool read_number(const struct rec *r, const char *key, long long most, long long *number,
			struct failure *f)
{
	const json_t *value = json_object_get(r->json, key);

	if (absent(value))
		return true;
	*number = json_integer_value(value);
	if (!json_is_integer(value) || *number < 0 || *number > most)
		return fail_set(f, ST_DATA, "bad-spec",
				"'%s' of the asg-spec must be a whole number from 0 to %lld", key,
				most);
	return true;
}

json_t *want_list(const struct rec *r, const char *key)
{
	json_t *list = json_object_get(r->json, key);

	return json_array_size(list) ? list : NULL;
}

static bool check_list(const struct rec *r, const char *key, struct failure *f)
{
	json_t *list = json_object_get(r->json, key), *text;
	size_t i;

	if (absent(list))
		return true;
	if (!json_is_array(list))
		return wrong(f, key, "an array of names");
	json_array_foreach(list, i, text)
		if (!json_string_length(text))
			return wrong(f, key, "an array of names");
	return true;
}

static bool check_tags(const struct rec *r, struct want *w, struct failure *f)
{
	json_t *tags = json_object_get(r->json, "tags"), *value;
	const char *key;

	if (!json_is_object(tags))
		return wrong(f, "tags", "an object with server and env");
	json_object_foreach(tags, key, value)
		if (!json_is_string(value))
			return wrong(f, "tags", "an object of texts");
	w->server = json_string_value(json_object_get(tags, "server"));
	w->env = json_string_value(json_object_get(tags, "env"));
	if (!w->server || !*w->server || !w->env || !*w->env)
		return wrong(f, "tags", "an object with server and env");
	return true;
}

static bool check_sizes(const struct rec *r, struct want *w, struct failure *f)
{
	w->min = 1;
	w->max = w->desired = -1;
	if (!read_number(r, "min_size", MOST_INSTANCES, &w->min, f) ||
	    !read_number(r, "max_size", MOST_INSTANCES, &w->max, f) ||
	    !read_number(r, "desired_capacity", MOST_INSTANCES, &w->desired, f) ||
	    !read_number(r, "grace_seconds", LONGEST_GRACE, &w->grace, f))
		return false;
	if (w->desired < 0)
		w->desired = w->min;
	if (w->max < 0)
		w->max = w->desired;
	if (w->min > w->desired || w->desired > w->max)
		return fail_set(f, ST_DATA, "bad-spec",
				"the asg-spec wants %lld instances, at least %lld and at most %lld",
				w->desired, w->min, w->max);
	return true;
}

/* In a replay the user data is not what it was (keys are not there): its digest is in the trace. */
static bool digest_user_data(const struct rec *r, struct want *w, struct failure *f)
{
	const json_t *value = json_object_get(r->json, "user_data");
	json_t *noted;

	if (absent(value))
		return true;
	if (!json_is_string(value))
		return wrong(f, "user_data", "text");
	if (json_string_length(value) > LONGEST_USER_DATA)
		return wrong(f, "user_data", "at most 16384 bytes long");
	sha256_hex(json_string_value(value), json_string_length(value), w->user_data);
	noted = trace_note("user-data-sha256", json_string(w->user_data));
	memcpy(w->user_data, json_string_value(noted), sizeof w->user_data);
	json_decref(noted);
	return true;
}

/* All that defines the group; not the run, which differs when a job is started again. */
static void digest_content(const struct rec *r, struct want *w)
{
	static const char *const members[] = {"name",
					      "image",
					      "instance_type",
					      "availability_zones",
					      "subnets",
					      "load_balancers",
					      "target_groups",
					      "security_groups",
					      "key_pair",
					      "instance_profile",
					      "min_size",
					      "max_size",
					      "desired_capacity",
					      "health_check",
					      "grace_seconds",
					      "launch_template",
					      "tags"};
	json_auto_t *all = json_object();
	char *text;

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *value = json_object_get(r->json, members[i]);

		if (!absent(value) && !(json_is_array(value) && !json_array_size(value)))
			json_object_set(all, members[i], value);
	}
	json_object_set_new(all, "user_data", json_string(w->user_data));
	text = json_dumps(all, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		mem_out();
	sha256_hex(text, strlen(text), w->content);
	free(text);
}

static bool check_names(const struct rec *r, struct want *w, const struct options *o,
			struct failure *f)
{
	static const char *const lists[] = {"availability_zones", "subnets", "load_balancers",
					    "target_groups", "security_groups"};
	const char *text;

	if (!read_text(r, "name", true, &w->name, f) ||
	    !read_text(r, "image", true, &w->image, f) ||
	    !read_text(r, "instance_type", true, &text, f) ||
	    !read_text(r, "key_pair", false, &text, f) ||
	    !read_text(r, "instance_profile", false, &text, f) ||
	    !read_text(r, "launch_template", false, &text, f) ||
	    !read_text(r, "health_check", false, &w->health_check, f))
		return false;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (!check_list(r, lists[i], f))
			return false;
	if (!o->back && !want_list(r, "availability_zones") && !want_list(r, "subnets"))
		return wrong(f, "availability_zones", "given, or 'subnets'");
	if (w->health_check && strcmp(w->health_check, "ELB") != 0 &&
	    strcmp(w->health_check, "EC2") != 0)
		return wrong(f, "health_check", "EC2 or ELB");
	if (strlen(w->name) > 255 || strchr(w->name, ':'))
		return wrong(f, "name", "at most 255 bytes without a colon");
	return true;
}

bool want_read(struct want *w, const struct rec *r, const struct options *o, struct failure *f)
{
	const char *region;

	*w = (struct want){.grace = 300};
	if (!read_text(r, "region", false, &region, f) || !read_text(r, "run", false, &w->run, f) ||
	    !check_tags(r, w, f))
		return false;
	w->region = mem_dup(region ? region : o->region);
	w->run = w->run ? w->run : env_run();
	if (o->back)
		return read_text(r, "name", false, &w->name, f);
	if (!check_names(r, w, o, f) || !check_sizes(r, w, f) || !digest_user_data(r, w, f))
		return false;
	if (!w->health_check)
		w->health_check =
		    want_list(r, "load_balancers") || want_list(r, "target_groups") ? "ELB" : "EC2";
	w->load_balancers = json_incref(json_object_get(r->json, "load_balancers"));
	digest_content(r, w);
	return true;
}

void want_free(struct want *w)
{
	free(w->region);
	free(w->template_name);
	free(w->template_id);
	json_decref(w->security_groups);
	json_decref(w->load_balancers);
	json_decref(w->target_groups);
	*w = (struct want){0};
}
