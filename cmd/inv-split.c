/* SPDX-License-Identifier: ISC
 * Reads inventory documents; writes an instance record for each entry, its members as they are
 * written there. Records pass. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "inventory.h"
#include "json-edit.h"
#include "mem.h"
#include "rec.h"
#include "status.h"

static const struct cli cli = {"inv-split [-f FILE] [FILE ...]",
			       "Inventory documents as instance records.\n"
			       "  -f, --file FILE       read FILE instead of standard input\n",
			       false};

/* People write ids of DigitalOcean as the numbers that they are; on a record they are strings. */
static void add_value(struct buf *out, const struct json_member *m)
{
	bool number = json_key_is(m, "id") && m->value[0] >= '0' && m->value[0] <= '9';

	if (number)
		buf_char(out, '"');
	buf_add(out, m->value, m->value_len);
	if (number)
		buf_char(out, '"');
}

/* The record's text. */
static void add_record(struct buf *out, const struct json_member *entry, const char *name)
{
	struct json_member m;
	size_t at = 0;

	buf_str(out, "{\"kind\":\"instance\"");
	if (name) {
		buf_str(out, ",\"name\":");
		json_quote(out, name);
	}
	while (json_member(entry->value, entry->value_len, &at, &m)) {
		if (json_key_is(&m, "kind") || json_key_is(&m, "name"))
			continue;
		buf_char(out, ',');
		buf_add(out, m.key, m.key_len);
		buf_char(out, ':');
		add_value(out, &m);
	}
	buf_char(out, '}');
}

/* Puts the error on the record; what is no object has no members to keep. */
static void add_error(struct rec_io *io, struct buf *out, const char *key, const char *reason)
{
	struct failure f = {0};
	struct buf good = *out;
	json_t *error;
	char *text;

	fail_set(&f, ST_DATA, "wrong-type", "cannot split '%s': %s", key, reason);
	cli_warn("%s", f.message);
	error = rec_error_json(io, &f);
	text = rec_text(error);
	*out = (struct buf){0};
	json_put(out, good.data, good.len, "error", text, strlen(text));
	buf_free(&good);
	free(text);
	json_decref(error);
	fail_free(&f);
}

static void split(struct rec_io *io, const struct rec *r)
{
	struct json_member member;
	struct buf out = {0};
	const char *key;
	json_t *entry;
	size_t at = 0;

	json_object_foreach(r->json, key, entry) {
		const char *reason = inventory_wrong(key, entry);

		if (!json_member(r->text, r->len, &at, &member))
			break;
		buf_clear(&out);
		add_record(&out, &member, inventory_name(entry, key));
		if (reason)
			add_error(io, &out, key, reason);
		rec_write_text(io, out.data, out.len, reason ? ST_DATA : 0);
	}
	buf_free(&out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {0}};
	const char *file = NULL;
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
	rec_documents(io, true);
	rec_open_all(io, file, argc - optind, argv + optind);
	while ((r = rec_read(io))) {
		if (r->kind) {
			rec_write(io, r);
			continue;
		}
		if (json_is_object(r->json))
			split(io, r);
		else
			rec_report(io, r, "not an inventory: not an object");
		rec_free(r);
	}
	return rec_finish(io);
}
