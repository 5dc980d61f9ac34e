/* SPDX-License-Identifier: ISC
 * What the entries about a machine say together. */
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "json-edit.h"
#include "mem.h"

/* The members that documents begin with, in this order. */
static const char *const first_members[] = {"names",
					    "region",
					    "private_network_interfaces",
					    "public_network_interfaces",
					    "backups",
					    "image",
					    "size",
					    "provider",
					    "id",
					    "status"};
#define N_FIRST (sizeof(first_members) / sizeof(*first_members))

static bool is_null(const struct json_member *m)
{
	return m->value_len == 4 && !memcmp(m->value, "null", 4);
}

/* user_data may carry keys by the user's wish: in the pipe, but in no file that we write. */
static bool left_out(const struct inventory_entry *e, const struct json_member *m)
{
	return json_key_is(m, "kind") || json_key_is(m, "name") ||
	       (e->origin == INVENTORY_RECORD && json_key_is(m, "user_data"));
}

static struct json_change *find(struct json_change *members, size_t n, const struct json_member *m)
{
	for (size_t i = 0; i < n; i++)
		if (json_same_key(&members[i].set, m))
			return &members[i];
	return NULL;
}

static int rank(const struct json_change *c)
{
	size_t i = 0;

	while (i < N_FIRST && !json_key_is(&c->set, first_members[i]))
		i++;
	return (int)i;
}

/* Insertion, for it keeps the order of equals, and entries are small. */
static void put_in_order(struct json_change *members, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct json_change c = members[i];
		size_t at = i;

		for (; at && rank(&members[at - 1]) > rank(&c); at--)
			members[at] = members[at - 1];
		members[at] = c;
	}
}

size_t inventory_members(const struct inventory *inv, uint32_t machine, bool updates,
			 struct json_change **members)
{
	struct json_change *all = NULL;
	size_t n = 0;

	for (uint32_t part = lists_first(&inv->parts, machine); part != LISTS_END;
	     part = lists_next(&inv->parts, part)) {
		const struct inventory_entry *e = &inv->entries[lists_value(&inv->parts, part)];
		struct json_member m;
		size_t at = 0;

		while ((!updates || e->origin != INVENTORY_FILE) &&
		       json_member(e->text, e->len, &at, &m)) {
			struct json_change *had = find(all, n, &m);

			if (left_out(e, &m) || (is_null(&m) && (had || updates)))
				continue;
			if (had) {
				had->set = m;
				continue;
			}
			if (!(n & (n - 1)))
				all = mem_grow(all, n ? 2 * n : 1, sizeof(*all));
			all[n++] = (struct json_change){.set = m};
		}
	}
	put_in_order(all, n);
	*members = all;
	return n;
}

static void add_name(const struct inventory *inv, uint32_t machine, struct buf *out)
{
	const struct inventory_machine *m = &inv->machines[machine];
	const char *name = inventory_word(inv, m->name), *id = inventory_word(inv, m->id);
	const char *key = inventory_key(inv, machine);

	if (id && !strcmp(key, id) ? !name : name && !strcmp(name, key))
		return;
	buf_str(out, "\"name\":");
	if (name)
		json_quote(out, name);
	else
		buf_str(out, "null");
}

void inventory_text(const struct inventory *inv, uint32_t machine, struct buf *out)
{
	struct json_change *members;
	size_t n = inventory_members(inv, machine, false, &members), begin;

	buf_char(out, '{');
	begin = out->len;
	add_name(inv, machine, out);
	for (size_t i = 0; i < n; i++) {
		const struct json_member *m = &members[i].set;
		bool number = json_key_is(m, "id") && m->value[0] != '"' && !is_null(m);

		if (out->len > begin)
			buf_char(out, ',');
		buf_add(out, m->key, m->key_len);
		buf_str(out, number ? ":\"" : ":");
		buf_add(out, m->value, m->value_len);
		if (number)
			buf_char(out, '"');
	}
	buf_char(out, '}');
	free(members);
}

void inventory_document(const struct inventory *inv, struct buf *out)
{
	struct buf entry = {0};

	for (uint32_t i = 0; i < inv->n_machines; i++) {
		buf_str(out, i ? ",\n  " : "{\n  ");
		json_quote(out, inventory_key(inv, i));
		buf_str(out, ": ");
		buf_clear(&entry);
		inventory_text(inv, i, &entry);
		json_indent(out, entry.data, entry.len, "  ", "  ");
	}
	buf_str(out, inv->n_machines ? "\n}\n" : "{}\n");
	buf_free(&entry);
}
