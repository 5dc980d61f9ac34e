/* SPDX-License-Identifier: ISC
 * Reads instance and dns-record records in any order; fills the names of each instance from the A
 * and AAAA records whose address is its own, and says on each of those records whose address it
 * has. All is held until the input ends, as text: parsed it would take ten times the memory. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "cli.h"
#include "dns-name.h"
#include "dns-record.h"
#include "instance.h"
#include "intern.h"
#include "json-edit.h"
#include "lists.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

static const struct cli cli = {
    "dns-match [-f FILE] [FILE ...]",
    "Fills the names of instances from the A and AAAA records that have their addresses.\n"
    "  -f, --file FILE       read FILE instead of standard input\n",
    false};

struct line {
	char *text;
	size_t len;
	enum { PASSED, MACHINE, POINTER } what;
	int error;
	union {
		bool addressed; /* MACHINE: it has an address, so that its names can be known */
		struct {
			uint32_t name, address; /* POINTER: INTERN_NONE when it has no address */
		};
	};
};

struct match {
	struct line *lines;
	uint32_t n;
	struct intern addresses, names;
	struct lists owners;  /* of an address: lines of machines */
	struct lists matched; /* of a machine's line: names */
	bool unread;          /* something is missing: what was not found may be there */
	uint32_t *named;      /* of a name: the line on which it was written last, + 1 */
	uint32_t n_named;
	unsigned long shared; /* records whose address several machines have */
	char *example;        /* the name of the first one */
};

static void own(void *ctx, const char *text)
{
	struct match *m = ctx;
	struct address a;

	if (address_parse(text, &a))
		lists_add_once(&m->owners, intern_add(&m->addresses, &a, sizeof(a)), m->n);
}

static void see(void *addressed, const char *text)
{
	struct address a;

	*(bool *)addressed |= address_parse(text, &a);
}

/* The address of a machine that is gone may be another's by now. */
static void take_instance(struct match *m, const struct rec *r, struct line *line)
{
	const char *status = rec_string(r, "status");

	line->what = MACHINE;
	line->addressed = false;
	instance_addresses(r->json, see, &line->addressed);
	if (!status || strcmp(status, "gone") != 0)
		instance_addresses(r->json, own, m);
}

static void take_pointer(struct match *m, const struct rec *r, struct line *line)
{
	char *name = dns_record_name(r->json);
	struct address a;

	line->what = POINTER;
	line->name = intern_add(&m->names, name, strlen(name));
	line->address = dns_record_address(r->json, &a) ? intern_add(&m->addresses, &a, sizeof(a))
							: INTERN_NONE;
	free(name);
}

static void refuse(struct rec_io *io, struct rec *r, const char *reason)
{
	const char *name = rec_string(r, "name"), *id = rec_string(r, "id");
	struct failure f = {0};

	if (!name)
		name = id ? id : "?";
	fail_set(&f, ST_DATA, "wrong-type", "cannot match %s '%s': %s", r->kind, name, reason);
	rec_fail(io, r, &f);
	fail_free(&f);
}

/* An instance with an error passes as it is, but what points at it does not point at nothing. */
static void take(struct match *m, struct rec_io *io, struct rec *r)
{
	struct line line = {.what = PASSED};
	bool instance = !strcmp(r->kind, "instance"), record = !strcmp(r->kind, "dns-record");
	const char *wrong = instance ? instance_wrong(r->json)
			    : record ? dns_record_wrong(r->json)
				     : NULL;

	if (wrong && !rec_error(r))
		refuse(io, r, wrong);
	if (instance && rec_error(r))
		instance_addresses(r->json, own, m);
	else if (instance)
		take_instance(m, r, &line);
	else if (record && !rec_error(r) && dns_record_points(r->json))
		take_pointer(m, r, &line);
	m->unread |= rec_error(r) && (instance || record || !strcmp(r->kind, "target"));
	line.error = rec_error(r);
	line.text = rec_take(r, &line.len);
	if (!(m->n & (m->n - 1)))
		m->lines = mem_grow(m->lines, m->n ? 2 * (size_t)m->n : 1, sizeof(line));
	m->lines[m->n++] = line;
}

static void match(struct match *m)
{
	for (uint32_t i = 0; i < m->n; i++) {
		const struct line *l = &m->lines[i];
		uint32_t e;

		if (l->what != POINTER || l->address == INTERN_NONE)
			continue;
		for (e = lists_first(&m->owners, l->address); e != LISTS_END;
		     e = lists_next(&m->owners, e))
			lists_add(&m->matched, lists_value(&m->owners, e), l->name);
	}
}

static void add_name(struct match *m, uint32_t line, struct buf *list, uint32_t name)
{
	if (name >= m->n_named) {
		m->named = mem_grow(m->named, m->names.n, sizeof(*m->named));
		memset(m->named + m->n_named, 0, (m->names.n - m->n_named) * sizeof(*m->named));
		m->n_named = m->names.n;
	}
	if (m->named[name] == line + 1)
		return;
	m->named[name] = line + 1;
	buf_char(list, list->len ? ',' : '[');
	json_quote(list, intern_text(&m->names, name, NULL));
}

