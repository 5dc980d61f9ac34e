/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "env.h"
#include "mem.h"
#include "remote-private.h"
#include "shellquote.h"
#include "status.h"
#include "trace.h"

enum { JOBS = 8 };

struct remote *remote_new(const struct remote_options *options)
{
	struct remote *r = mem_alloc(sizeof *r);

	r->options = options;
	r->ssh = ssh_new(&options->ssh);
	return r;
}

/* Not before there is work: a replay finds its recording by the input, which is read by then. */
static void choose_mark(struct remote *r)
{
	unsigned char random[8];
	struct buf hex = {0};

	if (*r->mark)
		return;
	clk_random(random, sizeof random);
	buf_hex(&hex, random, sizeof random);
	snprintf(r->mark, sizeof r->mark, "sluice-%s", hex.data);
	buf_free(&hex);
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	ssh_free(r->ssh);
	buf_free(&r->exports);
	buf_free(&r->names);
	free(r);
}

/* A key of many lines is shown line by line, so each is a secret. */
static void know_secret(const char *value)
{
	trace_secret(value);
	while (*value) {
		size_t len = strcspn(value, "\n");

		if (len >= 8)
			trace_secret_n(value, len);
		value += len + (value[len] == '\n');
	}
}

void remote_environment(struct remote *r, const char *name, const char *value)
{
	struct buf line = {0};

	know_secret(value);
	buf_fmt(&line, "export %s=", name);
	shell_quote(&line, value);
	buf_char(&line, '\n');
	for (size_t i = 0; i < line.len; i++)
		r->export_lines += line.data[i] == '\n';
	buf_add(&r->exports, line.data, line.len);
	buf_fmt(&r->names, " %s", name);
	buf_free(&line);
}

static bool is_name(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && *name != '_')
			return false;
	return true;
}

bool remote_environment_from(struct remote *r, const char *name, struct failure *f)
{
	const char *value;

	if (!is_name(name))
		return fail_set(f, ST_USAGE, "bad-name",
				"-e takes the name of a variable, whose value is taken from the "
				"environment");
	value = env_secret(name);
	if (!value)
		return fail_set(f, ST_CONFIG, "not-set", "the variable %s is not set", name);
	remote_environment(r, name, value);
	return true;
}

void remote_note(const struct remote_machine *m, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		mem_out();
	va_end(args);
	cli_note("%s: %s", m->target.name, text);
	free(text);
}

bool remote_sudo(const struct remote_task *t)
{
	const char *user = t->m->target.user;

	if (t->work->sudo_for_users)
		return !user || strcmp(user, "root") != 0;
	return t->work->r->options->sudo || t->m->sudo;
}

json_t *remote_text(const struct buf *text)
{
	struct buf plain = {0};
	json_t *json;

	buf_add(&plain, text->data ? text->data : "", text->len);
	for (size_t i = 0; i < plain.len; i++)
		if (!plain.data[i])
			plain.data[i] = '?';
	json = json_stringn(plain.data, plain.len);
	for (size_t i = 0; !json && i < plain.len; i++)
		if ((unsigned char)plain.data[i] >= 128)
			plain.data[i] = '?';
	if (!json)
		json = json_stringn(plain.data, plain.len);
	buf_free(&plain);
	return json;
}

static void begin_next(struct remote_work *work)
{
	while (work->next < work->n) {
		struct remote_machine *m = &work->machines[work->next++];
		struct remote_task *t;

		if (m->failure.status)
			continue;
		t = mem_alloc(sizeof *t);
		*t = (struct remote_task){.work = work, .m = m, .log = -1};
		m->task = t;
		if (!remote_log_open(t))
			remote_settle(t);
		else if (m->logged_in)
			remote_go_on(t);
		else
			remote_login_begin(t);
		return;
	}
}

void remote_settle(struct remote_task *t)
{
	struct remote_work *work = t->work;
	struct remote_machine *m = t->m;

	m->task = NULL;
	if (t->log >= 0)
		close(t->log);
	buf_free(&t->tail);
	free(t->refused);
	free(t);
	if (m->settled)
		m->settled(m);
	begin_next(work);
}

void remote_do(struct remote_work *work)
{
	int jobs = work->r->options->jobs ? work->r->options->jobs : JOBS;

	choose_mark(work->r);
	ssh_parallel(work->r->ssh, jobs);
	for (int i = 0; i < jobs; i++)
		begin_next(work);
	ssh_run(work->r->ssh);
}

void remote_login(struct remote *r, struct remote_machine *machines, size_t n)
{
	struct remote_work work = {.r = r, .machines = machines, .n = n};

	remote_do(&work);
}

void remote_scripts(struct remote *r, struct remote_machine *machines, size_t n,
		    const struct remote_script *scripts, size_t n_scripts)
{
	struct remote_work work = {.r = r,
				   .machines = machines,
				   .n = n,
				   .scripts = scripts,
				   .n_scripts = n_scripts,
				   .step = r->options->step ? r->options->step : "run"};

	remote_do(&work);
}
