/* SPDX-License-Identifier: ISC
 * All copies are started before any is waited for. */
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "mem.h"
#include "status.h"

/* After so many, a minute, no list hides a copy any more. */
enum { LOOKS = 10 };

/* So many rounds are five minutes: who cannot be reached for so long is not waited for, unless
 * there is nothing to wait for yet. */
enum { PATIENCE = 20 };

static struct cloud_wait how(const struct copying *c, enum cloud_verb verb, const char *what,
			     bool (*settled)(struct cloud_item *))
{
	return (struct cloud_wait){.limit_ms = c->o->limit_ms,
				   .reserve_ms = 1000,
				   .interval_ms = c->o->interval_ms,
				   .what = what,
				   .verb = verb,
				   .patience = verb == CLOUD_COPY ? 1 : PATIENCE,
				   .settled = settled};
}

/* It was seen, and is in no list any more. */
static bool went(struct cloud_item *item)
{
	return !item->failure.status && !item->record &&
	       !fail_set(&item->failure, ST_REFUSED, "gone",
			 "image '%s' is gone: something removed it", item->id);
}

static bool is_source_available(struct cloud_item *item)
{
	return went(item) || cloud_is_available(item);
}

static bool is_copy_available(struct cloud_item *item)
{
	struct copy *copy = item->ctx;

	if (copy->seen && went(item))
		return true;
	copy->seen = copy->seen || item->record;
	return cloud_is_available(item);
}

/* One that is still being made cannot be copied. */
static void wait_for_sources(struct copying *c)
{
	const struct cloud_wait waiting =
	    how(c, CLOUD_STATE, "images to be available", is_source_available);
	struct cloud_item **items = mem_alloc((c->n_sources + 1) * sizeof *items);
	size_t n = 0;

	for (size_t i = 0; i < c->n_sources; i++) {
		const char *state = copying_text(c->sources[i].live, "state");

		if (c->sources[i].good && state && !strcmp(state, "pending"))
			items[n++] = &c->sources[i].item;
	}
	if (n)
		cloud_await(items, n, &waiting);
	for (size_t i = 0; i < n; i++) {
		struct source *s = c->sources;

		while (&s->item != items[i])
			s++;
		s->good = !s->item.failure.status;
		if (s->good)
			rec_set(s->work->rec, "state", json_string("available"));
		else
			fail_move(&s->work->failure, &s->item.failure);
	}
	free(items);
}

/* As it is now; what was known of it stays when it could not be asked. */
static void take_record(struct copy *copy)
{
	if (!copy->item.record)
		return;
	json_decref(copy->is);
	copy->is = json_incref(copy->item.record);
}

static bool is_missing(const struct copy *copy)
{
	return !copy->there && !copy->unseen;
}

static bool is_unclear(const struct copy *copy)
{
	return copy->item.unclear && copy->item.failure.status == ST_TEMP;
}

static bool is_fine(const struct copy *copy)
{
	return !copy->item.failure.status;
}

static struct cloud_item **pick(struct copying *c, bool (*which)(const struct copy *), size_t *n)
{
	struct cloud_item **items = mem_alloc((c->n_copies + 1) * sizeof *items);

	*n = 0;
	for (size_t i = 0; i < c->n_copies; i++) {
		struct copy *copy = &c->copies[i];

		if (copy->of->good && which(copy))
			items[(*n)++] = &copy->item;
	}
	return items;
}

static void begun(struct cloud_item *item)
{
	const struct copy *copy = item->ctx;

	if (item->made)
		rec_event(copy->of->io, "created", "image", item->driver->provider, item->id,
			  json_pack("{s:s, s:s*, s:O}", "region", item->region, "name",
				    copying_text(item->wanted, "name"), "source",
				    json_object_get(item->wanted, "source")));
}

/* What an earlier call asked for, and no list has, was removed: it is asked for anew. */
static bool is_begun(struct cloud_item *item)
{
	struct copy *copy = item->ctx;

	if (!item->failure.status) {
		begun(item);
		return true;
	}
	if (item->unclear && !strcmp(item->failure.code, "unclear") && ++copy->looks == LOOKS) {
		copy->looks = 0;
		item->attempt++;
	}
	return !item->unclear;
}