/* The names that it came with, in front: only when what is not found may be there all the same. */
static void add_old_names(struct match *m, uint32_t line, struct buf *list)
{
	const struct line *l = &m->lines[line];
	struct json_member old;
	json_auto_t *names = NULL;
	json_t *name;
	size_t i;

	if (json_find(l->text, l->len, "names", &old))
		names = json_loadb(old.value, old.value_len, JSON_ALLOW_NUL, NULL);
	json_array_foreach(names, i, name) {
		char *plain = dns_name_plain(json_string_value(name));

		add_name(m, line, list, intern_add(&m->names, plain, strlen(plain)));
		free(plain);
	}
}

static void put_names(struct match *m, uint32_t line, struct buf *out)
{
	const struct line *l = &m->lines[line];
	struct buf list = {0};

	if (m->unread)
		add_old_names(m, line, &list);
	for (uint32_t e = lists_first(&m->matched, line); e != LISTS_END;
	     e = lists_next(&m->matched, e))
		add_name(m, line, &list, lists_value(&m->matched, e));
	buf_str(&list, list.len ? "]" : "[]");
	json_put(out, l->text, l->len, "names", list.data, list.len);
	buf_free(&list);
}

/* {"provider":…,"id":…,"name":…} of a machine, each as it is written there. */
static char *reference(const struct line *machine)
{
	static const char *const keys[] = {"provider", "id", "name"};
	struct json_member m, found[3] = {{0}};
	struct buf out = {0};
	size_t at = 0;

	while (json_member(machine->text, machine->len, &at, &m))
		for (size_t i = 0; i < 3; i++)
			if (json_key_is(&m, keys[i]))
				found[i] = m;
	for (size_t i = 0; i < 3; i++) {
		buf_fmt(&out, "%c\"%s\":", i ? ',' : '{', keys[i]);
		buf_add(&out, found[i].value ? found[i].value : "null",
			found[i].value ? found[i].value_len : 4);
	}
	buf_char(&out, '}');
	return buf_take(&out);
}

static bool same_provider(const struct line *a, const struct line *b)
{
	struct json_member x, y;

	return json_find(a->text, a->len, "provider", &x) &&
	       json_find(b->text, b->len, "provider", &y) && x.value_len == y.value_len &&
	       !memcmp(x.value, y.value, x.value_len);
}

/* The first machine that has the address; one of the record's own cloud before others. NULL when
 * there is none. */
static char *owner(struct match *m, const struct line *record)
{
	uint32_t e = lists_first(&m->owners, record->address);
	const struct line *best;
	bool shared = false;
	char *chosen;

	if (e == LISTS_END)
		return NULL;
	best = &m->lines[lists_value(&m->owners, e)];
	chosen = reference(best);
	while ((e = lists_next(&m->owners, e)) != LISTS_END) {
		const struct line *other = &m->lines[lists_value(&m->owners, e)];
		char *text = reference(other);

		shared |= strcmp(text, chosen) != 0;
		if (same_provider(other, record) && !same_provider(best, record)) {
			char *swap = chosen;

			best = other;
			chosen = text;
			text = swap;
		}
		free(text);
	}
	if (shared && !m->shared++)
		m->example = mem_dup(intern_text(&m->names, record->name, NULL));
	return chosen;
}

/* Null only if nothing is missing in the input; else what was not found is not known. */
static void put_owner(struct match *m, const struct line *record, struct buf *out)
{
	char *instance = owner(m, record);

	if (instance || !m->unread) {
		const char *value = instance ? instance : "null";

		json_put(out, record->text, record->len, "instance", value, strlen(value));
	} else {
		json_remove(out, record->text, record->len, "instance");
	}
	free(instance);
}

static void write_line(struct match *m, struct rec_io *io, uint32_t i, struct buf *out)
{
	struct line *l = &m->lines[i];

	buf_clear(out);
	if (l->what == MACHINE && (l->addressed || lists_first(&m->matched, i) != LISTS_END))
		put_names(m, i, out);
	else if (l->what == POINTER)
		put_owner(m, l, out);
	else
		buf_add(out, l->text, l->len);
	rec_write_text(io, out->data, out->len, l->error);
}

static void release(struct match *m)
{
	for (uint32_t i = 0; i < m->n; i++)
		free(m->lines[i].text);
	free(m->lines);
	free(m->named);
	free(m->example);
	intern_free(&m->addresses);
	intern_free(&m->names);
	lists_free(&m->owners);
	lists_free(&m->matched);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {0}};
	const char *file = NULL;
	struct match m = {0};
	struct buf out = {0};
	struct rec_io *io;
	struct rec *r;
	int c;

	cli_start(argc, argv, &cli);
	while ((c = getopt_long(argc, argv, "f:" CLI_SHORT, options, NULL)) != -1)
		if (c == 'f')
			cli_file(&file, optarg);
		else
			cli_option(c);

	io = rec_start(cli_name);
	rec_open_all(io, file, argc - optind, argv + optind);
	while ((r = rec_read(io)))
		take(&m, io, r);
	m.unread |= !rec_whole(io) || rec_broken(io);
	match(&m);
	for (uint32_t i = 0; i < m.n; i++)
		write_line(&m, io, i, &out);

	if (m.shared)
		cli_note("several machines have the address of %lu record%s, such as '%s'",
			 m.shared, m.shared > 1 ? "s" : "", m.example);
	buf_free(&out);
	release(&m);
	return rec_finish(io);
}
