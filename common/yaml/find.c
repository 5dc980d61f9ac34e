/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "nearest.h"
#include "status.h"
#include "yaml/path.h"

#define MERGES 1000 /* how many aliases and merge keys are followed for one key */
#define ALIASES 32  /* how many in a row */

struct nodes {
	uint32_t *all;
	size_t n;
};

static void add(struct nodes *to, uint32_t node)
{
	if (!(to->n & (to->n - 1)))
		to->all = mem_grow(to->all, to->n ? 2 * to->n : 1, sizeof(*to->all));
	to->all[to->n++] = node;
}

static bool says(const struct tree *t, uint32_t node, const char *text)
{
	return t->nodes[node].kind == TREE_SCALAR && !strcmp(t->nodes[node].text, text);
}

static uint32_t resolve(const struct tree *t, uint32_t node)
{
	for (int i = 0; i < ALIASES && node != TREE_NONE && t->nodes[node].kind == TREE_ALIAS; i++)
		node = t->nodes[node].target;
	return node;
}

static uint32_t merged(const struct tree *t, uint32_t map, const char *name, int *left);

/* The value as a reader of the file would see it, through aliases and merge keys. */
static uint32_t seen(const struct tree *t, uint32_t node, const char *name, int *left)
{
	uint32_t map = resolve(t, node), key;

	if (map == TREE_NONE || t->nodes[map].kind != TREE_MAP || --*left < 0)
		return TREE_NONE;
	key = tree_key(t, map, name);
	return key != TREE_NONE ? t->nodes[key].next : merged(t, map, name, left);
}

/* What the merge keys of a map give for a name that it does not have itself. */
static uint32_t merged(const struct tree *t, uint32_t map, const char *name, int *left)
{
	uint32_t value, found;

	for (uint32_t key = tree_key(t, map, "<<"); key != TREE_NONE; key = t->nodes[key].same) {
		value = resolve(t, t->nodes[key].next);
		if (value == TREE_NONE)
			continue;
		found = seen(t, value, name, left);
		if (t->nodes[value].kind == TREE_LIST)
			for (value = t->nodes[value].first;
			     value != TREE_NONE && found == TREE_NONE; value = t->nodes[value].next)
				found = seen(t, value, name, left);
		if (found != TREE_NONE)
			return found;
	}
	return TREE_NONE;
}

static bool matches(const struct tree *t, uint32_t item, const struct path_step *step)
{
	int left = MERGES;

	for (char **name = step->names; *name && item != TREE_NONE; name++)
		item = seen(t, item, *name, &left);
	item = resolve(t, item);
	return item != TREE_NONE && says(t, item, step->text);
}

static bool fail_at(const struct tree *t, uint32_t node, const struct path *p, struct failure *f,
		    const char *reason)
{
	return tree_fail(t, t->nodes[node].start, f, "cannot set '%s': %s", p->text, reason);
}

/* "…, from 12:3" */
static bool fail_from(const struct tree *t, uint32_t node, uint32_t source, const struct path *p,
		      struct failure *f, const char *reason)
{
	unsigned long line = 0, column = 0;
	char *text;

	if (source != TREE_NONE)
		tree_place(t, t->nodes[source].start, &line, &column);
	text = source == TREE_NONE ? mem_dup(reason) : mem_fmt("%s %lu:%lu", reason, line, column);
	fail_at(t, node, p, f, text);
	free(text);
	return false;
}

static bool step_key(const struct tree *t, uint32_t map, const struct path *p, size_t step,
		     struct nodes *to, struct failure *f)
{
	const char *name = p->steps[step].text;
	uint32_t key = tree_key(t, map, name), again, source;
	int left = MERGES;

	if (key == TREE_NONE) {
		source = merged(t, map, name, &left);
		return source == TREE_NONE ||
		       fail_from(t, map, source, p, f,
				 "the map at this place has it by a merge key (<<), from");
	}
	again = t->nodes[key].same;
	if (again != TREE_NONE)
		return fail_from(t, again, key, p, f, "the key is there twice, first at");
	add(to, t->nodes[key].next);
	return true;
}

