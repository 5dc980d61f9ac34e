/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "rec-private.h"
#include "trace.h"

struct rec *rec_new(json_t *json)
{
	struct rec *r = mem_alloc(sizeof(*r));

	if (!json)
		mem_out();
	r->json = json;
	r->kind = json_string_value(json_object_get(json, "kind"));
	return r;
}

void rec_free(struct rec *r)
{
	if (!r)
		return;
	json_decref(r->json);
	free(r->text);
	for (size_t i = 0; i < r->n_changed; i++)
		free(r->changed[i]);
	free(r->changed);
	free(r);
}

int rec_error(const struct rec *r)
{
	const json_t *error = json_object_get(r->json, "error");
	json_int_t status = json_integer_value(json_object_get(error, "status"));

	if (!json_is_object(error) || !r->kind)
		return 0;
	return status > 0 && status < 256 ? (int)status : 70;
}

bool rec_is(const struct rec *r, const char *kind)
{
	return r->kind && !strcmp(r->kind, kind) && !rec_error(r);
}

const char *rec_string(const struct rec *r, const char *key)
{
	return json_string_value(json_object_get(r->json, key));
}

const char *rec_no_string(const json_t *record, const char *const *keys)
{
	for (; *keys; keys++) {
		const json_t *value = json_object_get(record, *keys);

		if (value && !json_is_null(value) && !json_is_string(value))
			return *keys;
	}
	return NULL;
}

static void note_change(struct rec *r, const char *key)
{
	for (size_t i = 0; i < r->n_changed; i++)
		if (!strcmp(r->changed[i], key))
			return;
	r->changed = mem_grow(r->changed, r->n_changed + 1, sizeof(*r->changed));
	r->changed[r->n_changed++] = mem_dup(key);
}

void rec_set(struct rec *r, const char *key, json_t *value)
{
	if (json_object_set_new(r->json, key, value))
		mem_out();
	note_change(r, key);
	if (!strcmp(key, "kind"))
		r->kind = json_string_value(json_object_get(r->json, "kind"));
}

void rec_del(struct rec *r, const char *key)
{
	if (!json_object_del(r->json, key))
		note_change(r, key);
}

static void set_text(json_t *object, const char *key, const char *text)
{
	struct buf b = {0};

	if (!text)
		return;
	buf_str(&b, text);
	trace_mask(&b);
	if (json_object_set_new(object, key, json_string(b.data)))
		json_object_set_new(object, key, json_string("(not UTF-8)"));
	buf_free(&b);
}

json_t *rec_error_json(const struct rec_io *io, const struct failure *f)
{
	json_t *error = json_object();

	json_object_set_new(error, "status", json_integer(f->status));
	set_text(error, "filter", io->filter);
	set_text(error, "code", f->code);
	set_text(error, "message", f->message);
	set_text(error, "operation", f->operation);
	set_text(error, "request_id", f->request_id);
	return error;
}

void rec_fail_quietly(struct rec_io *io, struct rec *r, const struct failure *f)
{
	rec_set(r, "error", rec_error_json(io, f));
}

void rec_fail(struct rec_io *io, struct rec *r, const struct failure *f)
{
	cli_warn("%s", f->message ? f->message : "failed");
	rec_fail_quietly(io, r, f);
}
