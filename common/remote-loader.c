/* SPDX-License-Identifier: ISC
 * What runs on the machine besides the user's scripts. Each is one argument of its shell, so it has
 * neither single quotes, nor newlines, nor ! (csh). */
#include <string.h>

#include "mem.h"
#include "remote-private.h"
#include "shellquote.h"

/* $1 mark, $2 id, $3 `directory` or `file`. Input: the number of lines of exports and of bytes of
 * the script, the exports, the script. Nothing runs that did not arrive whole. The last cleaning of
 * a step that was killed may still take everything away: come again, as when the machine stops. A
 * shutdown that ends the script leaves a word; so we can tell it from a crash. */
static const char loader[] =
    "m=$1; h=$PWD; d=${HOME:-$PWD}/.sluice/$2; s=$d/status; "
    "f() { echo \"$m refused $1\"; rm -rf \"$d\"; exit 1; }; "
    "if [ \"$(systemctl is-system-running 2>/dev/null)\" = stopping ]; "
    "then echo \"$m stopping\"; exit 1; fi; "
    "u=$(umask); umask 077; rm -rf \"$d\"; mkdir -p \"$d\" || f \"cannot make $d\"; "
    "read -r n z || f \"nothing received\"; "
    "e=; l=; while [ \"$n\" -gt 0 ]; do "
    "IFS= read -r l || f \"received only a part\"; "
    "e=$(printf \"%s\\n%s.\" \"$e\" \"$l\"); e=${e%.}; n=$((n - 1)); done; "
    "cat >\"$d/in\" || f \"cannot write in $d\"; "
    "[ -e \"$d/in\" ] || { echo \"$m stopping\"; exit 1; }; "
    "[ $(($(wc -c <\"$d/in\"))) -eq \"$z\" ] || f \"received only a part\"; "
    "r=$d/run; if [ \"$3\" = directory ]; then "
    "mkdir \"$d/work\" && tar -xpof \"$d/in\" -C \"$d/work\" && rm -f \"$d/in\" && "
    "h=$d/work && r=./run || f \"cannot unpack it\"; "
    "else mv \"$d/in\" \"$r\" || f \"cannot write in $d\"; fi; "
    "trap : PIPE; trap \"echo reboot >\\\"\\$s\\\"; echo \\\"\\$m reboot\\\"\" HUP TERM; "
    "echo \"$m boot $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)\"; "
    "( trap - PIPE HUP TERM; cd \"$h\" && chmod u+x \"$r\" && umask \"$u\" && eval \"$e\" && "
    "exec \"$r\" </dev/null ) & c=$!; "
    "while :; do wait $c; x=$?; kill -0 $c 2>/dev/null || break; done; "
    "[ -s \"$s\" ] || { echo $x >\"$s.new\" && mv \"$s.new\" \"$s\"; } 2>/dev/null; "
    "rm -rf \"$d/work\" \"$d/run\"; exit $x";

/* $1 mark, $2 id or empty, $3 `wait` for cloud-init. */
static const char looker[] =
    "m=$1; "
    "if [ \"$(systemctl is-system-running 2>/dev/null)\" = stopping ]; "
    "then echo \"$m stopping\"; fi; "
    "if [ \"$2\" ]; then echo \"$m status $(cat \"${HOME:-$PWD}/.sluice/$2/status\" "
    "2>/dev/null)\"; fi; "
    "echo \"$m boot $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)\"; "
    "if [ \"$3\" = wait ] && command -v cloud-init >/dev/null 2>&1; then "
    "echo \"$m cloud-init running\"; o=$(cloud-init status --wait 2>/dev/null); x=$?; "
    "w=$(echo \"$o\" | sed -n \"s/^[.]*status: *//p\" | tail -n 1); "
    "if [ $x -eq 2 ] && [ \"$w\" = done ]; then w=degraded; fi; "
    "echo \"$m cloud-init ${w:-unknown}\"; fi; exit 0";

static char *shell(bool sudo, const char *program, const char *const *words)
{
	struct buf b = {0};

	buf_str(&b, sudo ? "sudo -n sh -c " : "sh -c ");
	shell_quote(&b, program);
	buf_str(&b, " sluice");
	for (; *words; words++) {
		buf_char(&b, ' ');
		shell_quote(&b, *words);
	}
	return buf_take(&b);
}

char *remote_loader(const struct remote_task *t, bool directory)
{
	const char *const words[] = {t->work->r->mark, t->id, directory ? "directory" : "file",
				     NULL};

	return shell(remote_sudo(t), loader, words);
}

char *remote_looker(const struct remote_task *t)
{
	const char *const words[] = {t->work->r->mark, t->look ? t->id : "",
				     t->work->r->options->no_cloud_init ? "" : "wait", NULL};

	return shell(t->look && remote_sudo(t), looker, words);
}

void remote_header(const struct remote *r, struct buf *input, long long size)
{
	buf_fmt(input, "%zu %lld\n", r->export_lines, size);
	buf_add(input, r->exports.data, r->exports.len);
}