static void step_list(const struct tree *t, uint32_t list, const struct path_step *step,
		      struct nodes *to)
{
	long long i = 0;

	for (uint32_t item = t->nodes[list].first; item != TREE_NONE; item = t->nodes[item].next)
		if (step->what == PATH_INDEX ? i++ == step->index : matches(t, item, step))
			add(to, item);
}

/* One step from one node. */
static bool take_step(const struct tree *t, uint32_t node, const struct path *p, size_t step,
		      struct nodes *to, struct failure *f)
{
	const struct tree_node *n = &t->nodes[node];
	const struct path_step *s = &p->steps[step];

	if (n->kind == TREE_ALIAS)
		return fail_from(t, node, n->target, p, f,
				 "it is behind an alias (*) of what stands at");
	if (n->kind == TREE_MAP && s->what == PATH_KEY)
		return step_key(t, node, p, step, to, f);
	if (n->kind == TREE_LIST && s->what != PATH_KEY)
		step_list(t, node, s, to);
	else if (n->kind == TREE_MAP && s->what == PATH_MATCH && step &&
		 p->steps[step - 1].what != PATH_KEY && matches(t, node, s))
		add(to, node);
	return true;
}

static bool follow(const struct tree *t, const struct path *p, struct nodes *now,
		   struct path_found *found, struct failure *f)
{
	for (size_t step = 0; step < p->n; step++) {
		struct nodes next = {0};
		bool good = true;

		for (size_t i = 0; i < now->n && good; i++)
			good = take_step(t, now->all[i], p, step, &next, f);
		if (!next.n && now->n) {
			found->nearest = now->all[0];
			found->steps = step;
		}
		free(now->all);
		*now = next;
		if (!good)
			return false;
	}
	return true;
}

bool path_unshared(const struct tree *t, uint32_t node, const struct path *p, struct failure *f)
{
	for (uint32_t up = node; up != TREE_NONE; up = t->nodes[up].parent)
		if (t->nodes[up].uses)
			return fail_from(t, node, up, p, f,
					 "what takes it by an alias (*) would change, too, which "
					 "--shared allows; the anchor (&) is at");
	return true;
}

/* Whether changing the bytes of this node changes this value and no other. */
static bool is_exact(const struct tree *t, uint32_t node, const struct path *p, bool shared,
		     struct failure *f)
{
	const struct tree_node *n = &t->nodes[node];

	if (n->kind == TREE_ALIAS)
		return fail_from(t, node, n->target, p, f,
				 "the value is an alias (*) of what stands at");
	if (n->kind != TREE_SCALAR)
		return fail_at(t, node, p, f,
			       n->kind == TREE_MAP ? "it is a map, not a value"
						   : "it is a list, not a value");
	if (n->style == TREE_LITERAL)
		return fail_at(t, node, p, f, "the value is a block scalar (| or >)");
	if (n->odd_tag)
		return fail_at(t, node, p, f, "the value has a tag (!)");
	if (template_within(t->text + n->start, n->end - n->start) ||
	    (n->start == n->end && template_follows(t, n->end)))
		return fail_at(t, node, p, f, "the value is made by a template");
	if (n->start == n->end && (n->anchor || !tree_colon(t, node)))
		return fail_at(t, node, p, f, "there is no place for a value");
	return shared || path_unshared(t, node, p, f);
}

/* A marker's comment, behind a value and what closes its maps; NULL when there is none. */
static const char *comment(const struct tree *t, size_t at)
{
	size_t closed = at + strspn(t->text + at, " \t,]}");

	return t->text[closed] == '#' && closed > at && strchr(" \t", t->text[closed - 1])
		   ? t->text + closed
		   : NULL;
}

