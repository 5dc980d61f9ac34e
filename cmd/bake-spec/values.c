/* SPDX-License-Identifier: ISC
 * Values of settings, as the record has them. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "env.h"
#include "mem.h"
#include "spec.h"
#include "status.h"
#include "trace.h"

static json_t *refuse(struct maker *m, const struct spec_file *file, const json_t *value,
		      const char *because)
{
	fault(m->config, file, value, "%s", because);
	return NULL;
}

/* What a path in a file is relative to: the file; one out of a variable to where we are. */
static char *whole_path(const struct spec_file *file, const char *text, bool given)
{
	const char *home = !strncmp(text, "~/", 2) ? env_get("HOME") : NULL;

	if (home)
		return mem_fmt("%s/%s", home, text + 2);
	if (given || text[0] == '/' || !*file->directory)
		return mem_dup(text);
	while (!strncmp(text, "./", 2))
		text += 2;
	return mem_fmt("%s%s", file->directory, text);
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

static bool is_name(const char *text)
{
	if (isdigit((unsigned char)*text) || !*text)
		return false;
	while (isalnum((unsigned char)*text) || *text == '_')
		text++;
	return !*text;
}

/* The string of a scalar in this form; false when it is told what is wrong. */
static bool text_of(struct maker *m, const struct spec_file *file, const json_t *value,
		    enum form form, struct buf *text)
{
	bool given = false;
	char *path;

	if (!json_is_string(value))
		return refuse(m, file, value, "this must be one text");
	if (form == FORM_VERBATIM) {
		buf_str(text, json_string_value(value));
		return true;
	}
	if (!expand(m, file, value, text, &given))
		return false;
	if (!text->len)
		return refuse(m, file, value, "this is empty");
	if (form != FORM_TEXT && has_control(text->data))
		return refuse(m, file, value, "this must be one line, without control characters");
	if (form == FORM_NAMES && !is_name(text->data))
		return refuse(m, file, value, "'environment' lists names of variables, no values");
	if (form == FORM_PATH || form == FORM_SCRIPTS) {
		path = whole_path(file, text->data, given);
		buf_clear(text);
		buf_str(text, path);
		free(path);
	}
	return true;
}

/* Found now, not when there is a machine that waits for it. */
static void check_script(struct maker *m, const char *path)
{
	if (trace_mode() != TRACE_REPLAY && access(path, R_OK))
		fault_plain(m->config, ST_NOINPUT, "cannot read the script '%s': %s", path,
			    strerror(errno));
}

static json_t *string_of(struct maker *m, const struct spec_file *file, const json_t *value,
			 const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);

	return string ? string : refuse(m, file, value, "a variable in it is not UTF-8");
}

json_t *read_text(struct maker *m, struct found found, enum form form)
{
	struct buf text = {0};
	json_t *result = NULL;

	if (text_of(m, found.file, found.value, form, &text))
		result = string_of(m, found.file, found.value, text.data, text.len);
	buf_free(&text);
	return result;
}

static bool add_item(struct maker *m, struct found found, enum form form, const char *text,
		     size_t len, json_t *items)
{
	json_t *item = string_of(m, found.file, found.value, text, len), *had;
	size_t i;

	if (!item)
		return false;
	json_array_foreach(items, i, had)
		if (json_equal(item, had)) {
			json_decref(item);
			return true;
		}
	json_array_append_new(items, item);
	if (form == FORM_SCRIPTS)
		check_script(m, json_string_value(item));
	return true;
}

