/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "mem.h"
#include "series.h"

static void add_key(struct buf *key, const struct rec *r, const char *member)
{
	const char *text = rec_string(r, member);

	buf_str(key, text ? text : "");
	buf_char(key, '\0');
}

/* "web-2026-11-20T0930", "web_20261120.2", "web-21", "web-v21" are of the series "web". */
static const char *const ends[] = {"[^0-9](19|20)[0-9]{2}[-_.]?[01][0-9][-_.]?[0-3][0-9]"
				   "([-_. "
				   "Tt]*[0-2][0-9][-_.:hH]?[0-5][0-9]([-_.:]?[0-5][0-9](\\.[0-9]+)?"
				   ")?)?([zZ]|[-+][0-9]{2}:?[0-9]{2})?"
				   "([-_.][0-9]{1,4})?$",
				   "[-_. ][vV]?[0-9]+$"};

static void prepare(struct series *s)
{
	for (size_t i = 0; i < 2 && !s->ready; i++)
		if (regcomp(&s->ends[i], ends[i], REG_EXTENDED))
			mem_out();
	s->ready = true;
}

static size_t stem(struct series *s, const char *name)
{
	prepare(s);
	for (size_t i = 0; i < 2; i++) {
		regmatch_t match;

		if (!regexec(&s->ends[i], name, 1, &match, 0) && match.rm_so > 0)
			return (size_t)match.rm_so + !strchr("-_. ", name[match.rm_so]);
	}
	return strlen(name);
}

/* Of a name that is only a date or a number the distribution alone tells. */
static bool is_number(const char *name)
{
	return !name[strspn(name, "0123456789-_.:TtZz ")];
}

uint32_t series_of(struct series *s, const struct rec *r)
{
	const char *distribution = rec_string(r, "distribution"), *name = rec_string(r, "name");
	struct buf key = {0};
	uint32_t number;

	distribution = distribution ? distribution : "";
	name = name ? name : "";
	if (!*distribution && !*name)
		return SERIES_NONE;
	add_key(&key, r, "provider");
	add_key(&key, r, "account");
	add_key(&key, r, "region");
	add_key(&key, r, "architecture");
	add_key(&key, r, "distribution");
	if (!*distribution || !is_number(name))
		buf_add(&key, name, stem(s, name));
	number = intern_add(&s->names, key.data, key.len);
	buf_free(&key);
	return number;
}

uint32_t series_id(struct series *s, const struct rec *r)
{
	struct buf key = {0};
	uint32_t number;

	add_key(&key, r, "provider");
	add_key(&key, r, "account");
	add_key(&key, r, "region");
	add_key(&key, r, "id");
	number = intern_add(&s->ids, key.data, key.len);
	buf_free(&key);
	return number;
}

void series_free(struct series *s)
{
	for (size_t i = 0; i < 2 && s->ready; i++)
		regfree(&s->ends[i]);
	intern_free(&s->names);
	intern_free(&s->ids);
}
