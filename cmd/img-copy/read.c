/* SPDX-License-Identifier: ISC
 * What is to be copied where. A record that is a copy of another one in the input stands for it:
 * the output of img-copy may be its input. */
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "mem.h"
#include "status.h"

const char *copying_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static bool is_image(const struct batch_work *work)
{
	return work->rec->kind && !strcmp(work->rec->kind, "image");
}

static bool same_cloud(const struct batch_work *a, const struct batch_work *b)
{
	const struct cloud_driver *cloud = cloud_named(rec_string(a->rec, "provider"));

	return cloud && cloud == cloud_named(rec_string(b->rec, "provider"));
}

/* Whether this record says that it is a copy of that one. */
static bool is_copy_of(const struct batch_work *work, const struct batch_work *of)
{
	const json_t *source = json_object_get(work->rec->json, "source");
	const char *from = copying_text(source, "region"), *region = rec_string(of->rec, "region");

	if (work == of || !is_image(of) || !same_cloud(work, of) ||
	    !same(copying_text(source, "id"), rec_string(of->rec, "id")))
		return false;
	if (same(rec_string(work->rec, "region"), region))
		return false;
	return !from || !region || !strcmp(from, region);
}

static bool is_same_image(const struct batch_work *a, const struct batch_work *b)
{
	const char *x = rec_string(a->rec, "region"), *y = rec_string(b->rec, "region");

	return is_image(b) && same_cloud(a, b) && (same(x, y) || (!x && !y)) &&
	       same(rec_string(a->rec, "id"), rec_string(b->rec, "id"));
}

/* Nothing to be copied: a copy of another record, or an image that was there before. */
static bool is_known(const struct batch *b, const struct batch_work *work)
{
	for (size_t i = 0; i < b->n; i++) {
		if (is_image(work) && is_copy_of(work, &b->works[i]))
			return true;
		if (&b->works[i] < work && is_same_image(work, &b->works[i]))
			return true;
	}
	return false;
}

static bool are_tags(json_t *tags)
{
	const char *key;
	json_t *value;

	json_object_foreach(tags, key, value) {
		if (!json_is_string(value) && !json_is_null(value))
			return false;
	}
	return !tags || json_is_null(tags) || json_is_object(tags);
}

/* Of what a copy would carry. */
static bool check_types(struct source *s)
{
	static const char *const texts[] = {"name",         "description", "architecture",
					    "distribution", "run",         NULL};
	const json_t *json = s->work->rec->json;
	const char *wrong = rec_no_string(json, texts);

	if (wrong)
		return fail_set(&s->work->failure, ST_DATA, "bad-image",
				"image '%s': '%s' is no text", s->item.id, wrong);
	if (!are_tags(json_object_get(json, "tags")))
		return fail_set(&s->work->failure, ST_DATA, "bad-image",
				"image '%s': 'tags' is no object of texts", s->item.id);
	return true;
}

static bool open_source(struct copying *c, struct source *s)
{
	struct rec *rec = s->work->rec;
	struct failure *f = &s->work->failure;
	const char *id = rec_string(rec, "id");

	if (!id || !*id)
		return fail_set(f, ST_DATA, "bad-image",
				"an image record to be copied needs its 'id'");
	s->item.id = mem_dup(id);
	s->item.kind = CLOUD_IMAGES;
	s->item.region = rec_string(rec, "region");
	s->item.wanted = rec->json;
	if (!cloud_account(&c->accounts, rec_string(rec, "provider"), &s->item)) {
		fail_move(f, &s->item.failure);
		fail_prefix(f, "cannot copy image '%s'", id);
		return false;
	}
	if (!s->item.driver->everywhere && !s->item.region)
		return fail_set(f, ST_DATA, "bad-image", "image '%s' needs its 'region'", id);
	return true;
}

static void add_account(json_t *accounts, json_t *account)
{
	size_t i;
	json_t *other;

	json_array_foreach(accounts, i, other) {
		if (json_equal(account, other))
			return;
	}
	if (json_array_append(accounts, account))
		mem_out();
}

static bool read_share(struct copying *c, struct source *s)
{
	json_t *own = json_object_get(s->work->rec->json, "share_with"), *account;
	size_t i;

	s->share_with = json_array();
	json_array_foreach(own, i, account) {
		if (!json_is_string(account))
			break;
		add_account(s->share_with, account);
	}
	if (own && !json_is_null(own) && (!json_is_array(own) || i < json_array_size(own)))
		return fail_set(&s->work->failure, ST_DATA, "bad-image",
				"image '%s': 'share_with' is no list of accounts", s->item.id);
	json_array_foreach(c->o->accounts, i, account) {
		add_account(s->share_with, account);
	}
	if (json_array_size(s->share_with) && !s->item.driver->share)
		return fail_set(&s->work->failure, ST_REFUSED, "not-there",
				"cannot share image '%s': %s cannot do that", s->item.id,
				s->item.driver->provider);
	return true;
}

static struct batch_work *stand_in(struct batch *b, const struct batch_work *source,
				   const char *region)
{
	for (size_t i = 0; i < b->n; i++)
		if (is_image(&b->works[i]) && is_copy_of(&b->works[i], source) &&
		    same(rec_string(b->works[i].rec, "region"), region))
			return &b->works[i];
	return NULL;
}

/* One that failed before, and is not to be taken up again, is left to whoever reads it. */
static void add_copies(struct copying *c, struct source *s)
{
	for (size_t i = 0; i < c->o->n_regions; i++) {
		const char *region = c->o->regions[i];
		struct batch_work *stands = stand_in(&c->batch, s->work, region);

		if (same(s->item.region, region) || (stands && !stands->mine))
			continue;
		c->copies[c->n_copies++] =
		    (struct copy){.of = s, .region = region, .stands = stands};
	}
}

void copying_read(struct copying *c)
{
	struct batch *b = &c->batch;

	c->sources = mem_alloc((b->n + 1) * sizeof *c->sources);
	c->copies = mem_alloc((b->n * c->o->n_regions + 1) * sizeof *c->copies);
	for (size_t i = 0; i < b->n; i++) {
		struct source *s = &c->sources[c->n_sources];

		if (!b->works[i].mine || is_known(b, &b->works[i]))
			continue;
		*s = (struct source){.work = &b->works[i], .io = b->io};
		s->good = open_source(c, s) && check_types(s) && read_share(c, s);
		if (s->good)
			add_copies(c, s);
		c->n_sources++;
	}
}
