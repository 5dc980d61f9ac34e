/* SPDX-License-Identifier: ISC
 * ssh-clean KEYFILE PUBLIC-KEY <RECORD: what is done before an image is made, on one machine. */
#include <stdlib.h>

#include "cli.h"
#include "mem.h"
#include "rec.h"
#include "remote.h"
#include "stop.h"

int main(int argc, char **argv)
{
	static const struct cli cli = {
	    .usage = "ssh-clean KEYFILE PUBLIC-KEY", .help = "", .changes = true};
	const struct remote_options options = {.login_limit_ms = 20000, .denied_ms = 1};
	struct remote_machine m = {0};
	struct remote *remote;
	struct rec_io *io;
	const json_t *ssh;
	const char *key;
	struct rec *r;
	int status;

	cli_start(argc, argv, &cli);
	stop_catch();
	io = rec_start("ssh-clean");
	rec_open(io, NULL);
	r = rec_read(io);
	ssh = json_object_get(r->json, "ssh");
	key = json_string_value(json_array_get(json_object_get(ssh, "host_keys"), 0));
	m.target = (struct ssh_target){
	    .name = rec_string(r, "name"),
	    .host = json_string_value(json_object_get(ssh, "host")),
	    .port = (int)json_integer_value(json_object_get(ssh, "port")),
	    .user = json_string_value(json_object_get(ssh, "user")),
	    .key_file = argv[1],
	    .host_keys = &key,
	    .n_host_keys = 1,
	};
	remote = remote_new(&options);
	remote_clean(remote, &m, 1, argc > 2 ? argv[2] : NULL);
	remote_free(remote);
	status = m.failure.status;
	if (status)
		cli_warn("%s: %s", m.failure.code, m.failure.message);
	fail_free(&m.failure);
	json_decref(m.runs);
	free(m.cloud_init);
	rec_free(r);
	rec_finish(io);
	return status;
}
