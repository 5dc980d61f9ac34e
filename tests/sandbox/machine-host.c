/* SPDX-License-Identifier: ISC
 * The host of the machines: a process that boots them, ends their processes, copies disks. It ends
 * when the sandbox does, however that ended, and leaves nothing behind. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "machine-host.h"
#include "mem.h"
#include "world.h"

enum { GRACE_MS = 5000, TICK_MS = 10 };

struct hosted {
	long long n;
	char *directory, *image;
	bool cloud_init;
	int power; /* what is asked for in the machine */
	pid_t proot;
	bool ending, told; /* its processes are to end; they got their SIGTERM */
	int64_t kill_at;
	bool again, gone; /* what follows */
	struct hosted *next;
};

static struct {
	const char *top;
	int socket;
	bool closing;
	struct hosted *machines;
} host;

static int64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void remove_tree(const char *path)
{
	static const char script[] =
	    "rm -rf \"$0\" 2>/dev/null || { chmod -R u+rwX \"$0\"; rm -rf \"$0\"; } 2>/dev/null";
	const char *const rm[] = {"sh", "-c", script, path, NULL};

	run_program(rm);
}

static struct hosted *find(long long n)
{
	struct hosted *m = host.machines;

	while (m && m->n != n)
		m = m->next;
	return m;
}

static struct hosted *create(long long n)
{
	struct hosted *m = mem_alloc(sizeof *m);
	char *own, *power;

	m->n = n;
	m->directory = mem_fmt("%s/m/%lld", host.top, n);
	own = mem_fmt("%s/own", m->directory);
	power = mem_fmt("%s/power", own);
	mkdir(m->directory, 0700);
	mkdir(own, 0755);
	mkfifo(power, 0666);
	m->power = open(power, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	m->next = host.machines;
	host.machines = m;
	free(power);
	free(own);
	return m;
}

static void give_boot_id(const char *own)
{
	char id[64] = "";
	int fd = open("/proc/sys/kernel/random/uuid", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, id, sizeof id - 1);

	id[len > 0 ? len : 0] = '\0';
	close(fd);
	write_file(own, "boot_id", id, 0644);
}

static void boot(struct hosted *m)
{
	char *own = mem_fmt("%s/own", m->directory), *log = mem_fmt("%s/log", m->directory);
	sigset_t none;

	give_boot_id(own);
	m->ending = m->told = m->again = false;
	m->proot = fork();
	if (!m->proot) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

		setpgid(0, 0);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		proot_run(host.top, m->directory, m->image, m->cloud_init);
	}
	free(log);
	free(own);
}

static void end(struct hosted *m)
{
	if (m->ending)
		return;
	m->ending = true;
	m->told = false;
	m->kill_at = monotonic() + (host.closing || m->gone ? 0 : GRACE_MS);
}

static void release(struct hosted *m)
{
	struct hosted **at = &host.machines;

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	if (!host.closing) /* else all go at once */
		remove_tree(m->directory);
	close(m->power);
	free(m->directory);
	free(m->image);
	free(m);
}

static void on_start(struct hosted *m, json_t *message)
{
	char *own = mem_fmt("%s/own", m->directory);
	const char *name;
	json_t *text;

	json_object_foreach(json_object_get(message, "files"), name, text)
		write_file(own, name, text_of(text),
			   strcmp(name, "host_key") != 0 && strcmp(name, "user-data") != 0 ? 0644
											   : 0600);
	free(own);
	free(m->image);
	m->image = has(message, "image") ? mem_dup(str(message, "image")) : NULL;
	m->cloud_init = !yes(message, "no_cloud_init");
	if (yes(message, "files_only"))
		return;
	if (!m->proot)
		boot(m);
	else
		m->again = m->ending;
}

static void on_copy(const struct hosted *m, const char *image)
{
	char *disk = mem_fmt("%s/disk", m->directory), *tool = mem_fmt("%s/tools/copy", host.top);
	char *to = mem_fmt("%s/images/%s", host.top, image);
	const char *const copy[] = {"sh", tool, "out", disk, to, NULL};

	run_program(copy);
	free(to);
	free(tool);
	free(disk);
}

static void on_rename(const char *image, const char *name)
{
	char *from = mem_fmt("%s/images/%s", host.top, image);
	char *to = mem_fmt("%s/images/%s", host.top, name);

	remove_tree(to);
	rename(from, to);
	free(to);
	free(from);
}

static void on_message(json_t *message)
{
	const char *what = str(message, "do");
	long long n = num(message, "n", 0);
	struct hosted *m = find(n);

	if (!strcmp(what, "start"))
		on_start(m ? m : create(n), message);
	else if (!strcmp(what, "rename"))
		on_rename(str(message, "image"), str(message, "to"));
	else if (!m)
		return;
	else if (!strcmp(what, "copy"))
		on_copy(m, str(message, "image"));
	else {
		m->gone = !strcmp(what, "remove");
		m->again = !strcmp(what, "reboot");
		if (m->proot)
			end(m);
		else if (m->gone)
			release(m);
	}
}