/* One text of a list; one with commas is several, but for scripts. */
static bool add_items(struct maker *m, struct found found, enum form form, json_t *items)
{
	struct buf text = {0};
	bool good =
	    text_of(m, found.file, found.value, form == FORM_NAMES ? FORM_WORD : form, &text);
	const char *at = good ? text.data : NULL;

	while (good && at) {
		size_t len = form == FORM_SCRIPTS ? strlen(at) : strcspn(at, ",");
		size_t from = strspn(at, " "), to = len;
		char *word;

		while (to > from && at[to - 1] == ' ')
			to--;
		word = mem_dup_n(at + from, to > from ? to - from : 0);
		if (!*word)
			good = refuse(m, found.file, found.value, "an element of it is empty");
		else if (form == FORM_NAMES && !is_name(word))
			good = refuse(m, found.file, found.value,
				      "'environment' lists names of variables, no values");
		else
			good = add_item(m, found, form, word, strlen(word), items);
		free(word);
		at = at[len] ? at + len + 1 : NULL;
	}
	buf_free(&text);
	return good;
}

/* Lists in the list, as aliases make them, are part of it. */
static bool add_all(struct maker *m, struct found found, enum form form, json_t *items)
{
	bool good = true;
	json_t *item;
	size_t i;

	if (json_is_object(found.value))
		return refuse(m, found.file, found.value,
			      form == FORM_NAMES
				  ? "'environment' lists names of variables, no values"
				  : "this must be a text or a list of texts");
	if (!json_is_array(found.value))
		return add_items(m, found, form, items);
	json_array_foreach(found.value, i, item) {
		struct found one = {item, found.file, found.layer, true};

		good &= add_all(m, one, form, items);
	}
	return good;
}

json_t *read_list(struct maker *m, struct found found, enum form form)
{
	json_t *items = json_array();

	if (add_all(m, found, form, items))
		return items;
	json_decref(items);
	return NULL;
}

json_t *read_number(struct maker *m, struct found found, long long most)
{
	json_t *text = read_text(m, found, FORM_WORD), *number = NULL;
	long long n;

	if (text && cli_number(json_string_value(text), 1, most, &n))
		number = json_integer(n);
	else if (text)
		fault(m->config, found.file, found.value, "this must be a number from 1 to %lld",
		      most);
	json_decref(text);
	return number;
}

json_t *read_truth(struct maker *m, struct found found)
{
	json_t *text = read_text(m, found, FORM_WORD);
	bool yes;

	if (!text)
		return NULL;
	if (!yml_truth(text, &yes)) {
		json_decref(text);
		return refuse(m, found.file, found.value, "this must be true or false");
	}
	json_decref(text);
	return json_boolean(yes);
}

/* DigitalOcean's: "a" is {"a":null}, "a:b" is {"a":"b"}. */
static void add_listed(struct maker *m, const struct spec_file *file, const json_t *list,
		       json_t *tags)
{
	json_auto_t *items = read_list(m, (struct found){list, file, 0, true}, FORM_WORDS);
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		const char *text = json_string_value(item), *colon = strchr(text, ':');
		char *key = colon ? mem_dup_n(text, (size_t)(colon - text)) : mem_dup(text);

		json_object_set_new(tags, key, colon ? json_string(colon + 1) : json_null());
		free(key);
	}
}

static void add_mapped(struct maker *m, const struct spec_file *file, const json_t *map,
		       json_t *tags)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)map, key, value) {
		struct found found = {value, file, 0, true};
		const char *plain = json_string_value(value);
		json_t *text = NULL;

		if (json_is_null(value))
			json_object_del(tags, key);
		else if (plain && !*plain)
			text = json_string("");
		else
			text = read_text(m, found, FORM_WORD);
		if (text)
			json_object_set_new(tags, key, text);
	}
}

json_t *read_tags(struct maker *m)
{
	json_t *tags = json_object();

	for (size_t i = m->layers.n; i-- > 0;) {
		const struct layer *layer = &m->layers.at[i];
		const json_t *some = json_object_get(layer->settings, "tags");

		if (json_is_null(some))
			json_object_clear(tags);
		else if (json_is_object(some))
			add_mapped(m, layer->file, some, tags);
		else if (some && !strcmp(m->choice->cloud, "digitalocean"))
			add_listed(m, layer->file, some, tags);
		else if (some)
			fault(m->config, layer->file, some, "'tags' must be a mapping");
	}
	return tags;
}
