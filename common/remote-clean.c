/* SPDX-License-Identifier: ISC
 * Before an image is made: nothing of us stays on the machine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mem.h"
#include "public-key.h"
#include "remote-private.h"
#include "shellquote.h"
#include "status.h"

/* Host keys go last: sshd reads them again for each connection, so that none follows this one. */
static const char cleaner[] =
    "trap '' HUP PIPE TERM\n"
    "failed=0\n"
    "rm -rf /var/lib/cloud/instances/* /var/lib/cloud/instance /var/lib/cloud/sem \\\n"
    "\t/var/lib/cloud/data || failed=1\n"
    "homes=$({ getent passwd 2>/dev/null; cat /etc/passwd; } | cut -d: -f6 | sort -u)\n"
    "IFS='\n'\n"
    "for home in $homes /root; do\n"
    "\trm -rf \"$home/.sluice\" || failed=1\n"
    "\t[ \"$key\" ] || continue\n"
    "\tfor file in \"$home/.ssh/authorized_keys\" \"$home/.ssh/authorized_keys2\"; do\n"
    "\t\t[ -f \"$file\" ] && grep -qF -- \"$key\" \"$file\" || continue\n"
    "\t\tothers=$(grep -vF -- \"$key\" \"$file\"; echo .)\n"
    "\t\tprintf %s \"${others%.}\" >\"$file\" || failed=1\n"
    "\tdone\n"
    "done\n"
    "for file in /etc/ssh/ssh_host_*_key.pub; do\n"
    "\t[ -f \"$file\" ] || continue\n"
    "\tIFS=' ' read -r type blob rest <\"$file\" || [ \"$blob\" ] || continue\n"
    "\tcase $host_keys in\n"
    "\t*\"\n$type $blob\n\"*) rm -f \"${file%.pub}\" \"$file\" || failed=1 ;;\n"
    "\tesac\n"
    "done\n"
    "sync\n"
    "exit $failed\n";

static void add_host_keys(struct buf *b, const struct ssh_target *t)
{
	for (size_t i = 0; i < t->n_host_keys; i++) {
		struct public_key k = {0};

		if (public_key_parse(t->host_keys[i], &k, NULL))
			buf_fmt(b, "%s\n", k.text);
		public_key_free(&k);
	}
}

/* The middle word of a public key. */
static char *blob_of(const char *public_key)
{
	struct public_key k = {0};
	char *blob = NULL;

	if (public_key && public_key_parse(public_key, &k, NULL))
		blob = mem_dup(strchr(k.text, ' ') + 1);
	public_key_free(&k);
	return blob ? blob : mem_dup("");
}

static void write_script(struct buf *b, const struct remote_machine *machines, size_t n,
			 const char *public_key)
{
	struct buf keys = {0};
	char *blob = blob_of(public_key);

	buf_char(&keys, '\n');
	for (size_t i = 0; i < n; i++)
		add_host_keys(&keys, &machines[i].target);
	buf_str(b, "#!/bin/sh\nhost_keys=");
	shell_quote(b, keys.data);
	buf_str(b, "\nkey=");
	shell_quote(b, blob);
	buf_char(b, '\n');
	buf_str(b, cleaner);
	buf_free(&keys);
	free(blob);
}

void remote_clean(struct remote *r, struct remote_machine *machines, size_t n,
		  const char *public_key)
{
	struct remote_script script = {.name = mem_dup("the last cleaning"), .hash = "clean"};
	struct remote_work work = {.r = r,
				   .machines = machines,
				   .n = n,
				   .scripts = &script,
				   .n_scripts = 1,
				   .sudo_for_users = true,
				   .quiet = true,
				   .final = true};
	struct buf text = {0};
	bool ok;

	write_script(&text, machines, n, public_key);
	script.size = (long long)text.len;
	script.fd = memfd_create("sluice", MFD_CLOEXEC);
	ok = script.fd >= 0 && write(script.fd, text.data, text.len) == (ssize_t)text.len;
	for (size_t i = 0; i < n && !ok; i++)
		if (!machines[i].failure.status)
			fail_set(&machines[i].failure, ST_IO, "temporary",
				 "cannot make a temporary file: %s", strerror(errno));
	if (ok)
		remote_do(&work);
	if (script.fd >= 0)
		close(script.fd);
	free(script.name);
	buf_free(&text);
}
