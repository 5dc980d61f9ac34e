/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "file.h"
#include "mem.h"
#include "status.h"
#include "trace.h"
#include "trace-input.h"

static struct {
	enum trace_mode mode;
	const char *directory;
	char *base; /* FILTER-VERB-ARGUMENTS; the input's hash is added when it is known */
	struct input_hash input;
	unsigned input_id;
	bool settled;
	pid_t process;
	int fd;           /* recording: the file */
	char *part;       /* its name until it is settled */
	json_t **entries; /* replay: what was recorded, NULL when used up */
	size_t n_entries;
	char *name; /* replay: the file, for messages */
	bool lost;  /* recording: it could not be written */
} trace = {.fd = -1};

enum trace_mode trace_mode(void)
{
	return trace.mode;
}

void trace_input(const char *text, size_t len)
{
	input_hash_add(&trace.input, text, len);
}

bool trace_lost(void)
{
	return trace.lost;
}

/* What is under way out there goes on: it must not end half-way for want of a recording. */
static void lose(int why)
{
	cli_warn("cannot write the trace in '%s': %s", trace.directory, strerror(why));
	trace.lost = true;
	close(trace.fd);
	trace.fd = -1;
	unlink(trace.part);
}

static void write_line(json_t *json)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	struct buf line = {0};

	if (!text)
		mem_out();
	buf_str(&line, text);
	buf_char(&line, '\n');
	free(text);
	json_decref(json);
	if (trace.fd >= 0 && !file_write(trace.fd, line.data, line.len))
		lose(errno);
	buf_free(&line);
}

/* A process that ends by cli_die() has a trace, too. */
static void end_at_exit(int status, void *unused)
{
	(void)unused;
	if (getpid() == trace.process)
		trace_end(status);
}

