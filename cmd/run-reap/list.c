/* SPDX-License-Identifier: ISC
 * What is temporary and left over, wherever it is, in the order in which it is to go. */
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "reap.h"

struct leftovers {
	const char *run;
	const struct http *engine;
	json_t *of_kind[REAP_KINDS];
};

/* An expiry that is no time is mostly somebody's hand: "never". */
static void note_odd(const json_t *record, const struct failure *why)
{
	const char *id = json_string_value(json_object_get(record, "id"));

	if (!strcmp(why->code, "bad-expiry"))
		cli_note("'%s' is left alone: %s", id ? id : "", why->message);
}

static void consider(void *ctx, json_t *record)
{
	struct leftovers *l = ctx;
	int rank = reap_rank(json_string_value(json_object_get(record, "kind")));
	const char *run = json_string_value(json_object_get(record, "run"));
	struct failure why = {0};

	if (rank < 0 || reap_is_gone(record) || (l->run && (!run || strcmp(run, l->run) != 0)))
		return;
	if (!reap_may_go(record, l->run, http_skew(l->engine), &why))
		note_odd(record, &why);
	else if (json_array_append(l->of_kind[rank], record))
		mem_out();
	fail_free(&why);
}

static void copy_input(struct rec_io *io)
{
	struct rec *r;

	rec_open(io, "-");
	while ((r = rec_read(io)))
		rec_write(io, r);
}

void reap_list(struct reap *r)
{
	struct cloud_places *places = &r->options->places;
	struct cloud_item like = {.temporary = true, .run = r->options->run};
	struct leftovers left = {.run = r->options->run, .engine = r->accounts.engine};
	json_t *record;
	size_t i;

	if (*r->options->operands)
		copy_input(r->io);
	for (int k = 0; k < REAP_KINDS; k++)
		left.of_kind[k] = json_array();
	cloud_places_find(places, &r->accounts);
	cloud_places_list(places, reap_kinds, REAP_KINDS, &like, consider, &left);
	for (int k = 0; k < REAP_KINDS; k++) {
		json_array_foreach(left.of_kind[k], i, record)
			rec_emit(r->io, json_incref(record));
		json_decref(left.of_kind[k]);
	}
	cloud_places_tell(places, r->io);
}
