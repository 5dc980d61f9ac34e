/* SPDX-License-Identifier: ISC
 * Waiting until a machine lets us in: the port, the banner, the host key, the login, cloud-init. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "clock.h"
#include "mem.h"
#include "remote-private.h"
#include "status.h"

enum { FIRST_PAUSE = 1000, LONGEST_PAUSE = 15000, LOGIN_LIMIT = 600000, DENIED_GRACE = 60000 };

static void try_login(struct remote_task *t, int64_t delay);

static void phased(struct ssh_session *s)
{
	struct remote_task *t = s->ctx;
	struct remote_login *l = &t->login;

	if (s->phase <= l->told)
		return;
	l->told = s->phase;
	if (s->phase == SSH_HOST_KEY)
		remote_note(t->m, "host key verified, logging in");
	else if (s->phase == SSH_LOGIN)
		remote_note(t->m, "logged in");
}

static const char *behind(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(text, word, len) && text[len] == ' ' ? text + len + 1 : NULL;
}

static void tell_cloud_init(struct remote_task *t, const char *state)
{
	struct remote_login *l = &t->login;

	free(t->m->cloud_init);
	t->m->cloud_init = mem_dup(state);
	if (!strcmp(state, "running") ? l->cloud_told : false)
		return;
	l->cloud_told = true;
	if (!strcmp(state, "error") || !strcmp(state, "degraded"))
		cli_warn("%s: cloud-init: %s, see /var/log/cloud-init.log there", t->m->target.name,
			 state);
	else
		remote_note(t->m, "cloud-init: %s", state);
}

static void told(struct ssh_session *s, const char *text)
{
	struct remote_task *t = s->ctx;
	struct remote_login *l = &t->login;
	const char *value;

	if (*text == ' ')
		text++;
	if ((value = behind(text, "boot"))) {
		strncpy(l->boot_id, *value ? value : "unknown", sizeof l->boot_id - 1);
	} else if ((value = behind(text, "status"))) {
		free(l->looked);
		l->looked = mem_dup(value);
	} else if ((value = behind(text, "cloud-init"))) {
		tell_cloud_init(t, value);
	} else if (!strcmp(text, "stopping")) {
		l->stopping = true;
	}
}

void remote_login_end(struct remote_task *t)
{
	struct remote_login *l = &t->login;

	wait_end(&l->wait);
	free(l->looked);
	*l = (struct remote_login){0};
}

/* What it is waited for after this phase. */
static const char *next_of(enum ssh_phase phase)
{
	switch (phase) {
	case SSH_STARTED:
		return "port";
	case SSH_PORT:
		return "banner";
	case SSH_BANNER:
		return "host key";
	case SSH_HOST_KEY:
		return "login";
	default:
		return "cloud-init";
	}
}

static void name_phase(struct remote_task *t, struct failure *f, int64_t now)
{
	const struct remote_login *l = &t->login;
	char *why = f->message ? mem_dup(f->message) : NULL;

	fail_free(f);
	fail_set(f, ST_TEMP, "deadline", "'%s' did not let us in within %lld seconds: no %s: %s",
		 t->m->target.name, (long long)(now - l->wait.began + 500) / 1000, next_of(l->last),
		 why ? why : "no answer");
	free(why);
}

static bool is_code(const struct failure *f, const char *code)
{
	return f->code && !strcmp(f->code, code);
}

static void give_up(struct remote_task *t, struct failure *f, int64_t now)
{
	if (is_code(f, "network") || is_code(f, "deadline"))
		name_phase(t, f, now);
	remote_login_end(t);
	remote_lost(t, f, now);
}

/* Why it is waited for, said once for each phase. */
static void tell_waiting(struct remote_task *t, const struct ssh_session *s)
{
	struct remote_login *l = &t->login;
	const char *state = NULL;

	if (s->phase == SSH_STARTED && !l->waits_told) {
		l->waits_told = true;
		remote_note(t->m, "waiting for port %d",
			    t->m->target.port ? t->m->target.port : 22);
	} else if (s->phase == SSH_PORT) {
		state = "port open, waiting for the banner";
	} else if (s->phase == SSH_BANNER) {
		state = "banner seen, waiting for the host key";
	} else if (s->failure.code && !strcmp(s->failure.code, "denied")) {
		state = "login denied, waiting for the key to be installed";
	}
	if (!state || (l->wait.said && !strcmp(l->wait.said, state)))
		return;
	free(l->wait.said);
	l->wait.said = mem_dup(state);
	remote_note(t->m, "%s", state);
}

