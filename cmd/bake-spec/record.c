/* SPDX-License-Identifier: ISC
 * One bake record of its layers of settings. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "mem.h"
#include "spec.h"
#include "status.h"

enum { LARGEST_DISK = 65536 };

static bool is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

char *label_of(const struct choice *choice)
{
	char *label = mem_fmt("%s-%s-%s", choice->cloud, choice->region, choice->distribution);

	for (char *c = label; *c; c++)
		if (!isascii(*c) || !(isalnum((unsigned char)*c) || strchr("._-", *c)))
			*c = '-';
		else
			*c = (char)tolower((unsigned char)*c);
	return label;
}

/* A path out of the environment is relative to where we are. */
static json_t *from_variables(const struct maker *m, const struct setting *s)
{
	for (size_t i = 0; i < 3 && s->variables[i].cloud; i++)
		if (is(s->variables[i].cloud, m->choice->cloud)) {
			const char *value = variable(s->variables[i].names[0]);

			return value ? json_string(value) : NULL;
		}
	return NULL;
}

static json_t *read_ssh(struct maker *m, struct found found)
{
	struct found port = {json_object_get(found.value, "port"), found.file, found.layer, true};
	json_t *number;

	if (!port.value || json_object_size(found.value) != 1) {
		fault(m->config, found.file, found.value,
		      "'ssh' must be a mapping with 'port' alone");
		return NULL;
	}
	number = read_number(m, port, 65535);
	return number ? json_pack("{so}", "port", number) : NULL;
}

static json_t *value_of(struct maker *m, const struct setting *s, struct found found)
{
	switch (s->form) {
	case FORM_NUMBER:
		return read_number(m, found, LARGEST_DISK);
	case FORM_TRUTH:
		return read_truth(m, found);
	case FORM_WORDS:
	case FORM_SCRIPTS:
	case FORM_NAMES:
		return read_list(m, found, s->form);
	case FORM_SSH:
		return read_ssh(m, found);
	default:
		return read_text(m, found, s->form);
	}
}

static void put_plain(struct maker *m, const struct setting *s)
{
	struct found found = find_setting(&m->layers, s->names);
	json_t *value = NULL;

	if (found.value)
		value = value_of(m, s, found);
	else if (!found.given)
		value = from_variables(m, s);
	if (value)
		json_object_set_new(m->record, s->names[0], value);
}

static void put(struct maker *m, const struct setting *s)
{
	switch (s->form) {
	case FORM_DROPPED:
	case FORM_PART:
		break;
	case FORM_SOURCE:
		put_source(m);
		break;
	case FORM_IMAGE_NAME:
		put_image_name(m);
		break;
	case FORM_TAGS: {
		json_t *tags = read_tags(m);

		if (json_object_size(tags))
			json_object_set(m->record, "tags", tags);
		json_decref(tags);
		break;
	}
	default:
		put_plain(m, s);
	}
	/* where the record has other members between */
	if (is(s->names[0], "zones"))
		json_object_set_new(m->record, "distribution",
				    json_string(m->choice->distribution));
	if (is(s->names[0], "verify") && !json_object_get(m->record, "verify"))
		json_object_set(m->record, "verify", json_object_get(m->record, "tests"));
	if (is(s->names[0], "username") && !json_object_get(m->record, "username") &&
	    (is(m->choice->cloud, "digitalocean") || is(m->choice->cloud, "rackspace")))
		json_object_set_new(m->record, "username", json_string("root"));
}

static bool has(const struct maker *m, const char *member)
{
	const json_t *value = json_object_get(m->record, member);

	return json_is_array(value) ? json_array_size(value) : value != NULL;
}

static void need(struct maker *m, const char *label, const char *member, const char *other)
{
	if (!has(m, member) && !has(m, other))
		fault_plain(m->config, ST_DATA, "cannot make '%s': no '%s'%s%s%s", label, member,
			    *other ? " and no '" : "", other, *other ? "'" : "");
}

/* A private key is of use with the public one alone. */
static void drop_lone_key(struct maker *m)
{
	const char *const names[] = {"key_file", "key_filename", "private_key_filename", NULL};

	if (!json_object_get(m->record, "key_pair") &&
	    !json_object_get(m->record, "public_key_file") &&
	    !find_setting(&m->layers, names).value)
		json_object_del(m->record, "key_file");
}

static void check_zones(struct maker *m, const char *label)
{
	const char *region = m->choice->region;
	json_t *zone;
	size_t i;

	if (!is(m->choice->cloud, "aws") && !is(m->choice->cloud, "gce"))
		return;
	json_array_foreach(json_object_get(m->record, "zones"), i, zone)
		if (strncmp(json_string_value(zone), region, strlen(region)))
			fault_plain(m->config, ST_DATA,
				    "cannot make '%s': zone '%s' is not in '%s'", label,
				    json_string_value(zone), region);
}

/* The image is in its own region anyway. */
static void drop_own_region(struct maker *m)
{
	json_t *regions = json_object_get(m->record, "copy_to");

	for (size_t i = json_array_size(regions); i-- > 0;)
		if (is(json_string_value(json_array_get(regions, i)), m->choice->region))
			json_array_remove(regions, i);
}

json_t *make_entry(const struct choice *choice)
{
	char *label = label_of(choice);
	json_t *entry = json_pack("{ss ss ss ss ss sb}", "kind", "bake", "name", label, "provider",
				  choice->cloud, "region", choice->region, "distribution",
				  choice->distribution, "planned", 1);

	free(label);
	return entry;
}

json_t *make_record(struct config *c, const struct choice *choice)
{
	struct maker m = {c, choice, layers_of(c, choice), NULL};
	char *label = label_of(choice);
	int before = c->status;
	size_t missing = json_object_size(c->missing);

	m.record = json_pack("{ss ss ss ss}", "kind", "bake", "name", label, "provider",
			     choice->cloud, "region", choice->region);
	if (!m.record)
		mem_out();
	for (size_t i = 0; i < n_settings; i++)
		put(&m, &settings[i]);
	drop_lone_key(&m);
	drop_own_region(&m);
	check_zones(&m, label);
	if (c->status == before && json_object_size(c->missing) == missing) {
		need(&m, label, "source_image", "source");
		need(&m, label, "instance_types", "");
		need(&m, label, "username", "");
	}
	json_object_set_new(m.record, "run", json_string(env_run()));
	free(m.layers.at);
	free(label);
	return m.record;
}
