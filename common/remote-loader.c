/* SPDX-License-Identifier: ISC
 * What runs on the machine besides the user's scripts. Each is one argument of its shell, so it has
 * neither single quotes, nor newlines, nor ! (csh). */
#include <string.h>

#include "mem.h"
#include "remote-private.h"
#include "shellquote.h"

/* $1 mark, $2 id, $3 `directory` or `file`. Input: the number of lines of exports and of bytes of
 * the script, the exports, the script. Nothing runs that did not arrive whole. A shutdown that ends
 * the script leaves a word; so we can tell it from a crash. The input stays open: the script is
 * ended when a line says so, or SIGUSR1 of the looker, or when the connection is gone and that is
 * no shutdown. What has a session of its own lives on. */
static const char loader[] =
    "m=$1; h=$PWD; d=${HOME:-$PWD}/.sluice/$2; s=$d/status; "
    "f() { echo \"$m refused $1\"; rm -rf \"$d\"; exit 1; }; "
    "going() { [ \"$(systemctl is-system-running 2>/dev/null)\" = stopping ]; }; "
    "if going; then echo \"$m stopping\"; exit 1; fi; "
    "u=$(umask); umask 077; rm -rf \"$d\"; mkdir -p \"$d\" || f \"cannot make $d\"; "
    "read -r n z || f \"nothing received\"; "
    "e=; l=; while [ \"$n\" -gt 0 ]; do "
    "IFS= read -r l || f \"received only a part\"; "
    "e=$(printf \"%s\\n%s.\" \"$e\" \"$l\"); e=${e%.}; n=$((n - 1)); done; "
    "head -c \"$z\" >\"$d/in\" || f \"cannot write in $d\"; "
    "[ $(($(wc -c <\"$d/in\"))) -eq \"$z\" ] || f \"received only a part\"; "
    "r=$d/run; if [ \"$3\" = directory ]; then "
    "mkdir \"$d/work\" && tar -xpof \"$d/in\" -C \"$d/work\" && rm -f \"$d/in\" && "
    "h=$d/work && r=./run || f \"cannot unpack it\"; "
    "else mv \"$d/in\" \"$r\" || f \"cannot write in $d\"; fi; "
    "trap : PIPE; trap \"echo reboot >\\\"\\$s\\\"; echo \\\"\\$m reboot\\\"\" HUP TERM; "
    "echo \"$m boot $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)\"; "
    "exec 3<&0; g=$(command -v setsid) || g=; "
    "( trap - PIPE HUP TERM; exec 3<&-; cd \"$h\" && chmod u+x \"$r\" && umask \"$u\" && "
    "eval \"$e\" && exec $g /bin/sh -c \"exec \\\"\\$0\\\"\" \"$r\" </dev/null ) & c=$!; "
    "k() { kill -$1 -$c || kill -$1 $c; "
    "[ $(id -u) -eq 0 ] || sudo -n sh -c \"kill -$1 -$c\"; }; "
    "over() { [ -s \"$s\" ] && exit; echo ended >\"$s\"; k TERM; "
    "for i in 1 2 3 4 5; do kill -0 -$c || exit; sleep 1; done; k KILL; exit; }; "
    "( trap over USR1; "
    "t=; while IFS= read -r l; do [ \"$l\" = \"$m end\" ] && t=1 && break; done; "
    "[ \"$t\" ] || { sleep 3; going && exit; }; over ) <&3 >/dev/null 2>&1 & w=$!; "
    "echo $w >\"$d/guard\"; "
    "while :; do wait $c; x=$?; kill -0 $c 2>/dev/null || break; done; "
    "[ -s \"$s\" ] || { echo $x >\"$s.new\" && mv \"$s.new\" \"$s\"; } 2>/dev/null; "
    "if [ \"$(cat \"$s\")\" = ended ]; then wait $w; "
    "else { kill $w; wait $w; } 2>/dev/null; echo \"$m exit $x\"; fi; "
    "rm -rf \"$d/work\" \"$d/run\" \"$d/guard\"; exit $x";

/* The same for the last cleaning: nothing of it is in a file, which the one of a step that was
 * killed might just take away. */
static const char final_loader[] =
    "m=$1; f() { echo \"$m refused received only a part\"; exit 1; }; "
    "if [ \"$(systemctl is-system-running 2>/dev/null)\" = stopping ]; "
    "then echo \"$m stopping\"; exit 1; fi; "
    "LC_ALL=C; export LC_ALL; "
    "read -r n z || f; while [ \"$n\" -gt 0 ]; do read -r l || f; n=$((n - 1)); done; "
    "t=$(head -c \"$z\"; echo .); t=${t%.}; [ ${#t} -eq \"$z\" ] || f; "
    "echo \"$m boot $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)\"; eval \"$t\"";

/* $1 mark, $2 id or empty, $3 `wait` for cloud-init, $4 the boot in which the script was begun: one
 * that still runs, though its connection is gone, is ended. */
static const char looker[] =
    "m=$1; b=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null); "
    "if [ \"$(systemctl is-system-running 2>/dev/null)\" = stopping ]; "
    "then echo \"$m stopping\"; "
    "elif [ \"$2\" ]; then d=${HOME:-$PWD}/.sluice/$2; "
    "if [ \"$b\" ] && [ \"$b\" = \"$4\" ] && [ -s \"$d/guard\" ] && [ ! -s \"$d/status\" ]; then "
    "kill -USR1 \"$(cat \"$d/guard\")\" 2>/dev/null; "
    "for i in 1 2 3 4 5 6 7 8 9; do [ -e \"$d/guard\" ] || break; sleep 1; done; fi; "
    "echo \"$m status $(cat \"$d/status\" 2>/dev/null)\"; fi; "
    "echo \"$m boot $b\"; "
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

	return shell(remote_sudo(t), t->work->final ? final_loader : loader, words);
}

char *remote_looker(const struct remote_task *t)
{
	const char *const words[] = {t->work->r->mark, t->look ? t->id : "",
				     t->work->r->options->no_cloud_init ? "" : "wait",
				     t->m->boot_id, NULL};

	return shell(t->look && remote_sudo(t), looker, words);
}

void remote_header(const struct remote *r, struct buf *input, long long size)
{
	buf_fmt(input, "%zu %lld\n", r->export_lines, size);
	buf_add(input, r->exports.data, r->exports.len);
}
