/* SPDX-License-Identifier: ISC
 * A document that people keep, brought up to date. */
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "json-edit.h"
#include "mem.h"
#include "status.h"

static size_t mark_len(const char *text, size_t len)
{
	return len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

static bool wrong_file(struct failure *f, const char *path, const json_error_t *e)
{
	return fail_set(f, ST_DATA, "wrong-document", "%s:%d:%d: %s", path, e->line, e->column,
			e->text);
}

bool inventory_add_file(struct inventory *inv, const char *path, const char *text, size_t len,
			struct failure *f)
{
	size_t mark = mark_len(text, len), at = 0;
	struct json_member m;
	json_auto_t *document = NULL;
	const char *key;
	json_error_t e;
	json_t *entry;

	text += mark;
	len -= mark;
	document = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
	if (!document)
		return wrong_file(f, path, &e);
	if (!json_is_object(document) || json_object_get(document, "kind"))
		return fail_set(f, ST_DATA, "wrong-document",
				"cannot update '%s': not an inventory", path);
	json_object_foreach(document, key, entry) {
		const char *reason = inventory_wrong(key, entry);
		char *compact;

		if (reason)
			return fail_set(f, ST_DATA, "wrong-document",
					"cannot update '%s': '%s': %s", path, key, reason);
		if (!json_member(text, len, &at, &m))
			break;
		compact = mem_alloc(m.value_len + 1);
		inventory_add(inv, INVENTORY_FILE, key, entry, compact,
			      json_compact(compact, m.value, m.value_len));
	}
	return true;
}

/* The name too, when it is another than the entry says. */
static size_t add_name(const struct inventory *inv, const struct inventory_entry *e, size_t n,
		       struct json_change **members, struct buf *name)
{
	const char *now = inventory_word(inv, inv->machines[e->machine].name);

	if (!n || !now || inv->machines[e->machine].name == e->name)
		return n;
	json_quote(name, now);
	*members = mem_grow(*members, n + 1, sizeof(**members));
	(*members)[n] = (struct json_change){.set = {"\"name\"", name->data, 6, name->len}};
	return n + 1;
}

/* The entry's text with what is new about its machine. */
static char *updated(const struct inventory *inv, const struct inventory_entry *e,
		     const struct json_member *m, const char *unit, const char *base, size_t *len)
{
	struct buf out = {0}, name = {0};
	struct json_change *members;
	size_t n = inventory_members(inv, e->machine, true, &members);

	n = add_name(inv, e, n, &members, &name);
	json_update(&out, m->value, m->value_len, members, n, unit, base);
	free(members);
	buf_free(&name);
	*len = out.len;
	return buf_take(&out);
}

static struct json_change new_entry(const struct inventory *inv, uint32_t machine)
{
	struct buf key = {0}, value = {0};
	struct json_change c = {0};

	json_quote(&key, inventory_key(inv, machine));
	inventory_text(inv, machine, &value);
	c.set = (struct json_member){.key_len = key.len, .value_len = value.len};
	c.set.key = buf_take(&key);
	c.set.value = buf_take(&value);
	return c;
}

/* A change for every entry of the FILE, in its order, then the new ones. */
static struct json_change *changes_of(const struct inventory *inv, const char *text, size_t len,
				      const char *unit, size_t *n)
{
	struct json_change *all =
	    mem_grow(NULL, (size_t)inv->n_entries + inv->n_machines + 1, sizeof(*all));
	char base[JSON_BASE];
	struct json_member m;
	size_t at = 0;

	*n = 0;
	for (uint32_t i = 0; i < inv->n_entries; i++) {
		if (inv->entries[i].origin != INVENTORY_FILE || !json_member(text, len, &at, &m))
			continue;
		json_base(text, (size_t)(m.key - text), base);
		all[*n] = (struct json_change){.set = m, .verbatim = true};
		all[*n].set.key = mem_dup_n(m.key, m.key_len);
		all[*n].set.value =
		    updated(inv, &inv->entries[i], &m, unit, base, &all[*n].set.value_len);
		++*n;
	}
	for (uint32_t i = 0; i < inv->n_machines; i++)
		if (!inv->machines[i].filed)
			all[(*n)++] = new_entry(inv, i);
	return all;
}

void inventory_update(const struct inventory *inv, const char *text, size_t len, struct buf *out)
{
	size_t mark = mark_len(text, len), n;
	char unit[JSON_BASE];
	struct json_change *changes;

	buf_add(out, text, mark);
	text += mark;
	len -= mark;
	json_unit(text, len, unit);
	changes = changes_of(inv, text, len, unit, &n);
	json_update(out, text, len, changes, n, unit, "");
	for (size_t i = 0; i < n; i++) {
		free((char *)changes[i].set.key);
		free((char *)changes[i].set.value);
	}
	free(changes);
}
