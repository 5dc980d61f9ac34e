/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli-private.h"
#include "cli.h"
#include "json-edit.h"
#include "mem.h"
#include "rec-private.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

struct rec_io *rec_start(const char *filter)
{
	struct rec_io *io = mem_alloc(sizeof(*io));

	io->filter = mem_dup(filter);
	io->line = io->column = 1;
	buf_reserve(&io->text, 0);
	io->text.data[0] = '\0';
	trace_start(filter, cli_argc, cli_argv);
	return io;
}

void rec_note_error(struct rec_io *io, int status)
{
	if (!io->first_error)
		io->first_error = status;
}

void rec_status(struct rec_io *io, int status)
{
	if (status == ST_GUARD)
		io->guard = ST_GUARD;
	else if (status == ST_NO)
		io->no = ST_NO;
	else if (status == ST_PART)
		io->not_whole = true;
	else if (status)
		rec_note_error(io, status);
}

bool rec_stdout_lost(const struct rec_io *io)
{
	return io->lost != 0;
}

static int dump_part(const char *part, size_t len, void *out)
{
	buf_add(out, part, len);
	return 0;
}

/* How many digits a number needs to be read back as it is. */
static int digits_of_number(double number)
{
	char text[40];
	int digits = 15;

	while (digits < 17) {
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
		digits++;
	}
	return digits;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

/* How many the most demanding number in it needs, so that 0.1 is not 0.10000000000000001. */
static int digits_of(const json_t *json)
{
	const char *key;
	json_t *value;
	int digits = 15;
	size_t i;

	if (json_is_real(json))
		return digits_of_number(json_real_value(json));
	json_array_foreach(json, i, value)
		digits = larger(digits, digits_of(value));
	json_object_foreach((json_t *)json, key, value)
		digits = larger(digits, digits_of(value));
	return digits;
}

static void dump(struct buf *out, const json_t *json, size_t flags)
{
	flags |= JSON_REAL_PRECISION(digits_of(json)) | JSON_ENCODE_ANY;
	if (json_dump_callback(json, dump_part, out, flags))
		mem_out();
}

char *rec_text(const json_t *json)
{
	struct buf out = {0};

	dump(&out, json, JSON_COMPACT);
	return buf_take(&out);
}

static bool was_changed(const struct rec *r, const char *key)
{
	for (size_t i = 0; i < r->n_changed; i++)
		if (!strcmp(r->changed[i], key))
			return true;
	return false;
}

/* The member's value as it was written; the last one counts, as in the parse. Members mostly come
 * in the order of the text, so the search goes on where the last one ended. */
static bool old_value(const struct rec *r, const char *key, size_t *from, struct json_member *found)
{
	struct json_member m;
	size_t at = *from;

	if (json_member(r->text, r->len, &at, &m) && json_key_is(&m, key)) {
		*from = at;
		*found = m;
		return true;
	}
	at = 0;
	found->value = NULL;
	while (json_member(r->text, r->len, &at, &m))
		if (json_key_is(&m, key))
			*found = m;
	return found->value != NULL;
}

static void add_changed(struct buf *out, const struct rec *r)
{
	const char *key;
	json_t *value;
	size_t at = 0;
	char separator = '{';

	json_object_foreach(r->json, key, value) {
		struct json_member old;
		json_t *name = json_string(key);

		buf_char(out, separator);
		separator = ',';
		dump(out, name, JSON_COMPACT);
		json_decref(name);
		buf_char(out, ':');
		if (!was_changed(r, key) && old_value(r, key, &at, &old))
			buf_add(out, old.value, old.value_len);
		else
			dump(out, value, JSON_COMPACT);
	}
	buf_str(out, separator == '{' ? "{}" : "}");
}

static void write_out(struct rec_io *io, const char *text, size_t len)
{
	while (len && !io->lost) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd ready = {.fd = STDOUT_FILENO, .events = POLLOUT};
			poll(&ready, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			io->lost = errno;
			if (errno != EPIPE)
				cli_warn("cannot write to standard output: %s", strerror(errno));
		} else if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
}

static void add_text(struct buf *out, const struct rec *r)
{
	if (!r->text)
		dump(out, r->json, JSON_COMPACT);
	else if (r->n_changed)
		add_changed(out, r);
	else
		buf_add(out, r->text, r->len);
}

static void write_line(struct rec_io *io, int error)
{
	buf_char(&io->line_out, '\n');
	write_out(io, io->line_out.data, io->line_out.len);
	io->records++;
	if (error) {
		io->failed++;
		rec_note_error(io, error);
	}
}

void rec_pass(struct rec_io *io, const struct rec *r)
{
	buf_clear(&io->line_out);
	add_text(&io->line_out, r);
	write_line(io, rec_error(r));
}

char *rec_take(struct rec *r, size_t *len)
{
	struct buf out = {0};

	if (r->text && !r->n_changed) {
		out = (struct buf){r->text, r->len, 0};
		r->text = NULL;
	} else {
		add_text(&out, r);
	}
	rec_free(r);
	*len = out.len;
	return mem_grow(out.data, out.len + 1, 1);
}

void rec_write_text(struct rec_io *io, const char *text, size_t len, int error)
{
	buf_clear(&io->line_out);
	buf_add(&io->line_out, text, len);
	write_line(io, error);
}

void rec_write(struct rec_io *io, struct rec *r)
{
	rec_pass(io, r);
	rec_free(r);
}

void rec_emit(struct rec_io *io, json_t *json)
{
	rec_write(io, rec_new(json));
}

void rec_document(struct rec_io *io, json_t *json)
{
	struct buf *out = &io->line_out;

	io->document_written = true;
	if (rec_whole(io)) {
		buf_clear(out);
		dump(out, json, JSON_INDENT(2));
		buf_char(out, '\n');
		write_out(io, out->data, out->len);
	}
	json_decref(json);
}

void rec_print(struct rec_io *io, const char *text, size_t len)
{
	io->document_written = true;
	write_out(io, text, len);
}

void rec_account(struct rec_io *io, const struct rec *r)
{
	const json_t *error = json_object_get(r->json, "error");
	const char *name = rec_string(r, "name"), *id = rec_string(r, "id");
	const char *message = json_string_value(json_object_get(error, "message"));

	cli_warn("left out %s '%s': %s", r->kind,
		 name ? name
		 : id ? id
		      : "?",
		 message ? message : "it has an error");
	io->failed++;
	rec_note_error(io, rec_error(r));
}

void rec_event(struct rec_io *io, const char *event, const char *target, const char *provider,
	       const char *id, json_t *more)
{
	json_t *json = json_pack("{ss ss ss ss* ss*}", "kind", "event", "event", event, "target",
				 target, "provider", provider, "id", id);
	const char *key;
	json_t *value;

	if (!json)
		mem_out();
	json_object_foreach(more, key, value)
		if (!json_is_null(value))
			json_object_set(json, key, value);
	json_decref(more);
	rec_emit(io, json);
}

static void write_end(struct rec_io *io)
{
	json_t *end = json_pack("{ss ss sI sI}", "kind", "end", "filter", io->filter, "records",
				(json_int_t)io->records, "failed", (json_int_t)io->failed);

	if (!end)
		mem_out();
	rec_emit(io, end);
}

int rec_outcome(const struct rec_io *io)
{
	if (io->lost || trace_lost())
		return ST_IO;
	if (io->first_error)
		return io->first_error;
	if (io->not_whole)
		return ST_PART;
	if (io->guard)
		return io->guard;
	return io->no;
}

static void release(struct rec_io *io)
{
	for (size_t i = 0; i < io->n_inputs; i++)
		free(io->inputs[i].name);
	free(io->inputs);
	buf_free(&io->text);
	buf_free(&io->line_out);
	free(io->filter);
	free(io);
}

int rec_finish(struct rec_io *io)
{
	int status, lost;

	if (io->not_whole)
		cli_warn("the input is not whole: what is before this did not finish, "
			 "or is a foreign command without rec-seal");
	else if (rec_sealed() && !io->document_written && !io->broken && !stop_asked())
		write_end(io);
	if (close(STDOUT_FILENO) && !io->lost) {
		io->lost = errno;
		cli_warn("cannot write to standard output: %s", strerror(errno));
	}
	status = rec_outcome(io);
	lost = io->lost;
	trace_end(stop_asked() ? 128 + stop_asked() : status);
	release(io);
	if (stop_asked())
		stop_die(stop_asked());
	if (lost == EPIPE)
		stop_die(SIGPIPE);
	return trace_lost() ? ST_IO : status;
}