/* Whether trying again may help: what is not there yet, but not what is wrong. */
static bool may_change(struct remote_task *t, const struct failure *f, int64_t now)
{
	const struct remote_options *o = t->work->r->options;
	struct remote_login *l = &t->login;

	if (is_code(f, "network") || is_code(f, "connection-lost"))
		return true;
	if (!is_code(f, "denied"))
		return false;
	if (!l->denied_since)
		l->denied_since = now;
	if (t->work->final && t->look)
		return false;
	return now - l->denied_since < (o->denied_ms ? o->denied_ms : DENIED_GRACE);
}

static void try_again(struct remote_task *t, struct failure *f, int64_t now)
{
	struct remote_login *l = &t->login;
	int64_t left = l->wait.deadline - now, pause = l->pause;

	if (left <= 0) {
		give_up(t, f, now);
		return;
	}
	if (!t->work->r->options->interval_ms) {
		pause = (int64_t)((double)pause * (0.75 + clk_jitter() / 2));
		l->pause = l->pause * 3 / 2 > LONGEST_PAUSE ? LONGEST_PAUSE : l->pause * 3 / 2;
	}
	try_login(t, pause < left ? pause : left);
}

/* The session ran, but what it ran did not say what it should. */
static void no_shell(struct ssh_session *s)
{
	const char *text = s->tail.len ? s->tail.data : "";
	int len = (int)strcspn(text, "\n");

	fail_set(&s->failure, ST_NOPERM, "no-shell", "cannot run a command on '%s'%s%.*s",
		 s->target.name, len ? ": " : "", len, text);
}

static bool cloud_init_stops(const struct remote_task *t, struct failure *f)
{
	const char *state = t->m->cloud_init;

	if (!t->work->r->options->strict_cloud_init || !state ||
	    (strcmp(state, "error") != 0 && strcmp(state, "degraded") != 0))
		return false;
	return !fail_set(f, ST_NO, "cloud-init", "cloud-init on '%s' ended with: %s",
			 t->m->target.name, state);
}

static void let_in(struct remote_task *t, int64_t now)
{
	struct remote_machine *m = t->m;
	struct failure f = {0};

	m->logged_in = true;
	if (cloud_init_stops(t, &f)) {
		give_up(t, &f, now);
	} else if (t->look) {
		remote_looked(t, now);
	} else {
		memcpy(m->boot_id, t->login.boot_id, sizeof m->boot_id);
		remote_login_end(t);
		remote_go_on(t);
	}
}

void remote_login_again(struct remote_task *t, int64_t now)
{
	struct failure f = {0};

	if (!t->login.wait.said)
		remote_note(t->m, "it is going down");
	free(t->login.wait.said);
	t->login.wait.said = mem_dup("going down");
	fail_set(&f, ST_TEMP, "deadline", "'%s' is going down and does not come back",
		 t->m->target.name);
	try_again(t, &f, now);
	fail_free(&f);
}

static void done(struct ssh_session *s)
{
	struct remote_task *t = s->ctx;
	int64_t now = clk_now();

	t->login.last = s->phase;
	if (!s->failure.status && !*t->login.boot_id && !t->login.stopping)
		no_shell(s);
	if (!s->failure.status && !t->login.stopping) {
		let_in(t, now);
	} else if (!s->failure.status) {
		remote_login_again(t, now);
	} else if (may_change(t, &s->failure, now)) {
		tell_waiting(t, s);
		try_again(t, &s->failure, now);
	} else {
		give_up(t, &s->failure, now);
	}
}

static void try_login(struct remote_task *t, int64_t delay)
{
	char *command = remote_looker(t);
	struct ssh_session *s = ssh_session_new(&t->m->target, command);
	int64_t left = t->login.wait.deadline - t->login.wait.began;

	free(command);
	free(t->login.looked);
	t->login.looked = NULL;
	t->login.stopping = false;
	*t->login.boot_id = '\0';
	s->identity = mem_dup(t->look ? "look" : "login");
	s->mark = mem_dup(t->work->r->mark);
	s->limit_ms = left > 0 ? left : 1;
	s->phased = phased;
	s->told = told;
	s->done = done;
	s->ctx = t;
	ssh_add(t->work->r->ssh, s, delay);
}

void remote_login_begin(struct remote_task *t)
{
	const struct remote_options *o = t->work->r->options;
	struct remote_login *l = &t->login;

	*l = (struct remote_login){.under_way = true};
	l->pause = o->interval_ms ? o->interval_ms : FIRST_PAUSE;
	wait_begin(&l->wait, o->login_limit_ms ? o->login_limit_ms : LOGIN_LIMIT, 0, 0, "%s",
		   t->m->target.name);
	l->wait.live = false;
	try_login(t, 0);
}
