/* SPDX-License-Identifier: ISC
 * Temporary key pairs, made by the user's ssh-keygen: NAME.pem lets us in, NAME.host is the
 * machine's own. The public keys are in NAME.pem.pub and NAME.host.pub. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bake.h"
#include "env.h"
#include "file.h"
#include "mem.h"
#include "public-key.h"
#include "status.h"
#include "trace.h"

extern char **environ;

static const char *directory(void)
{
	const char *path = env_get("SLUICE_KEYS");

	return path ? path : ".sluice";
}

char *key_path(const struct bake *b, const char *suffix)
{
	return mem_fmt("%s/%s.%s", directory(), bake_deep(b, "temporary", "name"), suffix);
}

char *key_login(const struct bake *b)
{
	const char *own = bake_text(b, "key_file");

	if (own)
		return mem_dup(own);
	if (bake_text(b, "key_pair") || !bake_deep(b, "temporary", "name"))
		return NULL;
	return key_path(b, "pem");
}

bool keys_directory(struct bake *b)
{
	if (!mkdir(directory(), 0700) || errno == EEXIST)
		return true;
	return fail_set(&b->failure, ST_IO, "no-keys", "cannot make '%s' for the keys: %s",
			directory(), strerror(errno));
}

/* Without a question: a key that is there already is never asked for. */
static bool generate(struct bake *b, const char *path)
{
	const char *const words[] = {"ssh-keygen", "-q",
				     "-t",         "ed25519",
				     "-N",         "",
				     "-C",         bake_deep(b, "temporary", "name"),
				     "-f",         (char *)(uintptr_t)path,
				     NULL};
	posix_spawn_file_actions_t actions;
	int status = 0, rc;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, 2, 1);
	rc = posix_spawnp(&pid, words[0], &actions, NULL, (char **)(uintptr_t)words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc)
		return fail_set(&b->failure, ST_CONFIG, "no-ssh-keygen",
				"cannot make a key: ssh-keygen: %s", strerror(rc));
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status)
		return fail_set(&b->failure, ST_IO, "no-key", "cannot make the key '%s'", path);
	return true;
}

/* Until something is in the directory another process may remove it as empty. */
static bool hold_directory(struct bake *b, const char *path)
{
	for (int tries = 0; keys_directory(b); tries++) {
		int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd >= 0)
			return close(fd), true;
		if (errno != ENOENT || tries == 100)
			return fail_set(&b->failure, ST_IO, "no-key",
					"cannot make the key '%s': %s", path, strerror(errno));
	}
	return false;
}

/* Beside its place first: a key that is there is a whole one, with its public half. Two processes
 * of one record have one key: who comes second takes the first one's. */
static bool make(struct bake *b, const char *path)
{
	char *fresh = mem_fmt("%s.%d", path, (int)getpid()), *public = mem_fmt("%s.pub", path),
	     *fresh_public = mem_fmt("%s.pub", fresh);
	bool ok = hold_directory(b, fresh_public), there;
	int lock = ok ? open(directory(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (lock >= 0)
		flock(lock, LOCK_EX);
	there = !access(path, F_OK);
	ok = ok && (there || generate(b, fresh));
	if (ok && !there && (rename(fresh_public, public) || rename(fresh, path)))
		ok = fail_set(&b->failure, ST_IO, "no-key", "cannot make the key '%s': %s", path,
			      strerror(errno));
	if (!ok || there)
		unlink(fresh), unlink(fresh_public);
	if (lock >= 0)
		close(lock);
	free(fresh), free(public), free(fresh_public);
	return ok;
}

static char *read_public(struct bake *b, const char *path)
{
	char *public = mem_fmt("%s.pub", path), *text = NULL;
	struct public_key key = {0};
	struct buf bytes = {0};

	if (file_read(public, &bytes, &b->failure) &&
	    public_key_parse(bytes.data ? bytes.data : "", &key, &b->failure))
		text = mem_dup(key.text);
	public_key_free(&key);
	buf_free(&bytes);
	free(public);
	return text;
}

char *key_make(struct bake *b, const char *suffix)
{
	char *path = key_path(b, suffix), *text = NULL;
	json_t *noted;

	if (trace_mode() != TRACE_REPLAY && (!access(path, F_OK) || make(b, path)))
		text = read_public(b, path);
	noted = trace_note("key", text ? json_string(text) : NULL);
	free(text);
	text = mem_dup(json_string_value(noted));
	json_decref(noted);
	free(path);
	return text;
}

bool key_read(struct bake *b, const char *suffix, struct buf *text)
{
	char *path = key_path(b, suffix);
	bool ok = true;

	if (trace_mode() == TRACE_REPLAY)
		buf_str(text, "a key");
	else
		ok = file_read(path, text, &b->failure);
	if (ok)
		trace_secret_n(text->data, text->len);
	free(path);
	return ok;
}

void keys_remove(const struct bake *b)
{
	static const char *const suffixes[] = {"pem", "pem.pub", "host", "host.pub", "known_hosts"};

	if (trace_mode() == TRACE_REPLAY || !bake_deep(b, "temporary", "name"))
		return;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		char *path = key_path(b, suffixes[i]);

		unlink(path);
		free(path);
	}
	rmdir(directory()); /* when it was the last */
}