static void begin(struct copying *c)
{
	const struct cloud_wait waiting = how(c, CLOUD_COPY, "copies to be begun", is_begun);
	struct cloud_item **items;
	size_t n;

	for (size_t i = 0; i < c->n_copies; i++) {
		struct copy *copy = &c->copies[i];

		copy->item.ctx = copy;
		if (!copy->of->good || !is_missing(copy))
			continue;
		cloud_item_again(&copy->item);
		free(copy->item.id);
		copy->item.id = NULL;
	}
	items = pick(c, is_missing, &n);
	cloud_do(CLOUD_COPY, items, n, begun);
	free(items);

	items = pick(c, is_unclear, &n);
	for (size_t i = 0; i < n; i++)
		fail_free(&items[i]->failure);
	if (n)
		cloud_await(items, n, &waiting);
	free(items);
	for (size_t i = 0; i < c->n_copies; i++)
		take_record(&c->copies[i]);
}

static void wait_for_copies(struct copying *c)
{
	const struct cloud_wait waiting =
	    how(c, CLOUD_STATE, "copies to be available", is_copy_available);
	size_t n;
	struct cloud_item **items = pick(c, is_fine, &n);

	if (n)
		cloud_await(items, n, &waiting);
	free(items);
}

/* What an earlier call made. */
static void judge_found(struct copy *copy)
{
	struct failure *f = &copy->item.failure;

	if (!f->status && copying_is_bare(copy))
		fail_set(f, ST_NO, "conflict", "its copy '%s' is not encrypted", copy->item.id);
	else if (f->status && !strcmp(f->code, "image-failed"))
		fail_set(f, f->status, f->code, "%s; remove it with img-rm to copy it again",
			 f->message);
}

/* As they are now; what went wrong, and with which. */
static void take_copies(struct copying *c)
{
	for (size_t i = 0; i < c->n_copies; i++) {
		struct copy *copy = &c->copies[i];
		const struct cloud_item *of = &copy->of->item;

		if (!copy->of->good || copy->unseen)
			continue;
		take_record(copy);
		if (copy->there)
			judge_found(copy);
		if (copy->item.failure.status)
			fail_prefix(&copy->item.failure, "cannot copy image '%s' of '%s' to '%s'",
				    of->id, of->region ? of->region : of->driver->provider,
				    copy->region);
	}
}

static void share_all(struct cloud_item **items, size_t n)
{
	cloud_do(CLOUD_SHARE, items, n, NULL);
	for (size_t i = 0; i < n; i++)
		if (items[i]->failure.status)
			fail_prefix(&items[i]->failure, "cannot share image '%s' of '%s'",
				    items[i]->id, items[i]->region);
}

static void share(struct copying *c)
{
	struct cloud_item **items = mem_alloc((c->n_copies + c->n_sources + 1) * sizeof *items);
	size_t n = 0;

	for (size_t i = 0; i < c->n_sources; i++) {
		struct source *s = &c->sources[i];

		if (!s->good || !json_array_size(s->share_with))
			continue;
		rec_set(s->work->rec, "share_with", json_incref(s->share_with));
		s->item.wanted = s->work->rec->json;
		items[n++] = &s->item;
	}
	for (size_t i = 0; i < c->n_copies; i++)
		if (c->copies[i].of->good && !c->copies[i].item.failure.status &&
		    json_array_size(c->copies[i].of->share_with))
			items[n++] = &c->copies[i].item;
	share_all(items, n);
	for (size_t i = 0; i < c->n_sources; i++)
		if (c->sources[i].good)
			fail_move(&c->sources[i].work->failure, &c->sources[i].item.failure);
	free(items);
}

void copying_act(struct copying *c)
{
	wait_for_sources(c);
	begin(c);
	wait_for_copies(c);
	take_copies(c);
	share(c);
}