static bool marks(const struct tree *t, const struct tree_node *n, const char *name)
{
	static const char word[] = "yaml-put:";
	const char *text = comment(t, n->end), *end, *at;
	size_t len = strlen(name);

	if (!text)
		return false;
	end = t->text + tree_line_end(t, n->end);
	at = memmem(text, (size_t)(end - text), word, sizeof(word) - 1);
	if (!at)
		return false;
	at += sizeof(word) - 1;
	at += strspn(at, " \t");
	return (size_t)(end - at) >= len && !memcmp(at, name, len) &&
	       (at + len == end || strchr(" \t", at[len]));
}

static bool find_marker(const struct tree *t, const struct path *p, struct nodes *to,
			struct failure *f)
{
	uint32_t before = TREE_NONE;

	for (uint32_t i = 1; i < t->n; i++) {
		const struct tree_node *n = &t->nodes[i];

		if (n->key || (n->kind != TREE_SCALAR && n->kind != TREE_ALIAS))
			continue;
		if (n->style != TREE_LITERAL && marks(t, n, p->marker)) {
			if (before != TREE_NONE &&
			    tree_end(t, before) >= tree_line_start(t, n->end))
				return fail_at(t, i, p, f, "several values are on its line");
			add(to, i);
		}
		before = i;
	}
	return true;
}

static bool find_all(const struct tree *t, const struct path *p, struct path_found *found,
		     struct nodes *to, struct failure *f)
{
	if (p->marker)
		return find_marker(t, p, to, f);
	for (uint32_t root = t->nodes[0].first; root != TREE_NONE; root = t->nodes[root].next)
		add(to, root);
	if (!follow(t, p, to, found, f))
		return false;
	if (to->n > 1)
		return fail_from(t, to->all[1], to->all[0], p, f, "it is there twice, first at");
	return true;
}

bool path_find(const struct tree *t, const struct path *p, bool shared, struct path_found *found,
	       struct failure *f)
{
	struct nodes nodes = {0};
	bool good;

	*found = (struct path_found){0};
	good = find_all(t, p, found, &nodes, f);
	for (size_t i = 0; i < nodes.n && good; i++)
		good = is_exact(t, nodes.all[i], p, shared, f);
	if (good && nodes.n) {
		found->nodes = nodes.all;
		found->n = nodes.n;
	} else {
		free(nodes.all);
	}
	return good;
}

static char *alike(const struct tree *t, uint32_t map, const char *name)
{
	json_t *names = json_array();
	char *found;

	for (uint32_t key = t->nodes[map].first; key != TREE_NONE;
	     key = t->nodes[t->nodes[key].next].next)
		if (t->nodes[key].kind == TREE_SCALAR)
			json_array_append_new(names, json_string(t->nodes[key].text));
	found = nearest(name, names);
	json_decref(names);
	return found;
}

bool path_missing(const struct tree *t, const struct path *p, const struct path_found *found,
		  struct failure *f)
{
	const struct tree_node *n = &t->nodes[found->nearest];
	const struct path_step *step = &p->steps[found->steps];
	char *names = NULL;

	if (p->marker)
		return fail_set(f, ST_DATA, "not-found",
				"%s: cannot set '%s': no value has a comment 'yaml-put: %s'",
				t->name, p->text, p->marker);
	if (step->what != PATH_KEY)
		return tree_fail(t, n->start, f, "cannot set '%s': %s", p->text,
				 n->kind == TREE_LIST ? "no item of this list is the one"
						      : "this is not a list");
	if (n->kind != TREE_MAP)
		return tree_fail(t, n->start, f, "cannot set '%s': no '%s' here, it is no map",
				 p->text, step->text);
	names = alike(t, found->nearest, step->text);
	tree_fail(t, n->start, f, "cannot set '%s': no '%s' here%s%s", p->text, step->text,
		  names ? "; there is " : "", names ? names : "");
	free(names);
	return false;
}
