/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "instance.h"
#include "inventory.h"
#include "mem.h"

const char *inventory_word(const struct inventory *inv, uint32_t word)
{
	return word == INTERN_NONE ? NULL : intern_text(&inv->words, word, NULL);
}

static uint32_t word(struct inventory *inv, const char *text)
{
	return text && *text ? intern_add(&inv->words, text, strlen(text)) : INTERN_NONE;
}

static const char *text_of(const json_t *entry, const char *key)
{
	return json_string_value(json_object_get(entry, key));
}

/* The id as text; people write those of DigitalOcean as numbers. */
static char *id_of(const json_t *entry)
{
	const json_t *id = json_object_get(entry, "id");

	if (json_is_integer(id))
		return mem_fmt("%lld", (long long)json_integer_value(id));
	return mem_dup(json_string_value(id));
}

const char *inventory_name(const json_t *entry, const char *key)
{
	const json_t *name = json_object_get(entry, "name");
	char *id = id_of(entry);
	bool is_id = id && key && !strcmp(id, key);

	free(id);
	if (json_is_string(name))
		return json_string_value(name);
	if (!key || is_id)
		return NULL;
	return json_is_null(name) && json_object_get(entry, "id") ? NULL : key;
}

void inventory_add(struct inventory *inv, enum inventory_origin origin, const char *key,
		   const json_t *json, char *text, size_t len)
{
	const char *provider = text_of(json, "provider");
	char *id = id_of(json);
	struct inventory_entry e = {origin, text, len, .machine = INTERN_NONE};

	e.key = key ? intern_add(&inv->words, key, strlen(key)) : INTERN_NONE;
	e.name = word(inv, inventory_name(json, key));
	e.id = word(inv, id);
	e.provider = word(inv, provider && !strcmp(provider, "ec2") ? "aws" : provider);
	e.region = word(inv, text_of(json, "region"));
	free(id);
	if (!(inv->n_entries & (inv->n_entries - 1)))
		inv->entries = mem_grow(inv->entries,
					inv->n_entries ? 2 * (size_t)inv->n_entries : 1, sizeof(e));
	inv->entries[inv->n_entries++] = e;
}

const char *inventory_wrong(const char *key, const json_t *entry)
{
	const char *kind = text_of(entry, "kind");

	if (key && !*key)
		return "its name is empty";
	if (!json_is_object(entry))
		return "it is not an object";
	if (json_object_get(entry, "kind") && (!kind || strcmp(kind, "instance") != 0))
		return "its 'kind' is not 'instance'";
	if (!key && !json_object_get(entry, "id"))
		return "it has neither name nor id";
	return instance_wrong(entry);
}

static uint32_t new_machine(struct inventory *inv)
{
	uint32_t n = inv->n_machines;

	if (!(n & (n - 1)))
		inv->machines =
		    mem_grow(inv->machines, n ? 2 * (size_t)n : 1, sizeof(*inv->machines));
	inv->machines[n] = (struct inventory_machine){
	    INTERN_NONE, INTERN_NONE, INTERN_NONE, INTERN_NONE, INTERN_NONE, false, false};
	return inv->n_machines++;
}

/* The FILE is what was known before. */
static void learn(uint32_t *known, uint32_t said, const struct inventory_entry *e)
{
	if (said != INTERN_NONE && (e->origin != INVENTORY_FILE || *known == INTERN_NONE))
		*known = said;
}

static void join(struct inventory *inv, struct inventory_entry *e, uint32_t machine)
{
	struct inventory_machine *m = &inv->machines[machine];

	e->machine = machine;
	learn(&m->name, e->name, e);
	learn(&m->id, e->id, e);
	learn(&m->provider, e->provider, e);
	learn(&m->region, e->region, e);
	m->filed |= e->origin == INVENTORY_FILE;
}

