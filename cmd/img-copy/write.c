/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "copy.h"
#include "mem.h"
#include "status.h"

static void put(json_t *record, const char *key, json_t *value)
{
	if (json_object_set_new(record, key, value))
		mem_out();
}

/* What the cloud says, else what was wanted. */
static json_t *record_of(const struct copy *copy, bool dry)
{
	json_t *record = json_copy(copy->is ? copy->is : copy->wanted);

	if (!copying_is_first(copy, copy->is) && json_object_update_missing(record, copy->wanted))
		mem_out();
	if (!copy->is && copy->item.id)
		put(record, "id", json_string(copy->item.id));
	if (dry && !copy->there) {
		put(record, "id", json_null());
		put(record, "state", json_string("available"));
	}
	if (dry)
		put(record, "planned", json_true());
	return record;
}

/* The record of the input that stands for the copy becomes what the copy is. */
static void update(struct copy *copy, const json_t *record)
{
	struct rec *rec = copy->stands->rec;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)record, key, value) {
		if (!json_equal(value, json_object_get(rec->json, key)))
			rec_set(rec, key, json_incref(value));
	}
	if (copy->item.failure.status && !copy->stands->failure.status)
		fail_move(&copy->stands->failure, &copy->item.failure);
}

static void write_copy(struct copying *c, struct copy *copy)
{
	struct batch_work *work = copy->of->work;
	json_t *record = record_of(copy, c->batch.dry);

	if (copy->stands) {
		update(copy, record);
		json_decref(record);
		return;
	}
	if (copy->item.failure.status) {
		cli_warn("%s", copy->item.failure.message);
		put(record, "error", rec_error_json(c->batch.io, &copy->item.failure));
	}
	if (!work->after)
		work->after = json_array();
	json_array_append_new(work->after, record);
}

void copying_write(struct copying *c)
{
	bool stopped = c->batch.stop.status && !c->batch.dry;

	for (size_t i = 0; i < c->n_copies; i++) {
		struct copy *copy = &c->copies[i];

		if (copy->of->good && !stopped)
			write_copy(c, copy);
		cloud_item_free(&copy->item);
		json_decref(copy->wanted);
		json_decref(copy->is);
	}
	for (size_t i = 0; i < c->n_sources; i++) {
		cloud_item_free(&c->sources[i].item);
		json_decref(c->sources[i].live);
		json_decref(c->sources[i].share_with);
	}
	free(c->copies);
	free(c->sources);
}
