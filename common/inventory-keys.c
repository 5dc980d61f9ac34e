/* SPDX-License-Identifier: ISC
 * Under which key a document has a machine. */
#include <stdlib.h>
#include <string.h>

#include "inventory.h"
#include "mem.h"

const char *inventory_key(const struct inventory *inv, uint32_t machine)
{
	return intern_text(&inv->keys, inv->machines[machine].key, NULL);
}

/* Takes the key, unless it is taken. */
static bool take(struct inventory *inv, struct inventory_machine *m, const char *key)
{
	uint32_t had = inv->keys.n, number;

	if (!key)
		return false;
	number = intern_add(&inv->keys, key, strlen(key));
	if (inv->keys.n == had)
		return false;
	m->key = number;
	return true;
}

static bool take_pair(struct inventory *inv, struct inventory_machine *m, const char *what,
		      const char *where)
{
	char *key = what && where ? mem_fmt("%s@%s", what, where) : NULL;
	bool taken = take(inv, m, key);

	free(key);
	return taken;
}

/* What is left when all is taken: a number behind it. */
static void take_numbered(struct inventory *inv, struct inventory_machine *m, const char *what)
{
	char number[16];

	for (unsigned i = 2;; i++) {
		snprintf(number, sizeof(number), "%u", i);
		if (take_pair(inv, m, what, number))
			return;
	}
}

static void take_some(struct inventory *inv, struct inventory_machine *m, bool by_id)
{
	const char *name = inventory_word(inv, m->name), *id = inventory_word(inv, m->id);
	const char *provider = inventory_word(inv, m->provider);
	const char *region = inventory_word(inv, m->region);
	const char *first = by_id && id ? id : name;

	if (first == id && (take(inv, m, id) || take_pair(inv, m, id, provider)))
		return;
	if (take_pair(inv, m, name, id))
		return;
	if (!id && m->shared && take_pair(inv, m, name, region))
		return;
	if ((!id && take(inv, m, name)) || (!name && take(inv, m, id)) ||
	    (!name && take_pair(inv, m, id, provider)))
		return;
	take_numbered(inv, m, first ? first : id);
}

/* The keys of the FILE stay, even if several entries are about one machine. */
static void take_filed(struct inventory *inv)
{
	for (uint32_t i = 0; i < inv->n_entries; i++) {
		const struct inventory_entry *e = &inv->entries[i];
		struct inventory_machine *m = &inv->machines[e->machine];
		const char *key = inventory_word(inv, e->key);
		uint32_t number;

		if (e->origin != INVENTORY_FILE)
			continue;
		number = intern_add(&inv->keys, key, strlen(key));
		if (m->key == INTERN_NONE)
			m->key = number;
	}
}

/* First those that are the only ones of their name (or id): the others give way. */
void inventory_keys(struct inventory *inv, bool by_id)
{
	take_filed(inv);
	for (uint32_t i = 0; i < inv->n_machines; i++) {
		struct inventory_machine *m = &inv->machines[i];

		if (m->key == INTERN_NONE && !by_id && !m->shared)
			take(inv, m, inventory_word(inv, m->name));
	}
	for (uint32_t i = 0; i < inv->n_machines; i++)
		if (inv->machines[i].key == INTERN_NONE)
			take_some(inv, &inv->machines[i], by_id);
}
