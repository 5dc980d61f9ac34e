/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../cli.h"
#include "../clock.h"
#include "../env.h"
#include "../mem.h"
#include "droplet.h"
#include "marks.h"

#define RUN "sluice:run:"
#define EXPIRES "sluice:expires:"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void put(json_t *record, const char *key, json_t *value)
{
	if (json_object_set_new(record, key, value))
		mem_out();
}

char *do_run_tag(const json_t *wanted)
{
	const char *own = text_of(wanted, "run");
	char *run = env_run_form(own ? own : env_run());
	char *tag = mem_fmt(RUN "%s", run);

	free(run);
	return tag;
}

char *do_expires_tag(const json_t *wanted)
{
	const char *text = text_of(wanted, "expires");
	int64_t ms = text ? clk_parse_iso(text) : -1;

	return ms < 0 ? NULL : mem_fmt(EXPIRES "%" PRId64, ms / 1000);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Of several the last one; what is no time is taken as it is, and counts more than any. */
static void read_expiry(json_t *record, const char *text)
{
	const char *other = text_of(record, "expires");
	int64_t before = other ? clk_parse_iso(other) : 0;
	long long seconds;
	char iso[32];

	if (before < 0)
		return;
	if (!cli_number(text, 0, 253402300799, &seconds))
		put(record, "expires", json_string(text));
	else if (!other || seconds * 1000 > before)
		put(record, "expires", json_string(clk_iso(seconds * 1000, iso)));
}

static void read_mark(json_t *record, const char *mark)
{
	if (begins(mark, RUN))
		put(record, "run", json_string(mark + strlen(RUN)));
	else if (begins(mark, EXPIRES))
		read_expiry(record, mark + strlen(EXPIRES));
}

void do_marks_read(json_t *record, const json_t *tags)
{
	size_t i;
	json_t *tag;

	json_array_foreach(tags, i, tag) {
		if (json_is_string(tag))
			read_mark(record, json_string_value(tag));
	}
}

json_t *do_tags_shown(const json_t *tags)
{
	json_auto_t *shown = json_array();
	size_t i;
	json_t *tag;

	json_array_foreach(tags, i, tag) {
		const char *text = json_string_value(tag);

		if (text && !begins(text, "sluice:"))
			json_array_append(shown, tag);
	}
	return do_tags_object(shown);
}

char *do_marked_name(const json_t *wanted)
{
	const char *name = text_of(wanted, "name");
	char *expires = do_expires_tag(wanted), *run, *marked;

	if (!expires)
		return mem_dup(name ? name : "");
	run = do_run_tag(wanted);
	marked = mem_fmt("%s %s %s", name ? name : "", run, expires);
	free(run);
	free(expires);
	return marked;
}

void do_marked_name_read(json_t *record, const char *name)
{
	const char *mark = strstr(name, " sluice:");
	char *plain = mark ? mem_dup_n(name, (size_t)(mark - name)) : mem_dup(name);

	put(record, "name", json_string(plain));
	free(plain);
	while (mark) {
		const char *next = strchr(mark + 1, ' ');
		char *one =
		    next ? mem_dup_n(mark + 1, (size_t)(next - mark - 1)) : mem_dup(mark + 1);

		read_mark(record, one);
		free(one);
		mark = next;
	}
}

bool do_in_region(const json_t *regions, const char *region)
{
	size_t i;
	json_t *one;

	json_array_foreach(regions, i, one) {
		if (json_is_string(one) && !strcmp(json_string_value(one), region))
			return true;
	}
	return false;
}

static bool agrees(const json_t *record, const char *key, const char *asked)
{
	const char *text = text_of(record, key);

	return !asked || (text && !strcmp(text, asked));
}

bool do_is_asked_for(const struct cloud_item *item, const json_t *record)
{
	const json_t *regions = json_object_get(record, "regions");

	if (!agrees(record, "run", item->run) || !agrees(record, "name", item->name))
		return false;
	if (item->temporary && !json_object_get(record, "expires"))
		return false;
	if (!item->region || item->kind == CLOUD_KEYS)
		return true;
	return regions ? do_in_region(regions, item->region)
		       : agrees(record, "region", item->region);
}
