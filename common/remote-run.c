/* SPDX-License-Identifier: ISC
 * Scripts on one machine, one after another, over reboots. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "mem.h"
#include "remote-private.h"
#include "status.h"
#include "trace.h"

enum { MOST_TRIES = 5 };

static const struct remote_script *script_of(const struct remote_task *t)
{
	return &t->work->scripts[t->script];
}

static bool is_code(const struct failure *f, const char *code)
{
	return f->code && !strcmp(f->code, code);
}

/* A machine that is there for a step alone has its name behind its own. */
static char *file_name(const char *name, const char *step)
{
	char *file = mem_dup(name), *last = strrchr(file, ' ');

	if (last && !strcmp(last + 1, step))
		*last = '\0';
	for (char *c = file; *c; c++)
		if (*c == '/' || (*c == '.' && c == file))
			*c = '_';
	return file;
}

/* Machines whose names are the same, as file names, have their ids in theirs. */
static char *log_name(const struct remote_task *t)
{
	const struct remote_work *work = t->work;
	char *mine = file_name(t->m->target.name, work->step), *both;
	size_t same = 0;

	for (size_t i = 0; i < work->n; i++) {
		char *other = file_name(work->machines[i].target.name, work->step);

		same += !strcmp(mine, other);
		free(other);
	}
	if (same < 2 || !t->m->id)
		return mine;
	free(mine);
	both = mem_fmt("%s@%s", t->m->target.name, t->m->id);
	mine = file_name(both, work->step);
	free(both);
	return mine;
}

bool remote_log_open(struct remote_task *t)
{
	const char *directory = t->work->r->options->logs;
	char *name, *path;

	if (!directory || !t->work->step)
		return true;
	name = log_name(t);
	path = mem_fmt("%s/%s.%s.log", directory, name, t->work->step);
	if (!mkdir(directory, 0777) || errno == EEXIST)
		t->log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (t->log < 0)
		fail_set(&t->m->failure, ST_IO, "log", "cannot write '%s': %s", path,
			 strerror(errno));
	free(name);
	free(path);
	return t->log >= 0;
}

/* "NAME: TEXT" in one write; of a line that was drawn over by \r what is to be seen last. */
static void line(struct ssh_session *s, const char *text, size_t len)
{
	struct remote_task *t = s->ctx;
	struct buf b = {0};
	const char *drawn;

	if (t->log >= 0) {
		buf_add(&b, text, len);
		buf_char(&b, '\n');
		(void)file_write(t->log, b.data, b.len);
		buf_clear(&b);
	}
	if (!t->work->quiet && !cli_quiet) {
		drawn = memrchr(text, '\r', len);
		if (drawn) {
			len -= (size_t)(drawn + 1 - text);
			text = drawn + 1;
		}
		buf_fmt(&b, "%s: ", t->m->target.name);
		buf_add(&b, text, len);
		buf_char(&b, '\n');
		(void)file_write(STDERR_FILENO, b.data, b.len);
	}
	buf_free(&b);
}

static void told(struct ssh_session *s, const char *text)
{
	struct remote_task *t = s->ctx;
	long long status;

	if (!strncmp(text, " boot ", 6)) {
		t->begun = true;
		if (text[6])
			strncpy(t->m->boot_id, text + 6, sizeof t->m->boot_id - 1);
	} else if (!strcmp(text, " reboot")) {
		t->rebooted = true;
	} else if (!strcmp(text, " stopping")) {
		t->held = true;
	} else if (!strncmp(text, " refused ", 9)) {
		free(t->refused);
		t->refused = mem_dup(text + 9);
	} else if (!strncmp(text, " exit ", 6) && cli_number(text + 6, 0, 255, &status)) {
		ssh_exited(s, (int)status);
	}
}

/* `status` below 0: it did not end by itself. */
static void add_run(struct remote_task *t, int status, int64_t until_ms)
{
	json_t *run;

	if (t->work->final)
		return;
	run = json_pack("{ss so sI}", "script", script_of(t)->name, "status",
			status < 0 ? json_null() : json_integer(status), "seconds",
			(json_int_t)(until_ms - t->began_ms + 500) / 1000);

	if (!run)
		mem_out();
	if (t->reboots)
		json_object_set_new(run, "reboots", json_integer(t->reboots));
	if (t->tail.len && status != 0)
		json_object_set_new(run, "output", remote_text(&t->tail));
	if (!t->m->runs)
		t->m->runs = json_array();
	json_array_append_new(t->m->runs, run);
}

static void keep_tail(struct remote_task *t, struct ssh_session *s)
{
	buf_free(&t->tail);
	t->tail = s->tail;
	s->tail = (struct buf){0};
}

static char *last_line(const struct buf *tail)
{
	size_t end = tail->len, start;

	while (end && strchr("\n\r\t ", tail->data[end - 1]))
		end--;
	start = end;
	while (start && tail->data[start - 1] != '\n')
		start--;
	if (end - start > 300)
		end = start + 300;
	return mem_dup_n(tail->data ? tail->data + start : "", end - start);
}

static void ended(struct remote_task *t, int status, int64_t until_ms)
{
	char *last = last_line(&t->tail);

	add_run(t, status, until_ms);
	if (status)
		fail_set(&t->m->failure, ST_NO, "script-failed", "%s: %s exited with %d%s%s",
			 t->m->target.name, script_of(t)->name, status, *last ? ": " : "", last);
	free(last);
	t->script++;
	t->tries = t->reboots = 0;
	t->began_ms = 0;
	remote_go_on(t);
}

static void failed(struct remote_task *t, struct failure *f, int64_t until_ms)
{
	add_run(t, -1, until_ms);
	fail_move(&t->m->failure, f);
	remote_settle(t);
}

