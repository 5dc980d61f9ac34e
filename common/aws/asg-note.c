/* SPDX-License-Identifier: ISC
 * A note as text: KEY=VALUE words, percent-encoded, a key said several times makes a list. */
#include <stdlib.h>
#include <string.h>

#include "../buf.h"
#include "../mem.h"
#include "asg.h"

enum { LONGEST_VALUE = 250, MOST_PARTS = 20 }; /* a tag's value holds 256 characters */

static char *part_key(const char *key, size_t part)
{
	return part ? mem_fmt("%s.%zu", key, part + 1) : mem_dup(key);
}

static void add_word(struct buf *text, const char *key, const char *value)
{
	if (text->len)
		buf_char(text, ' ');
	buf_fmt(text, "%s=", key);
	buf_percent(text, value, strlen(value), ":/@+");
}

static void write_note(struct buf *text, const json_t *note)
{
	const char *key;
	json_t *value, *element;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)note, key, value) {
		if (json_is_string(value))
			add_word(text, key, json_string_value(value));
		json_array_foreach(value, i, element)
			add_word(text, key, json_string_value(element));
	}
}

/* Lists are told by their names: a list of one must come back as a list. */
static bool is_list(const char *key)
{
	return !strcmp(key, "elb") || !strcmp(key, "tg") || !strcmp(key, "old") ||
	       !strcmp(key, "lc") || !strcmp(key, "from") || !strcmp(key, "lt");
}

static void read_word(json_t *note, char *word)
{
	struct buf value = {0};
	char *equals = strchr(word, '=');
	json_t *text, *list;

	if (!equals)
		return;
	*equals = '\0';
	buf_unpercent(&value, equals + 1, strlen(equals + 1), 0);
	text = json_string(value.data ? value.data : "");
	buf_free(&value);
	if (!is_list(word)) {
		json_object_set_new(note, word, text);
		return;
	}
	list = json_object_get(note, word);
	if (!list) {
		list = json_array();
		json_object_set_new(note, word, list);
	}
	json_array_append_new(list, text);
}

json_t *asg_note(const json_t *group, const char *key)
{
	struct buf text = {0};
	json_t *note;
	char *rest, *word;

	if (!asg_tag(group, key))
		return NULL;
	for (size_t part = 0; part < MOST_PARTS; part++) {
		char *name = part_key(key, part);
		const char *value = asg_tag(group, name);

		free(name);
		if (!value)
			break;
		buf_str(&text, value);
	}
	buf_str(&text, "");
	if (!(note = json_object()))
		mem_out();
	for (rest = text.data; (word = strsep(&rest, " "));)
		read_word(note, word);
	buf_free(&text);
	return note;
}

const char *asg_note_text(const json_t *note, const char *key)
{
	const char *text = json_string_value(json_object_get(note, key));

	return text ? text : "";
}

long long asg_note_number(const json_t *note, const char *key)
{
	return strtoll(asg_note_text(note, key), NULL, 10);
}

void asg_put_tag(json_t *tags, const char *name, const char *key, const char *value, bool spread)
{
	json_t *tag = json_pack("{s:s, s:s, s:s, s:s, s:b}", "ResourceId", name, "ResourceType",
				"auto-scaling-group", "Key", key, "Value", value,
				"PropagateAtLaunch", spread);

	if (!tag || json_array_append_new(tags, tag))
		mem_out();
}

void asg_note_tags(json_t *tags, const char *name, const char *key, const json_t *note,
		   const json_t *group)
{
	struct buf text = {0};
	size_t at = 0, part;

	write_note(&text, note);
	for (part = 0; part < MOST_PARTS; part++) {
		char *tag = part_key(key, part);
		size_t len = text.len - at > LONGEST_VALUE ? LONGEST_VALUE : text.len - at;

		/* a longer note before this one has left parts that must say nothing now */
		if (!part || len || (group && asg_tag(group, tag))) {
			char *value = mem_dup_n(text.data ? text.data + at : "", len);

			asg_put_tag(tags, name, tag, value, false);
			free(value);
		}
		at += len;
		free(tag);
	}
	buf_free(&text);
}

void asg_note_drop(json_t *tags, const json_t *group, const char *key)
{
	for (size_t part = 0; part < MOST_PARTS; part++) {
		char *tag = part_key(key, part);

		if (asg_tag(group, tag))
			asg_put_tag(tags, asg_name(group), tag, asg_tag(group, tag), false);
		free(tag);
	}
}

static bool change_tags(struct asg_cloud *c, const char *action, json_t *tags, struct failure *f)
{
	if (!json_array_size(tags)) {
		json_decref(tags);
		return true;
	}
	return asg_change(c, "autoscaling", action, json_pack("{s:o}", "Tags", tags), NULL, f);
}

bool asg_tags_set(struct asg_cloud *c, json_t *tags, struct failure *f)
{
	return change_tags(c, "CreateOrUpdateTags", tags, f);
}

bool asg_tags_delete(struct asg_cloud *c, json_t *tags, struct failure *f)
{
	return change_tags(c, "DeleteTags", tags, f);
}

bool asg_kept(const json_t *group)
{
	json_auto_t *note = asg_note(group, ASG_NOTE_RETIRED);

	return note && !asg_going(group) && strcmp(asg_note_text(note, "mode"), "back") != 0;
}
