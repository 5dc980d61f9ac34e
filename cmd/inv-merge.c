/* SPDX-License-Identifier: ISC
 * Reads instance records and inventory documents; writes one inventory document, or brings one
 * that is there up to date. The records' errors are told, the machines without error are written:
 * whoever reads the status knows that some are missing. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "file.h"
#include "inventory.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

static const struct cli cli = {
    "inv-merge [-n] [-f FILE] [--into FILE] [--key name|id] [--unique] [FILE ...]",
    "Instance records and inventory documents as one inventory document.\n"
    "  -f, --file FILE       read FILE instead of standard input\n"
    "      --into FILE       update the entries of FILE, which keeps the rest as it is\n"
    "      --key name|id     what the entries are filed under (default: name)\n"
    "  -n, --dry-run         with --into: write the document to standard output, not to FILE\n"
    "      --unique          status 1 when two machines have one name\n",
    false};

struct opts {
	const char *file, *into;
	bool by_id, unique, dry;
};

static void refuse(struct rec_io *io, const char *key, const char *reason)
{
	cli_warn("left out '%s': %s", key ? key : "?", reason);
	rec_status(io, ST_DATA);
}

static void add_document(struct inventory *inv, struct rec_io *io, const struct rec *r)
{
	struct json_member m;
	const char *key;
	json_t *entry;
	size_t at = 0;

	if (!json_is_object(r->json)) {
		rec_report(io, r, "not an inventory: not an object");
		return;
	}
	json_object_foreach(r->json, key, entry) {
		const char *reason = inventory_wrong(key, entry);

		if (!json_member(r->text, r->len, &at, &m))
			break;
		if (reason)
			refuse(io, key, reason);
		else
			inventory_add(inv, INVENTORY_DOCUMENT, key, entry,
				      mem_dup_n(m.value, m.value_len), m.value_len);
	}
}

static void add_record(struct inventory *inv, struct rec_io *io, struct rec *r)
{
	const char *name = rec_string(r, "name");
	const char *reason = inventory_wrong(name && *name ? name : NULL, r->json);
	json_t *json;
	char *text;
	size_t len;

	if (reason) {
		refuse(io, name, reason);
		rec_free(r);
		return;
	}
	json = json_incref(r->json);
	text = rec_take(r, &len);
	inventory_add(inv, INVENTORY_RECORD, NULL, json, text, len);
	json_decref(json);
}

/* Takes r over. Other kinds are not for a document. */
static void add(struct inventory *inv, struct rec_io *io, struct rec *r, bool *planned)
{
	*planned |= r->kind &&
		    (!strcmp(r->kind, "plan") || json_is_true(json_object_get(r->json, "planned")));
	if (rec_error(r))
		rec_account(io, r);
	else if (!r->kind)
		add_document(inv, io, r);
	else if (rec_is(r, "instance")) {
		add_record(inv, io, r);
		return;
	}
	rec_free(r);
}

#define FEW 5

/* Says how namesakes were filed. */
static bool tell_shared(const struct inventory *inv)
{
	uint32_t names = 0;

	for (uint32_t i = 0; i < inv->n_machines; i++) {
		uint32_t name = inv->machines[i].name, at, n = 0;
		struct buf keys = {0};

		if (!inv->machines[i].shared)
			continue;
		at = lists_first(&inv->by_name, name);
		if (lists_value(&inv->by_name, at) != i || names++ >= FEW)
			continue;
		for (; at != LISTS_END; at = lists_next(&inv->by_name, at))
			if (n++ < FEW)
				buf_fmt(&keys, "%s'%s'", n > 1 ? ", " : "",
					inventory_key(inv, lists_value(&inv->by_name, at)));
		cli_note("%u machines have the name '%s', filed as %s%s", n,
			 inventory_word(inv, name), keys.data, n > FEW ? ", ..." : "");
		buf_free(&keys);
	}
	if (names > FEW)
		cli_note("and %u more names are shared", names - FEW);
	if (inv->n_undecided)
		cli_note("entries without id whose name several machines have, kept apart: %u",
			 inv->n_undecided);
	return names != 0;
}

