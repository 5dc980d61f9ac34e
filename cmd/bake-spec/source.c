/* SPDX-License-Identifier: ISC
 * What the machine is started from: an image by its id, or by owner, name and family. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "spec.h"

static bool is_cloud(const struct maker *m, const char *cloud)
{
	return !strcmp(m->choice->cloud, cloud);
}

static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form) - 1; i++)
		if (form[i] == '-' ? text[i] != '-'
				   : !text[i] || !strchr("0123456789abcdefABCDEF", text[i]))
			return false;
	return strlen(text) == sizeof(form) - 1;
}

/* OpenStack's users name images as often as they give ids. */
static void put_id(struct maker *m, struct found found)
{
	json_t *id = read_text(m, found, FORM_WORD);

	if (!id)
		return;
	if ((is_cloud(m, "openstack") || is_cloud(m, "rackspace")) &&
	    !is_uuid(json_string_value(id)))
		json_object_set_new(m->record, "source", json_pack("{so}", "name", id));
	else
		json_object_set_new(m->record, "source_image", id);
}

static const char *const parts[] = {"owner", "name", "family", "architecture"};

static bool is_part(const char *name)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strcmp(name, parts[i]))
			return true;
	return false;
}

static void check_parts(struct maker *m, const struct layer *layer, const json_t *source)
{
	json_auto_t *known = json_array();
	const char *key;
	json_t *value;

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		json_array_append_new(known, json_string(parts[i]));
	json_object_foreach((json_t *)source, key, value)
		if (!is_part(key)) {
			char *guess = guess_text(key, known);

			fault(m->config, layer->file, value, "a source has no '%s'%s", key, guess);
			free(guess);
		}
}

/* A part of the strongest layer whose source has it. */
static struct found find_part(struct maker *m, const char *part)
{
	for (size_t i = 0; i < m->layers.n; i++) {
		const struct layer *layer = &m->layers.at[i];
		const json_t *source = json_object_get(layer->settings, "source");
		const json_t *value = json_object_get(source, part);

		if (source && json_is_null(source))
			break;
		if (source && !json_is_object(source))
			fault(m->config, layer->file, source,
			      "'source' must be a mapping of owner, name, family, architecture");
		check_parts(m, layer, source);
		if (value)
			return (struct found){json_is_null(value) ? NULL : value, layer->file, i,
					      true};
	}
	return (struct found){0};
}

/* The seed's configuration of Google's cloud: a project and how the name begins. */
static struct found find_base(struct maker *m, const char *part)
{
	const char *const project[] = {"base_image_project", NULL};
	const char *const prefix[] = {"base_image_prefix", NULL};

	if (!strcmp(part, "owner"))
		return find_setting(&m->layers, project);
	if (!strcmp(part, "name"))
		return find_setting(&m->layers, prefix);
	return (struct found){0};
}

static json_t *architecture(struct maker *m, struct found found, json_t *text)
{
	static const char *const words[][2] = {
	    {"amd64", "x86_64"}, {"x86_64", "x86_64"}, {"arm64", "arm64"}, {"aarch64", "arm64"}};
	const char *is = json_string_value(text);
	json_t *word = NULL;

	for (size_t i = 0; is && i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(is, words[i][0]))
			word = json_string(words[i][1]);
	if (text && !word)
		fault(m->config, found.file, found.value,
		      "'architecture' must be x86_64 (amd64) or arm64 (aarch64)");
	json_decref(text);
	return word;
}

static void put_part(struct maker *m, json_t *source, const char *part)
{
	struct found found = find_part(m, part);
	bool base = !found.given && (found = find_base(m, part)).given;
	json_t *text = found.value ? read_text(m, found, FORM_WORD) : NULL;

	if (text && !strcmp(part, "architecture"))
		text = architecture(m, found, text);
	if (text && base && !strcmp(part, "name")) {
		char *glob = mem_fmt("%s*", json_string_value(text));

		json_decref(text);
		text = json_string(glob);
		free(glob);
	}
	if (text)
		json_object_set_new(source, part, text);
}

/* Anybody can publish an image under any name: ami-find(1). */
static void check_source(struct maker *m, const json_t *source, struct found found)
{
	bool name = json_object_get(source, "name"), family = json_object_get(source, "family");

	if (!found.value || m->config->status)
		return;
	if (!name && !family)
		fault(m->config, found.file, found.value,
		      "the source has no 'name' and no 'family'");
	if (is_cloud(m, "aws") && name && !json_object_get(source, "owner"))
		fault(m->config, found.file, found.value,
		      "the source has no 'owner': self, amazon, or an account's id");
}

static void put_parts(struct maker *m, struct found found)
{
	json_t *source = json_object();

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		put_part(m, source, parts[i]);
	check_source(m, source, found);
	json_object_set_new(m->record, "source", source);
}

void put_source(struct maker *m)
{
	const char *const ids[] = {"source_image", "ami", "image", NULL};
	const char *const sources[] = {"source", "base_image_prefix", NULL};
	struct found id = find_setting(&m->layers, ids);
	struct found source = find_setting(&m->layers, sources);

	if (id.value && (!source.value || id.layer < source.layer))
		put_id(m, id);
	else if (source.value && (!id.value || source.layer < id.layer))
		put_parts(m, source);
	else if (id.value)
		fault(m->config, id.file, id.value,
		      "an image by its id and a 'source' stand side by side: one must go, or be ~");
}
