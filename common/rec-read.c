/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "env.h"
#include "json-text.h"
#include "mem.h"
#include "rec-private.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

#define CHUNK 65536
enum { GRACE_MS = 3500 };

/* After a signal to the whole pipe the filter before this one writes, within its own seconds, what
 * it holds: a machine that it made must reach who removes it. Nobody waits for a person. */
static bool still_comes(int fd)
{
	static int64_t since;
	struct pollfd input = {.fd = fd, .events = POLLIN};
	int64_t left;

	if (!since)
		since = clk_monotonic();
	if (isatty(fd))
		return false;
	while ((left = since + GRACE_MS - clk_monotonic()) > 0) {
		int n = poll(&input, 1, (int)left);

		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
	return false;
}

static ssize_t read_more(struct rec_io *io)
{
	struct rec_input *input = &io->inputs[io->current];
	ssize_t n;

	if (io->at > CHUNK && io->at > io->text.len / 2) {
		memmove(io->text.data, io->text.data + io->at, io->text.len - io->at);
		io->text.len -= io->at;
		io->at = 0;
	}
	buf_reserve(&io->text, CHUNK);
	do {
		n = stop_asked() && !still_comes(input->fd)
			? 0
			: read(input->fd, io->text.data + io->text.len, CHUNK);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		cli_warn("cannot read '%s': %s", input->name, strerror(errno));
		rec_note_error(io, ST_NOINPUT);
		io->broken = true;
	}
	if (n <= 0) {
		io->eof = true;
		return 0;
	}
	if (trace_mode() == TRACE_RECORD)
		trace_input(io->text.data + io->text.len, (size_t)n);
	io->text.len += (size_t)n;
	io->text.data[io->text.len] = '\0';
	return n;
}

/* In a replay the recording is chosen by the whole input: read it before anything is asked. */
static void read_for_replay(struct rec_io *io)
{
	size_t had = io->text.len;

	while (read_more(io) > 0)
		;
	trace_input(io->text.data ? io->text.data + had : "", io->text.len - had);
}

static void wait_note(const char *name)
{
	cli_note("reading records from %s: a terminal; end with ctrl-D", name);
}

static void open_input(struct rec_io *io, int fd, const char *name)
{
	struct rec_input input = {mem_dup(name), fd, false};
	struct stat st;

	if (!fstat(fd, &st)) {
		if (S_ISDIR(st.st_mode))
			cli_die(ST_NOINPUT, "cannot read '%s': it is a directory", name);
		input.pipe = S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode);
	}
	io->inputs = mem_grow(io->inputs, io->n_inputs + 1, sizeof(*io->inputs));
	io->inputs[io->n_inputs++] = input;
	if (trace_mode() == TRACE_REPLAY && io->n_inputs == 1)
		read_for_replay(io);
}

void rec_open(struct rec_io *io, const char *path)
{
	bool standard = !path || !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && !*path)
		cli_usage("the name of an input file is empty");
	if (fd < 0)
		cli_die(ST_NOINPUT, "cannot open '%s': %s", path, strerror(errno));
	if (standard && isatty(fd))
		wait_note("<stdin>");
	open_input(io, fd, standard ? "<stdin>" : path);
}

void rec_open_all(struct rec_io *io, const char *file, int n, char **paths)
{
	if (file || !n)
		rec_open(io, file);
	for (int i = 0; i < n; i++)
		rec_open(io, paths[i]);
}

void rec_open_fd(struct rec_io *io, int fd, const char *name)
{
	open_input(io, fd, name);
}

static void move_on(struct rec_io *io, size_t n)
{
	const char *text = io->text.data + io->at, *end = text + n, *newline;

	while ((newline = memchr(text, '\n', (size_t)(end - text)))) {
		io->line++;
		io->column = 1;
		text = newline + 1;
	}
	io->column += (unsigned long)(end - text);
	io->at += n;
}

/* Skips white space, a BOM at the start, and what follows broken text. True: a value begins. */
static bool find_value(struct rec_io *io)
{
	while (true) {
		const char *text = io->text.data + io->at;
		size_t len = io->text.len - io->at, skip = 0;

		if (io->line == 1 && io->column == 1 && len < 3 && !io->eof) {
			read_more(io);
			continue;
		}
		if (io->line == 1 && io->column == 1 && len >= 3 &&
		    !memcmp(text, "\xef\xbb\xbf", 3)) {
			io->at += 3;
			continue;
		}
		if (io->resync) {
			while (skip < len && text[skip] != '\n')
				skip++;
		} else {
			skip = strspn(text, " \t\r\n"); /* terminated by buf */
			if (skip > len)
				skip = len;
		}
		move_on(io, skip);
		if (io->at < io->text.len) {
			if (!io->resync)
				return true;
			move_on(io, 1);
			/* a broken value over several lines: its rest is not reported line by line
			 */
			io->resync = io->at < io->text.len && io->text.data[io->at] != '{';
			if (io->at < io->text.len)
				continue;
			io->resync = true;
		}
		if (io->eof || !read_more(io))
			return false;
		if (io->resync && io->text.data[io->at] == '{' && io->column == 1)
			io->resync = false;
	}
}