/* Entries with an id: provider and id make the machine. */
static void join_by_id(struct inventory *inv)
{
	struct intern ids = {0};

	for (uint32_t i = 0; i < inv->n_entries; i++) {
		struct inventory_entry *e = &inv->entries[i];
		uint32_t both[2] = {e->provider, e->id}, number;

		if (e->id == INTERN_NONE)
			continue;
		number = intern_add(&ids, both, sizeof(both));
		if (number == inv->n_machines)
			new_machine(inv);
		join(inv, e, number);
	}
	intern_free(&ids);
}

static bool agree(uint32_t a, uint32_t b)
{
	return a == b || a == INTERN_NONE || b == INTERN_NONE;
}

/* The machine of the list that the entry may be about; *n: how many there are. */
static uint32_t candidate(const struct inventory *inv, const struct lists *by_name,
			  const struct inventory_entry *e, unsigned *n)
{
	uint32_t at = lists_first(by_name, e->name), found = INTERN_NONE;

	for (*n = 0; at != LISTS_END; at = lists_next(by_name, at)) {
		const struct inventory_machine *m = &inv->machines[lists_value(by_name, at)];

		if (!agree(m->region, e->region) || !agree(m->provider, e->provider))
			continue;
		found = lists_value(by_name, at);
		++*n;
	}
	return found;
}

/* Entries without an id: the one machine of that name, with an id, else without. */
static void join_by_name(struct inventory *inv)
{
	struct lists known = {0}, loose = {0};

	for (uint32_t i = 0; i < inv->n_machines; i++)
		if (inv->machines[i].name != INTERN_NONE)
			lists_add(&known, inv->machines[i].name, i);
	for (uint32_t i = 0; i < inv->n_entries; i++) {
		struct inventory_entry *e = &inv->entries[i];
		uint32_t machine;
		unsigned n;

		if (e->id != INTERN_NONE)
			continue;
		machine = candidate(inv, &known, e, &n);
		inv->n_undecided += n > 1;
		if (n != 1)
			machine = candidate(inv, &loose, e, &n);
		if (n != 1) {
			machine = new_machine(inv);
			lists_add(&loose, e->name, machine);
		}
		join(inv, e, machine);
	}
	lists_free(&known);
	lists_free(&loose);
}

/* Numbers the machines in the order of their first entries. */
static void put_in_order(struct inventory *inv)
{
	struct inventory_machine *sorted =
	    mem_grow(NULL, (size_t)inv->n_machines + 1, sizeof(*sorted));
	uint32_t *number = mem_grow(NULL, (size_t)inv->n_machines + 1, sizeof(*number)), n = 0;

	memset(number, 0xff, inv->n_machines * sizeof(*number));
	for (uint32_t i = 0; i < inv->n_entries; i++) {
		struct inventory_entry *e = &inv->entries[i];

		if (number[e->machine] == INTERN_NONE) {
			sorted[n] = inv->machines[e->machine];
			number[e->machine] = n++;
		}
		e->machine = number[e->machine];
		lists_add(&inv->parts, e->machine, i);
	}
	free(number);
	free(inv->machines);
	inv->machines = sorted;
}

void inventory_group(struct inventory *inv)
{
	join_by_id(inv);
	join_by_name(inv);
	put_in_order(inv);
	for (uint32_t i = 0; i < inv->n_machines; i++)
		if (inv->machines[i].name != INTERN_NONE)
			lists_add(&inv->by_name, inv->machines[i].name, i);
	for (uint32_t i = 0; i < inv->n_machines; i++) {
		struct inventory_machine *m = &inv->machines[i];
		uint32_t first =
		    m->name == INTERN_NONE ? LISTS_END : lists_first(&inv->by_name, m->name);

		m->shared = first != LISTS_END && lists_next(&inv->by_name, first) != LISTS_END;
	}
}

void inventory_free(struct inventory *inv)
{
	for (uint32_t i = 0; i < inv->n_entries; i++)
		free(inv->entries[i].text);
	free(inv->entries);
	free(inv->machines);
	intern_free(&inv->words);
	intern_free(&inv->keys);
	lists_free(&inv->parts);
	lists_free(&inv->by_name);
	*inv = (struct inventory){0};
}
