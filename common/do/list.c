/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "list.h"

enum { PER_PAGE = 200, MOST_PAGES = 10000, READINGS = 3 };

struct do_pages {
	json_t **pages; /* those that arrived and were not handed over yet */
	size_t n;       /* how many there are, as far as is known */
	size_t next;    /* to be handed over */
	size_t under_way;
	json_int_t total; /* meta.total of the first page; -1: not said */
	size_t read;      /* different things of this reading */
	bool shifted;     /* this reading is not of one list */
	unsigned reading;
	json_t *seen; /* key → number of the reading that saw it last */
};

/* One page's call. */
struct page {
	struct do_list *list;
	size_t number; /* from 0 */
};

static void ask(struct do_list *l, size_t number);

static void begin(struct do_list *l)
{
	l->private->n = l->private->next = l->private->read = 0;
	l->private->shifted = false;
	l->private->total = -1;
	l->private->reading++;
	ask(l, 0);
}

void do_list_queue(struct do_list *l)
{
	l->private = mem_alloc(sizeof *l->private);
	l->private->seen = json_object();
	begin(l);
}

static void end(struct do_list *l)
{
	struct do_pages *p = l->private;

	for (size_t i = 0; i < p->n; i++)
		json_decref(p->pages[i]);
	free(p->pages);
	json_decref(p->seen);
	l->n_pages = p->n;
	l->private = NULL;
	free(p);
	if (l->done)
		l->done(l);
}

/* What a thing is known by; caller frees. NULL: it is none. */
static char *key_of(const json_t *thing)
{
	static const char *const members[] = {"id", "slug", "name", "ip"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const json_t *value = json_object_get(thing, members[i]);

		if (json_is_integer(value))
			return mem_fmt("%" JSON_INTEGER_FORMAT, json_integer_value(value));
		if (json_is_string(value))
			return mem_dup(json_string_value(value));
	}
	return NULL;
}

/* Hands it over unless it was seen. False: it is no thing at all. */
static bool take_thing(struct do_list *l, json_t *thing)
{
	struct do_pages *p = l->private;
	char *key = key_of(thing);
	json_int_t seen;

	if (!key)
		return fail_set(&l->failure, ST_BUG, "bad-answer",
				"an element of '%s' has neither id nor name", l->member);
	seen = json_integer_value(json_object_get(p->seen, key));
	if (seen != p->reading) {
		p->read++;
		if (json_object_set_new(p->seen, key, json_integer(p->reading)))
			mem_out();
	}
	if (!seen && l->each)
		l->each(l, thing);
	free(key);
	return true;
}

/* Hands over the pages whose turn it is: none behind one that failed. */
static void deliver(struct do_list *l)
{
	struct do_pages *p = l->private;

	while (p->next < p->n && p->pages[p->next]) {
		json_t *page = p->pages[p->next], *thing;
		size_t i;

		p->pages[p->next++] = NULL;
		json_array_foreach(json_object_get(page, l->member), i, thing) {
			if (!take_thing(l, thing))
				break;
		}
		json_decref(page);
	}
}

static void conclude(struct do_list *l)
{
	struct do_pages *p = l->private;

	if (p->under_way)
		return;
	if (!l->failure.status &&
	    (p->shifted || (p->total >= 0 && (json_int_t)p->read != p->total))) {
		if (p->reading < READINGS) {
			begin(l);
			return;
		}
		fail_set(
		    &l->failure, ST_TEMP, "list-shifts",
		    "the list of %s changed while it was read, %d times: %zu were read, the last "
		    "page says %" JSON_INTEGER_FORMAT,
		    l->member, READINGS, p->read, p->total);
	}
	end(l);
}

/* How many pages there are, going by the first: a service may give fewer than it was asked for. */
static bool count_pages(struct do_list *l, size_t len)
{
	struct do_pages *p = l->private;
	size_t n = p->total <= 0 ? 1 : len ? ((size_t)p->total + len - 1) / len : 0;

	if (!n || n > MOST_PAGES)
		return fail_set(&l->failure, ST_BUG, "bad-answer",
				"a page of %zu %s says that there are %" JSON_INTEGER_FORMAT, len,
				l->member, p->total);
	p->pages = mem_grow(p->pages, n, sizeof *p->pages);
	memset(p->pages, 0, n * sizeof *p->pages);
	p->n = n;
	for (size_t i = 1; i < n; i++)
		ask(l, i);
	return true;
}

/* Where the service does not count, a full page and a link to a next one say that there is more;
 * only the number is counted up, the link is not followed. */
static bool add_page(struct do_list *l, const json_t *answer, size_t number)
{
	struct do_pages *p = l->private;
	const json_t *links = json_object_get(json_object_get(answer, "links"), "pages");

	if (!json_is_string(json_object_get(links, "next")) || number + 1 < p->n)
		return true;
	if (p->n == MOST_PAGES || !json_array_size(json_object_get(answer, l->member)))
		return fail_set(&l->failure, ST_BUG, "bad-answer", "the list of %s has no end",
				l->member);
	p->pages = mem_grow(p->pages, p->n + 1, sizeof *p->pages);
	p->pages[p->n++] = NULL;
	ask(l, number + 1);
	return true;
}

static void take_page(struct do_list *l, const struct do_call *call, size_t number)
{
	struct do_pages *p = l->private;
	const json_t *things = json_object_get(call->result, l->member);
	const json_t *total = json_object_get(json_object_get(call->result, "meta"), "total");
	json_int_t count = json_is_integer(total) ? json_integer_value(total) : -1;

	if (!json_is_array(things)) {
		fail_set(&l->failure, ST_BUG, "bad-answer", "the answer has no list '%s'",
			 l->member);
		return;
	}
	if (number == 0) {
		p->total = count;
		if (!count_pages(l, json_array_size(things)))
			return;
	}
	if (count != p->total)
		p->shifted = true;
	p->total = count;
	p->pages[number] = json_incref(call->result);
	if (count < 0 && !add_page(l, call->result, number))
		return;
	deliver(l);
}

static void arrived(struct do_call *call)
{
	struct page *page = call->ctx;
	struct do_list *l = page->list;

	l->private->under_way--;
	if (call->failure.status && !l->failure.status) {
		fail_move(&l->failure, &call->failure);
		if (page->number)
			fail_prefix(&l->failure, "page %zu", page->number + 1);
	} else if (!call->failure.status) {
		take_page(l, call, page->number);
	}
	if (l->failure.status && !l->failure.operation)
		l->failure.operation = mem_fmt("GET %.*s", (int)strcspn(l->path, "?"), l->path);
	free(page);
	conclude(l);
}

static void ask(struct do_list *l, size_t number)
{
	struct page *page = mem_alloc(sizeof *page);

	*page = (struct page){l, number};
	l->private->under_way++;
	do_queue(l->client,
		 do_call_new("GET", NULL, arrived, page, "%s%cper_page=%d&page=%zu", l->path,
			     strchr(l->path, '?') ? '&' : '?', PER_PAGE, number + 1));
}

static void keep(struct do_list *l, json_t *thing)
{
	json_array_append(l->ctx, thing);
}

json_t *do_list_all(struct do_client *c, const char *path, const char *member, struct failure *f)
{
	json_t *all = json_array();
	struct do_list l = {.client = c, .path = path, .member = member, .each = keep, .ctx = all};

	do_list_queue(&l);
	do_run(c);
	if (!l.failure.status)
		return all;
	json_decref(all);
	if (f)
		fail_move(f, &l.failure);
	fail_free(&l.failure);
	return NULL;
}
