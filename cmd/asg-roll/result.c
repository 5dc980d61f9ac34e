/* SPDX-License-Identifier: ISC
 * The asg record that takes the place of the asg-spec: also when it failed, for an asg-spec with
 * user data is never written. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "roll.h"

/* Members of the asg-spec that the asg record has in its own form, or must not have. */
static bool replaced(const char *key)
{
	static const char *const keys[] = {
	    "provider",        "instance_type", "availability_zones", "subnets",
	    "security_groups", "key_pair",      "instance_profile",   "user",
	    "health_check",    "grace_seconds", "launch_template",    "user_data",
	    "planned"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static json_t *or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text ? json_string(text) : json_null();
}

static json_t *planned(const struct roll *r)
{
	const struct want *w = &r->want;
	json_t *spec = r->rec->json;
	bool new = !json_is_object(r->own);
	json_t *record;

	if (!new)
		record = asg_record(w->region, r->own, NULL, NULL);
	else
		record =
		    json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "kind", "asg", "provider",
			      "aws", "region", text_or_null(w->region), "id", json_null(), "name",
			      or_null(json_object_get(spec, "name")), "launch_template",
			      w->template_name ? json_pack("{s:n, s:s, s:n}", "id", "name",
							   w->template_name, "version")
					       : json_null(),
			      "instances", json_null());
	if (!record)
		mem_out();
	if (new && w->target_groups)
		json_object_set(record, "target_groups", w->target_groups);
	if (new && w->run)
		json_object_set_new(record, "run", json_string(w->run));
	return record;
}

bool result_made(struct roll *r, struct failure *f)
{
	json_auto_t *group = asg_find(&r->cloud, r->name, f);
	struct asg_item item = {.region = r->want.region, .group = group, .wants_image = true};

	if (!group)
		return false;
	if (!json_is_object(group))
		return true;
	asg_look_all(r->cloud.aws, &item, 1);
	if (!item.failure.status)
		r->result = asg_record(r->want.region, group, &item.health, item.image);
	fail_move(f, &item.failure);
	asg_item_free(&item);
	return r->result != NULL;
}

/* In place, so that members which we do not know keep their text. */
void result_into_record(struct roll *r)
{
	json_auto_t *result = r->result ? json_incref(r->result) : planned(r);
	json_auto_t *spec = json_copy(r->rec->json);
	const char *key;
	json_t *value;

	json_object_foreach(spec, key, value)
		if (replaced(key))
			rec_del(r->rec, key);
	json_object_foreach(result, key, value)
		rec_set(r->rec, key, json_incref(value));
	if (*r->want.user_data)
		rec_set(r->rec, "user_data_sha256", json_string(r->want.user_data));
}
