/* SPDX-License-Identifier: ISC
 * All values are put in one pass; what is created comes after. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "intern.h"
#include "mem.h"
#include "put.h"
#include "status.h"

static bool says_already(const struct tree *t, const struct put *put)
{
	for (size_t i = 0; i < put->found.n; i++)
		if (strcmp(t->nodes[put->found.nodes[i]].text, put->value.text) != 0)
			return false;
	return true;
}

/* It would be one when it is read, whatever quotes are around it. */
static bool makes_template(const struct tree *t, const struct put *put, struct failure *f)
{
	const char *text = put->value.text;
	uint32_t at = put->found.n ? put->found.nodes[0] : put->found.nearest;

	if (!text || !template_within(text, strlen(text)))
		return false;
	return !tree_fail(t, t->nodes[at].start, f, "cannot set '%s': '%s' is a template's tag",
			  put->path.text, text);
}

static void find(struct put_job *job, const struct tree *t, struct put *put)
{
	struct failure f = {0};

	if (!path_find(t, &put->path, job->o->shared, &put->found, &f) ||
	    (!put->found.n && !job->o->create && !path_missing(t, &put->path, &put->found, &f)) ||
	    makes_template(t, put, &f)) {
		put_refuse(job, put, &f);
		return;
	}
	if (!put->found.n) {
		put->what = PUT_CREATE;
		return;
	}
	tree_place(t, t->nodes[put->found.nodes[0]].start, &put->line, &put->column);
	put->old = mem_dup(t->nodes[put->found.nodes[0]].text);
	put->what = put->value.text && says_already(t, put) ? PUT_KEEP : PUT_CHANGE;
}

static bool differ(const struct put *first, const struct put *second)
{
	const char *a = first->value.text, *b = second->value.text;

	return !a || !b || strcmp(a, b) != 0;
}

static void refuse_both(struct put_job *job, const struct tree *t, struct put *first,
			struct put *second)
{
	const char *a = first->value.text, *b = second->value.text;
	struct failure f = {0};

	fail_set(&f, ST_DATA, "conflict", "cannot set '%s': it would be '%s' and '%s'",
		 second->path.text, a ? a : "?", b ? b : "?");
	if (second->found.n)
		fail_prefix(&f, "%s:%lu:%lu", t->name, second->line, second->column);
	first->what = PUT_REFUSED;
	put_refuse(job, second, &f);
}

static uint32_t place_of(struct intern *places, const struct put *put)
{
	struct buf place = {0};
	uint32_t number;

	if (put->found.n)
		buf_fmt(&place, "%u", put->found.nodes[0]);
	else
		buf_fmt(&place, "?%s", put->path.text);
	number = intern_add(places, place.data, place.len);
	buf_free(&place);
	return number;
}

/* Records for one place, with different values: none is written. */
static void find_conflicts(struct put_job *job, const struct tree *t)
{
	struct intern places = {0};
	struct put **first = mem_alloc((job->n + 1) * sizeof(*first)),
		   **of = mem_alloc((job->n + 1) * sizeof(*of));

	for (size_t i = 0; i < job->n; i++) {
		struct put *put = &job->puts[i];
		uint32_t place;

		if (put->what == PUT_REFUSED)
			continue;
		place = place_of(&places, put);
		if (!first[place])
			first[place] = put;
		else if (differ(first[place], put))
			refuse_both(job, t, first[place], put);
		of[i] = first[place];
	}
	for (size_t i = 0; i < job->n; i++)
		if (of[i] && of[i]->what == PUT_REFUSED)
			job->puts[i].what = PUT_REFUSED;
	intern_free(&places);
	free(first);
	free(of);
}

/* The scalars that are there. */
static bool change(struct put_job *job, const struct tree *t, struct buf *now)
{
	struct edit *edits = NULL;
	struct failure f = {0};
	struct put all = {0};
	struct tree after;
	bool *seen = mem_alloc(t->n * sizeof(*seen));
	size_t n = 0;
	bool good;

	for (size_t i = 0; i < job->n; i++) {
		const struct put *put = &job->puts[i];

		for (size_t j = 0; put->what == PUT_CHANGE && put->value.text && j < put->found.n;
		     j++) {
			uint32_t node = put->found.nodes[j];

			if (seen[node])
				continue;
			seen[node] = true;
			edits = mem_grow(edits, n + 1, sizeof(*edits));
			edits[n++] = edit_scalar(t, node, &put->value);
		}
	}
	edit_apply(now, t, edits, n);
	good =
	    tree_parse(&after, t->name, now->data, now->len, &f) && edit_holds(t, &after, edits, n);
	tree_free(&after);
	fail_free(&f);
	if (!good) {
		tree_fail(t, n ? t->nodes[edits[0].node].start : t->bom, &f,
			  "cannot change this: other values would change, too");
		put_refuse(job, &all, &f);
	}
	for (size_t i = 0; i < n; i++)
		free(edits[i].text);
	free(edits);
	free(seen);
	return good;
}

bool put_edit(struct put_job *job, const struct buf *old, struct buf *now)
{
	const char *name = job->o->yaml;
	struct failure f = {0};
	struct put all = {0};
	struct tree t;
	bool good = tree_parse(&t, name, old->data, old->len, &f);

	if (!good) {
		put_refuse(job, &all, &f);
		return false;
	}
	for (size_t i = 0; i < job->n; i++)
		if (job->puts[i].what != PUT_REFUSED)
			find(job, &t, &job->puts[i]);
	find_conflicts(job, &t);
	good = change(job, &t, now);
	tree_free(&t);
	if (good)
		put_create(job, now);
	return good;
}
