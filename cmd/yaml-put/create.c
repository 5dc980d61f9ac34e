/* SPDX-License-Identifier: ISC
 * Adding keys that are not there. All that do not touch each other are added at once; what goes
 * into something new is for the next round. */
#include <stdlib.h>
#include <string.h>

#include "intern.h"
#include "mem.h"
#include "put.h"

struct round {
	struct put_job *job;
	struct buf *text;
	struct tree before;
	struct edit *edits;
	struct put **puts; /* of the edits */
	size_t n;
	struct intern places, keys; /* where something is added, and what to which map */
	uint32_t *maps;             /* of the places */
};

static bool is_pending(const struct put *put)
{
	return put->what == PUT_CREATE && put->value.text && !put->made;
}

static uint32_t add_number(struct intern *in, size_t number, const char *name)
{
	struct buf text = {0};
	uint32_t added;

	buf_fmt(&text, "%zu %s", number, name);
	added = intern_add(in, text.data, text.len);
	buf_free(&text);
	return added;
}

/* Whether it can go together with what is added already: at another place, or as another key of a
 * map that has some. */
static bool claim(struct round *r, const struct put *put, const struct path_found *found,
		  const struct edit *e)
{
	uint32_t had = r->places.n, place = add_number(&r->places, e->end, "");
	bool first = place == had, other;

	if (first) {
		r->maps = mem_grow(r->maps, had + 1, sizeof(*r->maps));
		r->maps[place] = found->nearest;
	}
	had = r->keys.n;
	other = add_number(&r->keys, found->nearest, put->path.steps[found->steps].text) == had;
	return other && (first || (r->maps[place] == found->nearest &&
				   r->before.nodes[found->nearest].n_children));
}

static void take(struct round *r, struct put *put)
{
	struct path_found found;
	struct failure f = {0};
	struct edit e = {0};
	bool shared = r->job->o->shared;

	if (!path_find(&r->before, &put->path, shared, &found, &f) ||
	    (!found.n &&
	     !edit_insert(&r->before, &put->path, &found, &put->value, shared, &e, &f))) {
		put_refuse(r->job, put, &f);
	} else if (found.n) {
		put->made = true; /* by another record */
	} else if (claim(r, put, &found, &e)) {
		r->edits = mem_grow(r->edits, r->n + 1, sizeof(*r->edits));
		r->puts = mem_grow(r->puts, r->n + 1, sizeof(struct put *));
		r->edits[r->n] = e;
		r->puts[r->n++] = put;
		e.text = NULL;
	}
	free(e.text);
	free(found.nodes);
}

static bool is_there(const struct tree *t, struct put *put)
{
	struct failure f = {0};
	struct path_found found;
	bool there = path_find(t, &put->path, true, &found, &f) && found.n == 1 &&
		     !strcmp(t->nodes[found.nodes[0]].text, put->value.text);

	if (there)
		tree_place(t, t->nodes[found.nodes[0]].start, &put->line, &put->column);
	free(found.nodes);
	fail_free(&f);
	return there;
}

/* Whether the new text, which is taken then, is the old one and these values. */
static bool apply(struct round *r)
{
	struct buf now = {0}, swap;
	struct failure f = {0};
	struct tree after;
	bool good;

	edit_apply(&now, &r->before, r->edits, r->n);
	good = tree_parse(&after, r->before.name, now.data, now.len, &f) &&
	       edit_adds(&r->before, &after);
	for (size_t i = 0; i < r->n && good; i++)
		good = is_there(&after, r->puts[i]);
	if (good) {
		swap = *r->text;
		*r->text = now;
		now = swap;
	}
	tree_free(&after);
	fail_free(&f);
	buf_free(&now);
	return good;
}

static void refuse(struct round *r)
{
	struct failure f = {0};

	tree_fail(&r->before, r->edits[0].start, &f,
		  "cannot add '%s': other values would change, too", r->puts[0]->path.text);
	put_refuse(r->job, r->puts[0], &f);
}

static void refuse_all(struct put_job *job, const struct failure *why)
{
	for (size_t i = 0; i < job->n; i++) {
		struct failure f = {0};

		if (!is_pending(&job->puts[i]))
			continue;
		fail_copy(&f, why);
		put_refuse(job, &job->puts[i], &f);
	}
}

static void free_round(struct round *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->edits[i].text);
	free(r->edits);
	free(r->puts);
	free(r->maps);
	intern_free(&r->places);
	intern_free(&r->keys);
	tree_free(&r->before);
}

/* False: together they cannot be added, and must be tried one by one. */
static bool create_some(struct put_job *job, struct buf *text, bool only_one)
{
	struct round r = {.job = job, .text = text};
	struct failure f = {0};
	bool good = tree_parse(&r.before, job->o->yaml, text->data, text->len, &f);

	for (size_t i = 0; i < job->n && good && !(only_one && r.n); i++)
		if (is_pending(&job->puts[i]))
			take(&r, &job->puts[i]);
	if (!good)
		refuse_all(job, &f);
	good = !r.n || apply(&r);
	for (size_t i = 0; i < r.n && good; i++)
		r.puts[i]->made = true;
	if (!good && r.n == 1) {
		refuse(&r);
		good = true;
	}
	free_round(&r);
	fail_free(&f);
	return good;
}

static bool some_pending(const struct put_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (is_pending(&job->puts[i]))
			return true;
	return false;
}

/* What is added later may have moved what was added before. */
static void find_lines(struct put_job *job, const struct buf *text)
{
	struct failure f = {0};
	struct tree t;

	if (tree_parse(&t, job->o->yaml, text->data, text->len, &f))
		for (size_t i = 0; i < job->n; i++)
			if (job->puts[i].made)
				is_there(&t, &job->puts[i]);
	tree_free(&t);
	fail_free(&f);
}

void put_create(struct put_job *job, struct buf *text)
{
	bool some = some_pending(job), good = true;

	while (some_pending(job))
		good = create_some(job, text, !good);
	if (some)
		find_lines(job, text);
}