/* False when the sandbox is gone. */
static bool read_message(void)
{
	static char data[512 * 1024];
	ssize_t len = recv(host.socket, data, sizeof data, 0);
	json_t *message;

	if (len <= 0)
		return len < 0 && errno == EINTR;
	message = json_loadb(data, (size_t)len, 0, NULL);
	on_message(message);
	json_decref(message);
	return true;
}

static void tell(const struct hosted *m, const char *what, long minutes)
{
	char *text = mem_fmt("{\"n\":%lld,\"what\":\"%s\",\"minutes\":%ld}", m->n, what, minutes);

	send(host.socket, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	free(text);
}

/* `halt 0`, `reboot 5`, `cancel`: what happens now is done, the sandbox keeps time for the rest. */
static void on_power(struct hosted *m)
{
	char text[256];
	ssize_t len = read(m->power, text, sizeof text - 1);
	char *line = text, *next, *word;

	for (text[len > 0 ? len : 0] = '\0'; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		word = strsep(&line, " ");
		if (strcmp(word, "halt") != 0 && strcmp(word, "reboot") != 0 &&
		    strcmp(word, "cancel") != 0)
			continue;
		tell(m, word, line ? strtol(line, NULL, 10) : 0);
		if (!line || strtol(line, NULL, 10) > 0 || !m->proot)
			continue;
		m->again = *word == 'r';
		end(m);
	}
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct hosted *m = host.machines;

		while (m && m->proot != pid)
			m = m->next;
		if (!m)
			continue;
		m->proot = 0;
		m->ending = false;
		if (m->gone || host.closing)
			release(m);
		else if (m->again)
			boot(m);
	}
}

/* One look at all processes for all machines that are to get this signal now. */
static void signal_due(int64_t now, int signal)
{
	pid_t proots[512];
	size_t count = 0;

	for (struct hosted *m = host.machines; m && count < sizeof proots / sizeof *proots;
	     m = m->next)
		if (m->ending && (signal == SIGTERM ? !m->told : m->kill_at <= now)) {
			proots[count++] = m->proot;
			m->told = true;
		}
	if (!count || proot_signal(proots, count, signal) || signal == SIGTERM)
		return;
	/* Nothing is traced: they are still on their way to being a proot, or on their way out. */
	for (size_t i = 0; i < count; i++)
		kill(-proots[i], SIGKILL);
}

/* How long to wait for something to happen. */
static int tick(void)
{
	int64_t now = monotonic();
	int wait = -1;

	signal_due(now, SIGTERM);
	signal_due(now, SIGKILL);
	for (const struct hosted *m = host.machines; m; m = m->next)
		if (m->ending)
			wait = TICK_MS;
	return wait;
}

static bool look(int signals)
{
	struct pollfd fds[1024] = {{host.closing ? -1 : host.socket, POLLIN, 0},
				   {signals, POLLIN, 0}};
	struct hosted *of[1024] = {0}, *m;
	struct signalfd_siginfo got;
	nfds_t count = 2;
	bool open = true;

	for (m = host.machines; m && count < 1024; m = m->next) {
		of[count] = m;
		fds[count++] = (struct pollfd){m->power, POLLIN, 0};
	}
	poll(fds, count, tick());
	for (nfds_t i = 2; i < count; i++)
		if (fds[i].revents)
			on_power(of[i]);
	if (fds[1].revents && read(signals, &got, sizeof got) == sizeof got)
		reap();
	if (fds[0].revents)
		open = read_message();
	return open;
}

static void make_directories(void)
{
	static const char *const names[] = {"images", "m"};
	char *tools = mem_fmt("%s/tools", host.top);

	for (size_t i = 0; i < 2; i++) {
		char *path = mem_fmt("%s/%s", host.top, names[i]);

		mkdir(path, 0700);
		free(path);
	}
	write_tools(tools);
	make_stock(host.top);
	free(tools);
}

static void close_down(int signals)
{
	struct hosted *m, *next;

	host.closing = true;
	for (m = host.machines; m; m = next) {
		next = m->next;
		m->ending = false;
		if (m->proot)
			end(m);
		else
			release(m);
	}
	while (host.machines)
		look(signals);
	remove_tree(host.top);
}

_Noreturn void host_run(int socket, const char *directory)
{
	sigset_t all;
	int signals;

	host.socket = socket;
	host.top = directory;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	signals = signalfd(-1, &all, SFD_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	umask(022);
	setenv("TMPDIR", directory, 1);
	make_directories();
	while (look(signals))
		;
	close_down(signals);
	_exit(0);
}
