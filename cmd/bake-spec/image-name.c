/* SPDX-License-Identifier: ISC
 * What the image will be called: as configured, else BASENAME or DISTRIBUTION and the time, in a
 * form that all clouds take, and that without its final number names the series. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "spec.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* What is wrong with a name in this cloud, or NULL. */
static const char *wrong_name(const char *cloud, const char *name)
{
	size_t len = strlen(name);

	if (!strcmp(cloud, "aws"))
		return len < 3 || len > 128 || name[strspn(name, LOWER UPPER DIGITS "()[] ./-'@_")]
			   ? "in EC2 it has 3 to 128 of a-z, A-Z, 0-9 and ()[] ./-'@_"
			   : NULL;
	if (!strcmp(cloud, "gce"))
		return len > 63 || !islower((unsigned char)*name) || name[len - 1] == '-' ||
			       name[strspn(name, LOWER DIGITS "-")]
			   ? "in Google's cloud it has at most 63 of a-z, 0-9 and '-', begins with "
			     "a letter and does not end with '-'"
			   : NULL;
	return len > 255 ? "it has at most 255 bytes" : NULL;
}

/* The distribution, as any cloud takes it. */
static char *series(const char *distribution)
{
	struct buf text = {0};

	if (!isalpha((unsigned char)*distribution) || !isascii(*distribution))
		buf_str(&text, "image-");
	for (const char *c = distribution; *c && text.len < 48; c++)
		buf_char(&text, isascii(*c) && isalnum((unsigned char)*c)
				    ? (char)tolower((unsigned char)*c)
				    : '-');
	return buf_take(&text);
}

static json_t *with_time(struct maker *m, const char *base)
{
	char stamp[16], *text;
	json_t *name;

	time_stamp(m->config, stamp);
	text = mem_fmt("%s-%s", base, stamp);
	name = json_string(text);
	free(text);
	return name;
}

static json_t *usual_name(struct maker *m)
{
	char *base = series(m->choice->distribution);
	json_t *name = with_time(m, base);

	free(base);
	return name;
}

static json_t *name_of(struct maker *m, struct found name, struct found base)
{
	json_t *text, *whole;

	if (name.value)
		return read_text(m, name, FORM_WORD);
	if (!base.value)
		return usual_name(m);
	text = read_text(m, base, FORM_WORD);
	whole = text ? with_time(m, json_string_value(text)) : NULL;
	json_decref(text);
	return whole;
}

void put_image_name(struct maker *m)
{
	const char *const names[] = {"image_name", NULL}, *const bases[] = {"image_basename", NULL};
	struct found name = find_setting(&m->layers, names), base = find_setting(&m->layers, bases);
	json_t *text;
	const char *wrong;

	if (name.value && base.value && base.layer < name.layer)
		name.value = NULL; /* the stronger one */
	text = name_of(m, name, base);
	wrong = text ? wrong_name(m->choice->cloud, json_string_value(text)) : NULL;
	if (wrong)
		fault(m->config, name.value ? name.file : base.file,
		      name.value ? name.value : base.value, "cannot call an image '%s': %s",
		      json_string_value(text), wrong);
	if (text)
		json_object_set_new(m->record, "image_name", text);
}
