/* SPDX-License-Identifier: ISC
 * User data as cloud-init takes it: a script, or a #cloud-config whose rest is JSON (all JSON is
 * YAML). */
#include <stdlib.h>
#include <string.h>

#include "machine-host.h"
#include "mem.h"
#include "shellquote.h"
#include "world.h"

/* A list of commands as a shell script: texts as they are, lists quoted. */
static void put_commands(json_t *files, const char *name, const json_t *commands)
{
	struct buf out = {0};
	size_t i, j;
	json_t *command, *word;

	if (!json_array_size(commands))
		return;
	buf_str(&out, "#!/bin/sh\n");
	json_array_foreach(commands, i, command) {
		buf_str(&out, text_of(command));
		json_array_foreach(command, j, word) {
			if (j)
				buf_char(&out, ' ');
			shell_quote(&out, text_of(word));
		}
		buf_char(&out, '\n');
	}
	put_str(files, name, out.data);
	buf_free(&out);
}

static void put_written(json_t *files, const json_t *wanted)
{
	struct buf out = {0};
	size_t i;
	json_t *one;

	json_array_foreach(wanted, i, one) {
		bool coded = !strcmp(str(one, "encoding"), "b64");

		buf_str(&out, "set -- ");
		shell_quote(&out, str(one, "path"));
		buf_str(&out, "\nmkdir -p \"$(dirname \"$1\")\"\nprintf %s ");
		shell_quote(&out, str(one, "content"));
		buf_fmt(&out, "%s %s\"$1\"\n", coded ? " | base64 -d" : "",
			yes(one, "append") ? ">>" : ">");
		buf_str(&out, "chmod ");
		shell_quote(&out, has(one, "permissions") ? str(one, "permissions") : "0644");
		buf_str(&out, " \"$1\"\n");
	}
	if (out.len)
		put_str(files, "write_files", out.data);
	buf_free(&out);
}

static void add_lines(struct buf *out, const json_t *lines)
{
	size_t i;
	json_t *line;

	json_array_foreach(lines, i, line) {
		const char *text = text_of(line);

		buf_add(out, text, strcspn(text, "\r\n"));
		buf_char(out, '\n');
	}
}

static json_t *config_of(const char *user_data)
{
	static const char mark[] = "#cloud-config";

	if (strncmp(user_data, mark, sizeof mark - 1) != 0)
		return NULL;
	return json_loads(user_data + strcspn(user_data, "\n"), JSON_DISABLE_EOF_CHECK, NULL);
}

static void put_config(json_t *files, const json_t *config, struct buf *settings)
{
	const json_t *keys = json_object_get(config, "ssh_keys");

	if (has(keys, "ed25519_private")) {
		put_str(files, "host_key", str(keys, "ed25519_private"));
		put_str(files, "host_key.pub", str(keys, "ed25519_public"));
	}
	put_commands(files, "bootcmd", json_object_get(config, "bootcmd"));
	put_commands(files, "runcmd", json_object_get(config, "runcmd"));
	put_written(files, json_object_get(config, "write_files"));
	if (json_is_false(json_object_get(config, "ssh_deletekeys")))
		buf_str(settings, "keep_keys=yes\n");
}

/* Knobs as shell variables. */
static void put_knobs(struct buf *settings, const json_t *knobs)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)knobs, name, value) {
		char *text = json_is_string(value) ? mem_dup(text_of(value))
						   : json_dumps(value, JSON_ENCODE_ANY);

		if (strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name) && text) {
			buf_fmt(settings, "%s=", name);
			shell_quote(settings, json_is_true(value)    ? "yes"
					      : json_is_false(value) ? ""
								     : text);
			buf_char(settings, '\n');
		}
		free(text);
	}
}

json_t *machine_files(const struct machine_wish *wish, const json_t *knobs, int port)
{
	bool ignored = !strcmp(str(knobs, "user_data"), "ignored");
	const char *data = ignored ? "" : text_of(wish->user_data);
	json_t *files = json_pack("{s:s, s:s, s:s}", "user-data", data, "instance-id", wish->id,
				  "hostname", *wish->name ? wish->name : wish->id);
	json_t *config = config_of(data);
	struct buf keys = {0}, settings = {0};

	buf_fmt(&settings, "address=%s\nport=%d\n", wish->address, port);
	add_lines(&keys, wish->keys);
	if (config) {
		add_lines(&keys, json_object_get(config, "ssh_authorized_keys"));
		put_config(files, config, &settings);
		json_decref(config);
	} else if (!strncmp(data, "#!", 2)) {
		put_str(files, "part-001", data);
	}
	put_knobs(&settings, knobs);
	put_str(files, "no-sudo", !strcmp(str(knobs, "sudo"), "password") ? "yes" : "");
	put_str(files, "settings", settings.data);
	put_str(files, "authorized_keys", keys.len ? keys.data : "");
	buf_free(&settings);
	buf_free(&keys);
	return files;
}