static int64_t until(const struct ssh_session *s)
{
	return s->began_ms + s->took_ms;
}

/* It never began: the connection went before, or the machine is going down. */
static void not_begun(struct remote_task *t, struct ssh_session *s)
{
	if (!s->failure.status && !t->held) {
		char *last = last_line(&t->tail);

		fail_set(&s->failure, ST_REFUSED, "not-started", "cannot start %s on '%s'%s%s",
			 script_of(t)->name, t->m->target.name, t->refused || *last ? ": " : "",
			 t->refused ? t->refused : last);
		free(last);
	}
	if ((!s->failure.status || is_code(&s->failure, "network") ||
	     is_code(&s->failure, "connection-lost")) &&
	    ++t->tries < MOST_TRIES) {
		t->look = false;
		remote_login_begin(t);
		return;
	}
	if (!s->failure.status)
		fail_set(&s->failure, ST_TEMP, "connection-lost", "'%s' is going down",
			 t->m->target.name);
	failed(t, &s->failure, until(s));
}

static void in_the_middle(struct remote_task *t)
{
	remote_note(t->m, t->rebooted ? "%s: the machine goes down" : "%s: connection lost",
		    script_of(t)->name);
	t->look = true;
	remote_login_begin(t);
}

static void stopped(struct remote_task *t, struct ssh_session *s)
{
	if (is_code(&s->failure, "deadline"))
		fail_prefix(&s->failure, "%s", script_of(t)->name);
	failed(t, &s->failure, until(s));
}

static void script_done(struct ssh_session *s)
{
	struct remote_task *t = s->ctx;

	keep_tail(t, s);
	if (!t->began_ms)
		t->began_ms = s->began_ms;
	if (!t->begun)
		not_begun(t, s);
	else if (t->rebooted || is_code(&s->failure, "connection-lost"))
		in_the_middle(t);
	else if (s->failure.status)
		stopped(t, s);
	else
		ended(t, s->status, until(s));
}

static void start_session(struct remote_task *t, struct ssh_session *s)
{
	t->begun = t->rebooted = t->held = t->look = false;
	free(t->refused);
	t->refused = NULL;
	s->line = line;
	s->ctx = t;
	ssh_add(t->work->r->ssh, s, 0);
}

/* Its own offset in the file, since others send it, too. */
static int reopen(int fd)
{
	char *path = mem_fmt("/proc/self/fd/%d", fd);
	int again = open(path, O_RDONLY | O_CLOEXEC);

	free(path);
	return again;
}

static void start_script(struct remote_task *t)
{
	const struct remote_script *script = script_of(t);
	struct remote *r = t->work->r;
	struct ssh_session *s;
	char *command;

	if (!t->tries)
		snprintf(t->id, sizeof t->id, "%.24s-%u", r->mark, r->scripts++);
	command = remote_loader(t, script->directory);
	s = ssh_session_new(&t->m->target, command);
	free(command);
	s->identity =
	    mem_fmt("script %s%s%s %s", script->hash, script->directory ? " directory" : "",
		    remote_sudo(t) ? " sudo" : "", r->names.data ? r->names.data : "");
	s->mark = mem_dup(r->mark);
	s->goodbye = t->work->final ? NULL : mem_fmt("%s end\n", r->mark);
	s->limit_ms = r->options->script_limit_ms;
	remote_header(r, &s->input, script->size);
	if (trace_mode() != TRACE_REPLAY)
		s->input_fd = reopen(script->fd);
	s->told = told;
	s->done = script_done;
	if (!t->tries) {
		t->began_ms = 0;
		remote_note(t->m, "running %s", script->name);
	}
	start_session(t, s);
}

void remote_go_on(struct remote_task *t)
{
	if (t->m->failure.status)
		remote_settle(t);
	else if (t->script == t->work->n_scripts)
		remote_settle(t);
	else
		start_script(t);
}

void remote_lost(struct remote_task *t, struct failure *f, int64_t now)
{
	bool gone = is_code(f, "host-key") || is_code(f, "denied");

	if (t->look && t->work->final && gone) {
		ended(t, 0, now); /* as it should be */
	} else if (t->began_ms) {
		failed(t, f, now);
	} else {
		fail_move(&t->m->failure, f);
		remote_settle(t);
	}
}

static void ended_over_reboot(struct remote_task *t, const char *word, int64_t now)
{
	struct failure f = {0};
	long long status;

	t->reboots++;
	if (!strcmp(word, "reboot")) {
		remote_note(t->m, "%s rebooted the machine: that counts as done",
			    script_of(t)->name);
		ended(t, 0, now);
	} else if (cli_number(word, 0, 255, &status)) {
		ended(t, (int)status, now);
	} else {
		fail_set(&f, ST_NO, "went-down", "'%s' went down in the middle of %s",
			 t->m->target.name, script_of(t)->name);
		failed(t, &f, now);
	}
}

void remote_looked(struct remote_task *t, int64_t now)
{
	char *word = mem_dup(t->login.looked ? t->login.looked : "");
	bool other = strcmp(t->login.boot_id, t->m->boot_id) != 0;
	struct failure f = {0};

	if (!other && (t->rebooted || !strcmp(word, "reboot"))) {
		remote_login_again(t, now);
		free(word);
		return;
	}
	memcpy(t->m->boot_id, t->login.boot_id, sizeof t->m->boot_id);
	remote_login_end(t);
	t->look = false;
	if (other) {
		ended_over_reboot(t, word, now);
	} else {
		fail_set(&f, ST_TEMP, "connection-lost",
			 "the connection to '%s' was lost while %s ran%s", t->m->target.name,
			 script_of(t)->name, *word ? "; it is ended" : "; perhaps it still runs");
		failed(t, &f, now);
	}
	free(word);
}
