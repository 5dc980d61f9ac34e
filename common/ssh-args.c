/* SPDX-License-Identifier: ISC
 * How ssh is called, and what it is to know of the machine. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "mem.h"
#include "public-key.h"
#include "ssh-private.h"
#include "status.h"
#include "words.h"

struct arguments {
	char **list;
	size_t n;
};

static void add(struct arguments *a, const char *word)
{
	a->list = mem_grow(a->list, a->n + 2, sizeof *a->list);
	a->list[a->n++] = mem_dup(word);
	a->list[a->n] = NULL;
}

static void add_option(struct arguments *a, const char *option)
{
	add(a, "-o");
	add(a, option);
}

/* A file's name as ssh's configuration takes it: quoted, and % means itself. */
static void quote_file(struct buf *b, const char *path)
{
	buf_char(b, '"');
	for (; *path; path++) {
		if (*path == '%')
			buf_char(b, '%');
		if (*path == '"' || *path == '\\')
			buf_char(b, '\\');
		buf_char(b, *path);
	}
	buf_char(b, '"');
}

static void add_file(struct arguments *a, const char *option, const char *path)
{
	struct buf b = {0};

	buf_fmt(&b, "%s=", option);
	quote_file(&b, path);
	add_option(a, b.data);
	buf_free(&b);
}

/* The name under which known_hosts has the machine: no pattern, no list. */
static void alias(struct buf *b, const char *name)
{
	for (; *name; name++)
		buf_char(b, isalnum((unsigned char)*name) || strchr("._-", *name) ? *name : '_');
}