static void begin_recording(const char *filter, int argc, char **argv)
{
	json_t *arguments = json_array();
	char now[32];

	if (mkdir(trace.directory, 0700) && errno != EEXIST)
		cli_die(ST_IO, "cannot make the trace directory '%s': %s", trace.directory,
			strerror(errno));
	trace.part = mem_fmt("%s/.%s.%ld", trace.directory, trace.base, (long)getpid());
	trace.fd = open(trace.part, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (trace.fd < 0)
		cli_die(ST_IO, "cannot write '%s': %s", trace.part, strerror(errno));
	for (int i = 1; i < argc; i++)
		json_array_append_new(arguments, json_string(argv[i]));
	write_line(json_pack("{ss ss so ss ss}", "kind", "run", "filter", filter, "argv",
			     trace_masked(arguments), "version", SLUICE_VERSION, "started",
			     clk_iso(time(NULL) * INT64_C(1000), now)));
	json_decref(arguments);
	trace.process = getpid();
	on_exit(end_at_exit, NULL);
}

void trace_start(const char *filter, int argc, char **argv)
{
	const char *record = getenv("SLUICE_TRACE"), *replay = getenv("SLUICE_REPLAY");
	uint64_t hash = FNV_START;

	if (replay && *replay)
		trace.mode = TRACE_REPLAY;
	else if (record && *record)
		trace.mode = TRACE_RECORD;
	else
		return;
	trace.directory = trace.mode == TRACE_REPLAY ? replay : record;
	trace.input.hash = hash;
	for (int i = 1; i < argc; i++)
		hash = fnv(hash, argv[i], strlen(argv[i]) + 1);
	trace.base = mem_fmt("%s-%08x", filter, (unsigned)(hash ^ hash >> 32));
	for (char *c = trace.base; *c; c++)
		if (*c == ' ' || *c == '/')
			*c = '-';
	if (trace.mode == TRACE_RECORD)
		begin_recording(filter, argc, argv);
	else if (access(trace.directory, R_OK | X_OK))
		cli_die(ST_NOINPUT, "cannot read the recording '%s': %s", trace.directory,
			strerror(errno));
}

static char *settled_name(unsigned number)
{
	if (number < 2)
		return mem_fmt("%s/%s-%08x", trace.directory, trace.base, trace.input_id);
	return mem_fmt("%s/%s-%08x.%u", trace.directory, trace.base, trace.input_id, number);
}

/* The name without a number is the first run's, .2 the second's …: taken by link(), which never
 * replaces. */
static void settle_recording(void)
{
	for (unsigned number = 1; number < 100000; number++) {
		char *name = settled_name(number);
		bool taken = link(trace.part, name) != 0;
		int why = errno;

		free(name);
		if (!taken) {
			unlink(trace.part);
			return;
		}
		if (why != EEXIST) {
			lose(why);
			return;
		}
	}
}

/* Which of the runs with the same arguments and input this one is: they take turns, and begin again
 * after the last. A directory that cannot be written always gives the first. */
static unsigned take_turn(unsigned runs)
{
	char *name = mem_fmt("%s/.turn-%s-%08x", trace.directory, trace.base, trace.input_id);
	int fd = runs > 1 ? open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
	char digits[16] = "";
	unsigned turn = 0;

	free(name);
	if (fd < 0)
		return 1;
	flock(fd, LOCK_EX);
	if (read(fd, digits, sizeof(digits) - 1) > 0)
		turn = (unsigned)strtoul(digits, NULL, 10) % runs;
	snprintf(digits, sizeof(digits), "%-10u", turn + 1);
	if (pwrite(fd, digits, strlen(digits), 0) < 0)
		turn = 0;
	close(fd);
	return turn + 1;
}

static unsigned count_runs(void)
{
	unsigned runs = 0;

	while (true) {
		char *name = settled_name(runs + 1);
		bool there = !access(name, R_OK);

		free(name);
		if (!there)
			return runs;
		runs++;
	}
}

/* The recorded process may have ended before it read all of its input: when only one input was
 * recorded with these arguments, it is that. */
static unsigned only_input_id(void)
{
	size_t len = strlen(trace.base);
	DIR *directory = opendir(trace.directory);
	struct dirent *entry;
	unsigned found = trace.input_id, n = 0;

	while (directory && (entry = readdir(directory))) {
		char *end;
		unsigned id;

		if (strncmp(entry->d_name, trace.base, len) || entry->d_name[len] != '-')
			continue;
		id = (unsigned)strtoul(entry->d_name + len + 1, &end, 16);
		if (end != entry->d_name + len + 9 || (n && id == found))
			continue;
		found = id;
		n++;
	}
	if (directory)
		closedir(directory);
	return n == 1 ? found : trace.input_id;
}

static void settle_replay(void)
{
	unsigned runs = count_runs();
	json_error_t e;
	json_t *json;
	FILE *file;

	if (!runs) {
		trace.input_id = only_input_id();
		runs = count_runs();
	}
	if (!runs)
		cli_die(ST_NOINPUT, "the recording '%s' has no run of this command with this input",
			trace.directory);
	trace.name = settled_name(take_turn(runs));
	file = fopen(trace.name, "re");
	if (!file)
		cli_die(ST_NOINPUT, "cannot read the recording '%s': %s", trace.name,
			strerror(errno));
	while ((json = json_loadf(file, JSON_DISABLE_EOF_CHECK, &e))) {
		if (!(trace.n_entries & (trace.n_entries - 1)))
			trace.entries =
			    mem_grow(trace.entries, trace.n_entries ? 2 * trace.n_entries : 1,
				     sizeof(*trace.entries));
		trace.entries[trace.n_entries++] = json;
	}
	if (!feof(file))
		cli_die(ST_NOINPUT, "cannot read the recording '%s': line %d: %s", trace.name,
			e.line, e.text);
	fclose(file);
}

static void settle(void)
{
	if (trace.settled)
		return;
	trace.settled = true;
	trace.input_id = (unsigned)(trace.input.hash ^ trace.input.hash >> 32);
	if (trace.mode == TRACE_RECORD)
		settle_recording();
	else
		settle_replay();
}

void trace_end(int status)
{
	if (trace.mode == TRACE_OFF)
		return;
	if (trace.mode == TRACE_RECORD && !trace.lost) {
		settle();
		write_line(json_pack("{ss si}", "kind", "run", "status", status));
	}
	if (trace.fd >= 0)
		close(trace.fd);
	trace.mode = TRACE_OFF;
	for (size_t i = 0; i < trace.n_entries; i++)
		json_decref(trace.entries[i]);
	free(trace.entries);
	free(trace.base);
	free(trace.part);
	free(trace.name);
}

static json_t *recorded_note(const char *name)
{
	static json_t *last_clock;

	settle();
	for (size_t i = 0; i < trace.n_entries; i++) {
		const char *noted = json_string_value(json_object_get(trace.entries[i], "note"));
		json_t *value;

		if (!noted || strcmp(noted, name))
			continue;
		value = json_incref(json_object_get(trace.entries[i], "value"));
		json_decref(trace.entries[i]);
		trace.entries[i] = NULL;
		if (!strcmp(name, "clock")) {
			json_decref(last_clock);
			last_clock = json_incref(value);
		}
		return value;
	}
	if (!strcmp(name, "clock") && last_clock)
		return json_incref(last_clock);
	cli_die(ST_NOINPUT, "the recording '%s' does not hold '%s'", trace.name, name);
}

json_t *trace_note(const char *name, json_t *value)
{
	if (!value)
		value = json_null();
	if (trace.mode == TRACE_RECORD) {
		write_line(json_pack("{ss ss so}", "kind", "run", "note", name, "value",
				     trace_masked(value)));
	} else if (trace.mode == TRACE_REPLAY) {
		json_decref(value);
		value = recorded_note(name);
	}
	return value;
}

void trace_exchange(const json_t *response)
{
	if (trace.mode == TRACE_RECORD)
		write_line(trace_masked(response));
}

static bool same(const json_t *recorded, const json_t *asked, const char *const *members)
{
	for (; *members; members++) {
		const json_t *a = json_object_get(recorded, *members);
		const json_t *b = json_object_get(asked, *members);

		if (a != b && !(a && b && json_equal(a, b)))
			return false;
	}
	return true;
}

/* `inside`: the member that tells what was asked; NULL: the entry itself does. */
static json_t *next(json_t *const *asked, size_t n, size_t *which, const char *inside,
		    const char *const *members)
{
	settle();
	for (size_t i = 0; i < trace.n_entries; i++) {
		json_t *entry = trace.entries[i];
		const json_t *recorded = inside ? json_object_get(entry, inside) : entry;

		for (size_t k = 0; recorded && k < n; k++)
			if (same(recorded, asked[k], members)) {
				trace.entries[i] = NULL;
				*which = k;
				return entry;
			}
	}
	return NULL;
}

json_t *trace_next(json_t *const *requests, size_t n, size_t *which)
{
	static const char *const members[] = {"method", "url", "postData", NULL};

	return next(requests, n, which, "request", members);
}

json_t *trace_next_session(json_t *const *sessions, size_t n, size_t *which)
{
	static const char *const members[] = {"kind", "name", "command", NULL};

	return next(sessions, n, which, NULL, members);
}
