/* SPDX-License-Identifier: ISC
 * What cloud-init gets: the machine's own host key, made here so that we know it, and a timer that
 * shuts the machine down when it was forgotten. JSON is YAML. */
#include <stdlib.h>
#include <string.h>

#include "bake.h"
#include "clock.h"
#include "mem.h"

#define BOUNDARY "=-=sluice=-="

/* Survives reboots, since bootcmd runs at each boot, and needs no init system. */
static json_t *timer(int64_t until_ms)
{
	char *script =
	    mem_fmt("nohup sh -c 'while [ \"$(date +%%s)\" -lt %lld ]; do sleep 60; done; "
		    "shutdown -P now || poweroff' >/dev/null 2>&1 </dev/null &",
		    (long long)(until_ms / 1000));
	json_t *command = json_pack("[s, s, s]", "sh", "-c", script);

	free(script);
	return command;
}

static char *own_part(struct bake *b, const char *host_public)
{
	const char *expires = bake_deep(b, "temporary", "expires");
	struct buf key = {0};
	json_t *config = json_object();
	char *json, *text = NULL;

	if (host_public && !key_read(b, "host", &key))
		goto out;
	if (host_public)
		json_object_set_new(config, "ssh_keys",
				    json_pack("{s:s, s:s}", "ed25519_private", key.data,
					      "ed25519_public", host_public));
	if (expires)
		json_object_set_new(config, "bootcmd",
				    json_pack("[o]", timer(clk_parse_iso(expires))));
	json = json_dumps(config, JSON_COMPACT);
	if (!json)
		mem_out();
	text = mem_fmt("#cloud-config\n%s\n", json);
	free(json);
out:
	buf_free(&key);
	json_decref(config);
	return text;
}

static const char *type_of(const char *data)
{
	static const struct {
		const char *begin, *type;
	} types[] = {{"#!", "text/x-shellscript"},
		     {"#cloud-config", "text/cloud-config"},
		     {"#cloud-boothook", "text/cloud-boothook"},
		     {"#include", "text/x-include-url"},
		     {"## template: jinja", "text/jinja2"}};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strncmp(data, types[i].begin, strlen(types[i].begin)))
			return types[i].type;
	return "text/plain";
}

/* Both parts, ours last and merged into theirs: cloud-init's mime-multi format. */
static char *both_parts(const char *theirs, const char *ours)
{
	return mem_fmt("MIME-Version: 1.0\n"
		       "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\n\n"
		       "--" BOUNDARY "\n"
		       "Content-Type: %s; charset=\"utf-8\"\n\n%s\n"
		       "--" BOUNDARY "\n"
		       "Content-Type: text/cloud-config; charset=\"utf-8\"\n"
		       "Merge-Type: list(append)+dict(recurse_list)+str()\n\n%s\n"
		       "--" BOUNDARY "--\n",
		       type_of(theirs), theirs, ours);
}

char *user_data(struct bake *b, const char *host_public)
{
	const char *theirs = bake_text(b, "user_data");
	char *ours = own_part(b, host_public), *both;

	if (!theirs || !ours)
		return ours;
	both = both_parts(theirs, ours);
	free(ours);
	return both;
}
