/* SPDX-License-Identifier: ISC
 * ssh-try COMMAND <RECORDS: runs a command on each machine of a stream, `-i KEY`, tells all. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "mem.h"
#include "rec.h"
#include "ssh.h"
#include "stop.h"

static void phased(struct ssh_session *s)
{
	fprintf(stderr, "%s: phase %d\n", s->target.name, (int)s->phase);
}

static void told(struct ssh_session *s, const char *text)
{
	printf("%s told %s\n", s->target.name, text);
}

static void line(struct ssh_session *s, const char *text, size_t len)
{
	printf("%s %zu %.60s\n", s->target.name, len, text);
}

static void done(struct ssh_session *s)
{
	printf("%s phase %d status %d failure %d %s: %s\n", s->target.name, (int)s->phase,
	       s->status, s->failure.status, s->failure.code ? s->failure.code : "",
	       s->failure.message ? s->failure.message : "");
}

static struct ssh_session *session(const struct rec *r, const char *key, const char *command)
{
	const json_t *ssh = json_object_get(r->json, "ssh");
	json_t *keys = json_object_get(ssh, "host_keys");
	struct ssh_target target = {
	    .name = rec_string(r, "name"),
	    .host = json_string_value(json_object_get(ssh, "host")),
	    .port = (int)json_integer_value(json_object_get(ssh, "port")),
	    .user = json_string_value(json_object_get(ssh, "user")),
	    .key_file = key,
	};
	struct ssh_session *s;

	target.n_host_keys = json_array_size(keys);
	target.host_keys = mem_grow(NULL, target.n_host_keys + 1, sizeof *target.host_keys);
	for (size_t i = 0; i < target.n_host_keys; i++)
		target.host_keys[i] = json_string_value(json_array_get(keys, i));
	s = ssh_session_new(&target, command);
	s->phased = phased;
	s->told = told;
	s->line = line;
	s->done = done;
	s->mark = mem_dup("MARK ");
	buf_str(&s->input, "input\n");
	s->limit_ms = 20000;
	return s;
}

int main(int argc, char **argv)
{
	static const struct cli cli = {.usage = "ssh-try KEY COMMAND", .help = "", .changes = true};
	const struct ssh_options options = {0};
	struct ssh *h = ssh_new(&options);
	struct rec_io *io;
	struct rec *r;

	cli_start(argc, argv, &cli);
	stop_catch();
	io = rec_start("ssh-try");
	rec_open(io, NULL);
	while ((r = rec_read(io)))
		ssh_add(h, session(r, argv[1], argv[2]), 0);
	ssh_run(h);
	ssh_free(h);
	fflush(stdout);
	return rec_finish(io);
}
