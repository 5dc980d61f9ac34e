/* SPDX-License-Identifier: ISC
 * A machine's processes run under proot, as an ordinary user who seems to be root: what they write
 * goes to the machine's disk; /usr is this system's, and cannot be written by an ordinary user. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine-host.h"
#include "mem.h"

const char *proot_missing(void)
{
	static const char *const needed[][3] = {{"/usr/bin/proot", "proot"},
						{"/usr/sbin/sshd", "sshd"},
						{"/usr/bin/ssh-keygen", "ssh-keygen"},
						{"/usr/bin/perl", "perl"}};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (access(needed[i][0], X_OK))
			return needed[i][1];
	return NULL;
}

/* Calls that are younger than many a proot, which lets them through with names that mean something
 * else outside. Without them libc and programs take the older ones. */
static void hide_young_calls(void)
{
	static const unsigned young[] = {
#ifdef SYS_statx
	    SYS_statx,
#endif
#ifdef SYS_renameat2
	    SYS_renameat2,
#endif
#ifdef SYS_execveat
	    SYS_execveat,
#endif
	    425,           435, 437,
	    439,           452, /* io_uring_setup, clone3, openat2, faccessat2, fchmodat2 */
	};
	enum { count = sizeof young / sizeof *young };
	struct sock_filter filter[count + 3] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))};
	struct sock_fprog program = {count + 3, filter};

	for (unsigned char i = 0; i < count; i++)
		filter[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, young[i],
							     (unsigned char)(count - i), 0);
	filter[count + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	filter[count + 2] =
	    (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(126);
}

void make_stock(const char *top)
{
	char *disk = mem_fmt("%s/images/stock", top), *tool = mem_fmt("%s/tools/disk", top);
	const char *const make[] = {"sh", tool, disk, NULL};

	run_program(make);
	free(tool);
	free(disk);
}

static void make_disk(const char *top, const char *disk, const char *image)
{
	char *from = mem_fmt("%s/images/%s", top, image ? image : "");
	char *stock = mem_fmt("%s/images/stock", top), *copy = mem_fmt("%s/tools/copy", top);
	const char *const of_image[] = {"sh", copy, "into", from, disk, NULL};
	const char *const of_stock[] = {"cp", "-a", "--reflink=auto", stock, disk, NULL};

	if (access(disk, F_OK))
		run_program(image && !access(from, F_OK) ? of_image : of_stock);
	free(copy);
	free(stock);
	free(from);
}

struct words {
	const char *word[64];
	size_t count;
};

static void add(struct words *w, const char *word)
{
	w->word[w->count++] = word;
}

static void bind(struct words *w, char *what)
{
	add(w, "-b");
	add(w, what);
}

static void bind_tools(struct words *w, const char *top, bool cloud_init)
{
	static const char *const places[][2] = {
	    {"sudo", "/usr/bin/sudo"},
	    {"power", "/usr/sbin/shutdown"},
	    {"power", "/usr/sbin/reboot"},
	    {"power", "/usr/sbin/poweroff"},
	    {"power", "/usr/sbin/halt"},
	    {"power", "/usr/bin/systemctl"},
	    {"packages", "/usr/bin/apt"},
	    {"packages", "/usr/bin/apt-get"},
	    {"packages", "/usr/bin/yum"},
	    {"packages", "/usr/bin/dnf"},
	    {"cloud-init", "/usr/bin/cloud-init"},
	};
	size_t count = sizeof places / sizeof *places - !cloud_init;

	bind(w, mem_fmt("%s/tools:/run/sandbox/tools", top));
	for (size_t i = 0; i < count; i++)
		bind(w, mem_fmt("%s/tools/%s:%s", top, places[i][0], places[i][1]));
}

static void bind_system(struct words *w, const char *machine)
{
	static const char *const tops[] = {
	    "/dev", "/proc", "/sys", "/usr", "/etc/alternatives", "/etc/ssl/certs"};
	static const char *const links[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
	struct stat s;

	for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
		bind(w, mem_dup(tops[i]));
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (!lstat(links[i], &s) && S_ISDIR(s.st_mode))
			bind(w, mem_dup(links[i]));
	bind(w, mem_fmt("%s/disk/usr/local:/usr/local", machine));
	bind(w, mem_fmt("%s/own:/run/sandbox/own", machine));
	bind(w, mem_fmt("%s/own/boot_id:/proc/sys/kernel/random/boot_id", machine));
}

_Noreturn void proot_run(const char *top, const char *machine, const char *image, bool cloud_init)
{
	char *disk = mem_fmt("%s/disk", machine),
	     *scratch = mem_fmt("PROOT_TMP_DIR=%s/own", machine);
	char *const environment[] = {(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", scratch, NULL};
	struct words w = {{"proot", "-0", "-r", disk, "-w", "/"}, 6};

	make_disk(top, disk, image);
	bind_system(&w, machine);
	bind_tools(&w, top, cloud_init);
	add(&w, "/bin/sh");
	add(&w, "/run/sandbox/tools/init");
	add(&w, NULL);
	hide_young_calls();
	execve("/usr/bin/proot", (char *const *)w.word, environment);
	_exit(127);
}