void rec_report(struct rec_io *io, const struct rec *r, const char *format, ...)
{
	va_list args;
	char *what;

	va_start(args, format);
	if (vasprintf(&what, format, args) < 0)
		mem_out();
	va_end(args);
	cli_warn("%s:%lu:%lu: %s", r->from, r->line, r->column, what);
	free(what);
	rec_note_error(io, ST_DATA);
	io->broken = true;
}

static void report(struct rec_io *io, unsigned long line, unsigned long column, const char *what)
{
	cli_warn("%s:%lu:%lu: %s", io->inputs[io->current].name, line, column ? column : 1, what);
	rec_note_error(io, ST_DATA);
	io->broken = true;
}

static void report_json(struct rec_io *io, const json_error_t *e)
{
	unsigned long line = io->line, column = (unsigned long)e->column;

	if (e->line > 1)
		line += (unsigned long)e->line - 1;
	else
		column += io->column - 1;
	report(io, line, column, e->text);
}

static json_t *parse(const char *text, size_t len, size_t flags, json_error_t *e)
{
	json_t *json = json_loadb(text, len, flags, e);

	/* integers beyond 64 bits: their text is kept, their value is near enough to be passed on
	 */
	if (!json && json_error_code(e) == json_error_numeric_overflow)
		json = json_loadb(text, len, flags | JSON_DECODE_INT_AS_REAL, e);
	return json;
}

/* The value at io->at, whose length the scan found; NULL when it is broken (reported). */
static struct rec *take_value(struct rec_io *io, const struct json_scan *scan)
{
	const char *text = io->text.data + io->at;
	size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
	struct rec *r = NULL;
	json_error_t e;
	json_t *json;

	if (io->documents)
		flags |= JSON_REJECT_DUPLICATES;
	json = parse(text, scan->at, flags, &e);
	if (!json) {
		report_json(io, &e);
		io->resync = true;
	} else {
		r = rec_new(json);
		r->from = io->inputs[io->current].name;
		r->line = io->line;
		r->column = io->column;
		r->text = mem_alloc(scan->at + 1);
		r->len = json_compact(r->text, text, scan->at);
	}
	move_on(io, scan->at);
	return r;
}

/* A value that never ends: let Jansson say where, go on at the next line that begins a record. */
static void take_unfinished(struct rec_io *io)
{
	const char *text = io->text.data + io->at;
	size_t len = io->text.len - io->at;
	json_error_t e;
	json_t *json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);

	json_decref(json);
	report_json(io, &e);
	io->resync = true;
}

static struct rec *next_value(struct rec_io *io)
{
	while (find_value(io)) {
		struct json_scan scan = {0};
		struct rec *r;
		bool found;

		while (!(found = json_scan(&scan, io->text.data + io->at, io->text.len - io->at,
					   io->eof)))
			if (io->eof || !read_more(io)) {
				found = json_scan(&scan, io->text.data + io->at,
						  io->text.len - io->at, true);
				break;
			}
		if (!found || scan.newline) {
			take_unfinished(io);
			continue;
		}
		r = take_value(io, &scan);
		if (r)
			return r;
	}
	return NULL;
}

static void end_input(struct rec_io *io)
{
	struct rec_input *input = &io->inputs[io->current];

	if (input->pipe && rec_sealed() && !io->ended && !(io->n_values == 1 && io->only_document))
		io->not_whole = true;
	if (input->fd != STDIN_FILENO)
		close(input->fd);
	input->fd = -1;
	io->current++;
	io->eof = io->ended = io->only_document = io->resync = false;
	io->n_values = 0;
	io->line = io->column = 1;
	if (io->current < io->n_inputs && trace_mode() == TRACE_REPLAY)
		read_for_replay(io);
}

static bool accept(struct rec_io *io, const struct rec *r)
{
	io->n_values++;
	io->ended = r->kind && !strcmp(r->kind, "end");
	io->only_document = !r->kind;
	if (io->ended)
		return false;
	if (r->kind || io->documents)
		return true;
	report(io, r->line, r->column,
	       json_is_object(r->json) ? "not a record: no string member 'kind'"
				       : "not a record: not an object");
	return false;
}

struct rec *rec_read(struct rec_io *io)
{
	while (io->current < io->n_inputs) {
		struct rec *r = next_value(io);

		if (!r)
			end_input(io);
		else if (accept(io, r))
			return r;
		else
			rec_free(r);
	}
	return NULL;
}

struct rec **rec_read_all(struct rec_io *io, size_t *n)
{
	struct rec **all = NULL, *r;

	*n = 0;
	while ((r = rec_read(io))) {
		if (!(*n & (*n - 1)))
			all = mem_grow(all, *n ? 2 * *n : 1, sizeof(*all));
		all[(*n)++] = r;
	}
	return all;
}

void rec_documents(struct rec_io *io, bool accepted)
{
	io->documents = accepted;
}

bool rec_whole(const struct rec_io *io)
{
	return !io->not_whole;
}

bool rec_broken(const struct rec_io *io)
{
	return io->broken;
}

bool rec_sealed(void)
{
	const char *seal = env_get("SLUICE_SEAL");

	return seal && !strcmp(seal, "1");
}

void rec_vouch(struct rec_io *io, bool whole)
{
	io->not_whole = false;
	io->broken |= !whole;
}