static void add_algorithms(struct arguments *a, const struct ssh_target *t)
{
	static const char *const types[][2] = {{"ssh-ed25519", "ssh-ed25519"},
					       {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
					       {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
					       {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
					       {"ssh-rsa", "rsa-sha2-512,rsa-sha2-256,ssh-rsa"}};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (size_t k = 0; k < t->n_host_keys; k++) {
			size_t len = strlen(types[i][0]);

			if (strncmp(t->host_keys[k], types[i][0], len) != 0 ||
			    t->host_keys[k][len] != ' ')
				continue;
			buf_fmt(&b, "%s%s", b.len ? "," : "HostKeyAlgorithms=", types[i][1]);
			break;
		}
	if (b.len)
		add_option(a, b.data);
	buf_free(&b);
}

/* What nobody may change. ControlPath: a connection that is there was checked by somebody else. */
static void add_security(struct arguments *a, const struct ssh_target *t, const char *known_hosts)
{
	static const char *const always[] = {
	    "StrictHostKeyChecking=yes", "NoHostAuthenticationForLocalhost=no",
	    "VerifyHostKeyDNS=no",       "UpdateHostKeys=no",
	    "ControlMaster=no",          "ControlPath=none",
	    "RemoteCommand=none"};
	struct buf name = {0};

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		add_option(a, always[i]);
	if (known_hosts) {
		/* before 8.5 and 8.7 ssh has none of them, and does not mind */
		static const char *const newer[] = {"IgnoreUnknown=*", "KnownHostsCommand=none",
						    "SessionType=default", "StdinNull=no",
						    "ForkAfterAuthentication=no"};

		for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
			add_option(a, newer[i]);
		buf_str(&name, "HostKeyAlias=");
		alias(&name, t->name);
		add_option(a, name.data);
		add_option(a, "CheckHostIP=no");
		add_option(a, "GlobalKnownHostsFile=/dev/null");
		add_file(a, "UserKnownHostsFile", known_hosts);
		add_algorithms(a, t);
	}
	buf_free(&name);
}

static void add_place(struct arguments *a, const struct ssh_target *t)
{
	if (t->key_file) {
		add_file(a, "IdentityFile", t->key_file);
		add_option(a, "IdentitiesOnly=yes");
	}
	if (t->user) {
		add(a, "-l");
		add(a, t->user);
	}
	if (t->port) {
		char *port = mem_fmt("%d", t->port);

		add(a, "-p");
		add(a, port);
		free(port);
	}
}

static void add_users(struct arguments *a, const struct ssh_options *o)
{
	if (o->config) {
		add(a, "-F");
		add(a, o->config);
	}
	for (size_t i = 0; i < o->n_options; i++)
		add_option(a, o->options[i]);
}

/* What the user may want otherwise. */
static void add_defaults(struct arguments *a)
{
	add_option(a, "ConnectTimeout=10");
	add_option(a, "ServerAliveInterval=15");
	add_option(a, "ServerAliveCountMax=4");
}

char **ssh_arguments(const struct ssh_options *options, const struct ssh_target *target,
		     const char *known_hosts, const char *log)
{
	const char *program = env_get("SLUICE_SSH");
	char **words = words_split(program ? program : "ssh");
	struct arguments a = {0};

	if (!words || !*words) {
		words_free(words);
		return NULL;
	}
	add(&a, words[0]);
	if (log) {
		add(&a, "-T");
		add(&a, "-E");
		add(&a, log);
		add_option(&a, "LogLevel=DEBUG1");
		add_option(&a, "BatchMode=yes");
		add_option(&a, "ClearAllForwardings=yes");
	}
	add_security(&a, target, known_hosts);
	add_place(&a, target);
	for (char **word = words + 1; *word; word++)
		add(&a, *word);
	add_users(&a, options);
	add_defaults(&a);
	add(&a, "--");
	add(&a, target->host);
	words_free(words);
	return a.list;
}

static bool plain(const char *text, const char *allowed)
{
	if (!*text || *text == '-')
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(allowed, *text))
			return false;
	return true;
}

bool ssh_target_check(const struct ssh_target *t, struct failure *f)
{
	if (!t->host || !plain(t->host, "._:%-"))
		return fail_set(f, ST_DATA, "bad-target", "'%s' has no address for ssh: '%s'",
				t->name, t->host ? t->host : "");
	if (t->user && !plain(t->user, "._@+-"))
		return fail_set(f, ST_DATA, "bad-target", "'%s' has no user name for ssh: '%s'",
				t->name, t->user);
	if (t->port < 0 || t->port > 65535)
		return fail_set(f, ST_DATA, "bad-target", "'%s' has no port for ssh: %d", t->name,
				t->port);
	for (size_t i = 0; i < t->n_host_keys; i++) {
		const char *wrong = ssh_host_key_wrong(t->host_keys[i]);

		if (wrong)
			return fail_set(f, ST_DATA, "bad-target", "a host key of '%s' %s", t->name,
					wrong);
	}
	return true;
}

const char *ssh_host_key_wrong(const char *key)
{
	struct public_key k = {0};
	bool ok = public_key_parse(key, &k, NULL);

	public_key_free(&k);
	return ok ? NULL : "is no public key";
}

void ssh_known_hosts_text(struct buf *b, const struct ssh_target *t)
{
	for (size_t i = 0; i < t->n_host_keys; i++) {
		struct public_key k = {0};

		if (public_key_parse(t->host_keys[i], &k, NULL)) {
			alias(b, t->name);
			buf_fmt(b, " %s\n", k.text);
		}
		public_key_free(&k);
	}
}

void ssh_config_text(struct buf *b, const struct ssh_target *t, const char *known_hosts)
{
	buf_str(b, "Host ");
	alias(b, t->name);
	buf_fmt(b, "\n\tHostName %s\n", t->host);
	if (t->port)
		buf_fmt(b, "\tPort %d\n", t->port);
	if (t->user)
		buf_fmt(b, "\tUser %s\n", t->user);
	if (t->key_file) {
		buf_str(b, "\tIdentityFile ");
		quote_file(b, t->key_file);
		buf_str(b, "\n\tIdentitiesOnly yes\n");
	}
	if (known_hosts) {
		buf_str(b, "\tHostKeyAlias ");
		alias(b, t->name);
		buf_str(b, "\n\tUserKnownHostsFile ");
		quote_file(b, known_hosts);
		buf_str(b, "\n\tGlobalKnownHostsFile /dev/null\n");
	}
	buf_str(b, "\tStrictHostKeyChecking yes\n");
}