/* What was there, before all else; none is an empty one. */
static bool read_into(struct inventory *inv, const char *path, struct buf *old, struct failure *f)
{
	if (file_read(path, old, f))
		return inventory_add_file(inv, path, old->data, old->len, f);
	return f->code && !strcmp(f->code, "not-there");
}

static void write_into(struct rec_io *io, const struct opts *o, const struct buf *old,
		       const struct buf *now)
{
	struct failure f = {0};

	if (o->dry)
		rec_print(io, now->data, now->len);
	else if ((!old->data || old->len != now->len || memcmp(old->data, now->data, old->len)) &&
		 !file_replace(o->into, now->data, now->len, &f)) {
		cli_warn("%s", f.message);
		rec_status(io, f.status);
	}
	fail_free(&f);
}

/* FILE is read when the input has ended: a pipe may take minutes, and people go on editing. */
static void merge_into(struct inventory *inv, struct rec_io *io, const struct opts *o)
{
	struct buf old = {0}, now = {0};
	struct failure f = {0};

	if (!read_into(inv, o->into, &old, &f)) {
		cli_warn("%s", f.message);
		rec_status(io, f.status);
	} else {
		inventory_group(inv);
		inventory_keys(inv, o->by_id);
		if (old.data)
			inventory_update(inv, old.data, old.len, &now);
		else
			inventory_document(inv, &now);
		if (tell_shared(inv) && o->unique)
			rec_status(io, ST_NO);
		else
			write_into(io, o, &old, &now);
	}
	fail_free(&f);
	buf_free(&old);
	buf_free(&now);
}

static void merge(struct inventory *inv, struct rec_io *io, const struct opts *o)
{
	struct buf document = {0};

	inventory_group(inv);
	inventory_keys(inv, o->by_id);
	if (tell_shared(inv) && o->unique)
		rec_status(io, ST_NO);
	inventory_document(inv, &document);
	rec_print(io, document.data, document.len);
	buf_free(&document);
}

static bool is_by_id(const char *key)
{
	if (strcmp(key, "id") != 0 && strcmp(key, "name") != 0)
		cli_usage("--key takes name or id, not '%s'", key);
	return !strcmp(key, "id");
}

static struct opts parse_options(int argc, char **argv)
{
	enum { INTO = 256, KEY, UNIQUE };
	static const struct option options[] = {{"dry-run", no_argument, NULL, 'n'},
						{"file", required_argument, NULL, 'f'},
						{"into", required_argument, NULL, INTO},
						{"key", required_argument, NULL, KEY},
						{"unique", no_argument, NULL, UNIQUE},
						CLI_LONG,
						{0}};
	struct opts o = {0};
	int c;

	while ((c = getopt_long(argc, argv, "f:n" CLI_SHORT, options, NULL)) != -1)
		switch (c) {
		case 'f':
			cli_file(&o.file, optarg);
			break;
		case 'n':
			o.dry = true;
			break;
		case INTO:
			o.into = optarg;
			break;
		case KEY:
			o.by_id = is_by_id(optarg);
			break;
		case UNIQUE:
			o.unique = true;
			break;
		default:
			cli_option(c);
		}
	if (o.into && !*o.into)
		cli_usage("the name of --into's file is empty");
	return o;
}

int main(int argc, char **argv)
{
	struct inventory inv = {0};
	bool planned = false;
	struct rec_io *io;
	struct opts o;
	struct rec *r;

	cli_start(argc, argv, &cli);
	o = parse_options(argc, argv);

	io = rec_start(cli_name);
	rec_documents(io, true);
	rec_open_all(io, o.file, argc - optind, argv + optind);
	while ((r = rec_read(io)))
		add(&inv, io, r, &planned);

	rec_print(io, "", 0); /* a document, if any: no end after it */
	if (rec_whole(io) && !o.into)
		merge(&inv, io, &o);
	else if (o.into && planned && !o.dry)
		cli_note("planned records: '%s' stays as it is", o.into);
	else if (o.into && rec_whole(io) && !rec_broken(io))
		merge_into(&inv, io, &o);
	inventory_free(&inv);
	return rec_finish(io);
}
