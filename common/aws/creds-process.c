/* SPDX-License-Identifier: ISC
 * credential_process: a program that prints keys. No shell runs it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../clock.h"
#include "../mem.h"
#include "../status.h"
#include "../stop.h"
#include "../trace.h"
#include "../words.h"
#include "creds.h"

extern char **environ;

#define LONGEST_OUTPUT ((size_t)1 << 20)
enum { PATIENCE_MS = 500 };

static int start(char **words, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t defaults;
	int rc;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return rc;
}

/* Reads both until they end; false when a signal or the deadline came first. */
static bool collect(int out, int err, struct buf *text, struct buf *complaint)
{
	struct pollfd fds[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
	struct buf *into[] = {text, complaint};
	char chunk[4096];

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int64_t left = clk_left();

		if (stop_asked() || left <= 0)
			return false;
		if (poll(fds, 2, left < 1000 ? (int)left : 1000) < 0 && errno != EINTR)
			return false;
		for (int i = 0; i < 2; i++) {
			ssize_t n;

			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			n = read(fds[i].fd, chunk, sizeof(chunk));
			if (n > 0 && into[i]->len < LONGEST_OUTPUT)
				buf_add(into[i], chunk, (size_t)n);
			else if (n == 0 || (n < 0 && errno != EINTR))
				fds[i].fd = -1;
			fds[i].revents = 0;
		}
	}
	return true;
}

/* The last line that is not empty, for a message. */
static const char *last_line(struct buf *text)
{
	char *line;

	trace_mask(text);
	while (text->len && strchr(" \t\r\n", text->data[text->len - 1]))
		text->data[--text->len] = '\0';
	line = text->len ? strrchr(text->data, '\n') : NULL;
	return line ? line + 1 : text->len ? text->data : "it said nothing on stderr";
}

static bool ends_by(pid_t pid, int64_t until, int *status)
{
	while (!waitpid(pid, status, WNOHANG)) {
		if (clk_monotonic() >= until)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

/* False when a signal or the deadline came first. */
static bool ends_by_itself(pid_t pid, int *status)
{
	while (!ends_by(pid, clk_monotonic() + 100, status))
		if (stop_asked() || clk_left() <= 0)
			return false;
	return true;
}

static void make_it_end(pid_t pid, int *status)
{
	kill(pid, SIGTERM);
	if (ends_by(pid, clk_monotonic() + PATIENCE_MS, status))
		return;
	kill(pid, SIGKILL);
	ends_by(pid, INT64_MAX, status);
}

/* Runs it to its end: the exit status, 128 + n, or -1 with f. */
static int run(char **words, struct buf *text, struct buf *complaint, struct failure *f)
{
	int out[2], err[2], status = 0, rc;
	bool whole;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		fail_set(f, ST_BUG, "pipe", "%s", strerror(errno));
		return -1;
	}
	rc = start(words, out[1], err[1], &pid);
	close(out[1]), close(err[1]);
	whole = rc == 0 && collect(out[0], err[0], text, complaint);
	close(out[0]), close(err[0]);
	if (rc) {
		fail_set(f, ST_CONFIG, "no-program", "%s", strerror(rc));
		return -1;
	}
	whole = whole && ends_by_itself(pid, &status);
	if (!whole)
		make_it_end(pid, &status);
	if (!whole) {
		if (stop_asked())
			stop_failure(f);
		else
			fail_set(f, ST_TEMP, "deadline", "SLUICE_DEADLINE is over");
		return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool understand(struct buf *text, const char *source, struct aws_keys *k, struct failure *f)
{
	json_error_t error;
	json_auto_t *json = json_loadb(text->data ? text->data : "", text->len, 0, &error);
	const json_t *version = json_object_get(json, "Version");

	if (!json_is_object(json))
		return fail_set(f, ST_BUG, "bad-credentials",
				"could not parse response: invalid JSON in response");
	if (!json_is_integer(version) || json_integer_value(version) != 1)
		return fail_set(f, ST_BUG, "bad-credentials",
				"its answer is of another Version than 1");
	return creds_from_json(json, source, k, f);
}

static bool ask(char **words, const char *source, struct aws_keys *k, struct failure *f)
{
	struct buf text = {0}, complaint = {0};
	int status = run(words, &text, &complaint, f);
	bool ok = status == 0 && understand(&text, source, k, f);

	if (status > 0)
		fail_set(f, ST_NOPERM, "credential-process", "it ended with status %d: %s", status,
			 last_line(&complaint));
	if (text.len)
		explicit_bzero(text.data, text.len);
	buf_free(&text);
	buf_free(&complaint);
	return ok;
}

enum keys_found creds_process(struct creds *c, const char *profile, struct aws_keys *k,
			      struct failure *f)
{
	const char *command = profiles_get_of(c->p, profile, "credential_process");
	const char *account = profiles_get_of(c->p, profile, "aws_account_id");
	char **words, *source;
	bool ok;

	if (!command)
		return KEYS_NONE;
	words = words_split(command);
	if (!words || !words[0]) {
		words_free(words);
		fail_set(
		    f, ST_CONFIG, "bad-profile",
		    "the credential_process of profile '%s' is no command: a quote is not closed",
		    profile);
		return KEYS_FAILED;
	}
	source = mem_fmt("credential_process of profile '%s'", profile);
	ok = ask(words, source, k, f);
	if (!ok)
		fail_prefix(
		    f, "error retrieving credentials from external process '%s' of profile '%s'",
		    words[0], profile);
	else if (!k->account)
		k->account = mem_dup(account);
	free(source);
	words_free(words);
	return ok ? KEYS_FOUND : KEYS_FAILED;
}
