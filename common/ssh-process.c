/* SPDX-License-Identifier: ISC
 * The process of a session: ssh with its files, pipes and end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "ssh-private.h"
#include "status.h"
#include "words.h"

static bool write_known_hosts(const char *directory, const struct ssh_target *target)
{
	char *path = mem_fmt("%s/known_hosts", directory);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct buf text = {0};
	bool ok;

	ssh_known_hosts_text(&text, target);
	ok = fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len;
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	free(path);
	return ok;
}

char *ssh_directory_make(const struct ssh_target *target, struct failure *f)
{
	const char *base = getenv("TMPDIR");
	char *directory;

	/* older ssh expands neither % nor quotes in all of its file names */
	if (!base || *base != '/' || strpbrk(base, " \t\n%\"\\$"))
		base = "/tmp";
	directory = mem_fmt("%s/sluice-ssh-XXXXXX", base);
	if (!mkdtemp(directory)) {
		fail_set(f, ST_IO, "temporary", "cannot make a directory in '%s': %s", base,
			 strerror(errno));
	} else if (target->n_host_keys && !write_known_hosts(directory, target)) {
		fail_set(f, ST_IO, "temporary", "cannot write in '%s': %s", directory,
			 strerror(errno));
		ssh_directory_remove(directory);
	} else {
		return directory;
	}
	free(directory);
	return NULL;
}

void ssh_directory_remove(const char *directory)
{
	static const char *const names[] = {"known_hosts", "log"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = mem_fmt("%s/%s", directory, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(directory);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ssh's standard input and output; theirs are in theirs[0..1], close-on-exec as all. */
static bool make_pipes(struct ssh_running *job, int theirs[2])
{
	int in[2] = {-1, -1}, out[2] = {-1, -1};

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		close_fd(&in[0]);
		close_fd(&in[1]);
		return false;
	}
	theirs[0] = in[0];
	theirs[1] = out[1];
	job->in = in[1];
	job->out = out[0];
	fcntl(job->in, F_SETFL, O_NONBLOCK);
	fcntl(job->out, F_SETFL, O_NONBLOCK);
	return true;
}

static bool start_in(struct ssh *h, struct ssh_running *job, struct failure *f)
{
	const struct ssh_target *target = &job->s->target;
	char *log = mem_fmt("%s/log", job->directory);
	char *known = target->n_host_keys ? mem_fmt("%s/known_hosts", job->directory) : NULL;
	char **words = ssh_arguments(h->options, target, known, log);
	int theirs[2] = {-1, -1}, error = 0;

	free(known);
	if (!words) {
		fail_set(f, ST_CONFIG, "no-ssh", "SLUICE_SSH is no command");
	} else if (mkfifo(log, 0600) ||
		   (job->log_fd = open(log, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0 ||
		   !make_pipes(job, theirs)) {
		error = errno;
		fail_set(f, ST_IO, "temporary", "cannot start ssh for '%s': %s", target->name,
			 strerror(error));
	} else {
		size_t n = 0;

		while (words[n])
			n++;
		words = mem_grow(words, n + 2, sizeof *words);
		words[n] = mem_dup(job->s->command);
		words[n + 1] = NULL;
		error = ssh_spawn(words, (int[]){theirs[0], theirs[1], theirs[1]}, true, &job->pid);
		if (error) {
			job->pid = 0;
			fail_set(f, ST_CONFIG, "no-ssh", "cannot start '%s' for '%s': %s", words[0],
				 target->name, strerror(error));
		}
	}
	close_fd(&theirs[0]);
	close_fd(&theirs[1]);
	free(log);
	words_free(words);
	return job->pid != 0;
}

bool ssh_process_start(struct ssh *h, struct ssh_running *job, struct failure *f)
{
	struct ssh_session *s = job->s;
	int64_t left = clk_left();

	job->began = clk_monotonic();
	job->ends = s->limit_ms ? job->began + s->limit_ms : INT64_MAX;
	if (left != INT64_MAX && job->began + left < job->ends)
		job->ends = job->began + left;
	job->login_by = job->began + SSH_LOGIN_MS;
	if (!ssh_target_check(&s->target, f))
		return false;
	job->directory = ssh_directory_make(&s->target, f);
	if (!job->directory || !start_in(h, job, f))
		return false;
	job->life = pidfd_open(job->pid, 0);
	return true;
}

static bool say_goodbye(struct ssh_running *job)
{
	struct ssh_session *s = job->s;

	if (!s->goodbye || job->exited || s->phase < SSH_COMMAND || job->in < 0 ||
	    s->input_fd >= 0 || job->sent < s->input.len)
		return false;
	buf_str(&s->input, s->goodbye);
	job->goodbye = true;
	return true;
}

void ssh_process_kill(struct ssh_running *job, const char *why)
{
	int64_t now = clk_monotonic();

	if (!job->pid || job->gone || (job->ended_by && now < job->kill_at))
		return;
	if (!job->ended_by) {
		job->ended_by = why;
		if (say_goodbye(job)) {
			job->kill_at =
			    now + (strcmp(why, "interrupted") ? SSH_GOODBYE_MS : SSH_HURRY_MS);
			return;
		}
	}
	kill(-job->pid, job->asked ? SIGKILL : SIGTERM);
	job->asked = true;
	job->kill_at = now + SSH_KILL_MS;
}

/* The next of what is to be sent is in s->input from job->sent on. */
static bool refill(struct ssh_running *job)
{
	struct ssh_session *s = job->s;
	ssize_t got;

	if (job->sent < s->input.len)
		return true;
	if (s->input_fd < 0)
		return false;
	buf_clear(&s->input);
	job->sent = 0;
	buf_reserve(&s->input, 65536);
	got = read(s->input_fd, s->input.data, 65536);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (got <= 0) {
		close_fd(&s->input_fd);
		return false;
	}
	s->input.len = (size_t)got;
	return true;
}

bool ssh_process_sends(const struct ssh_running *job)
{
	const struct ssh_session *s = job->s;

	return s->input_fd >= 0 || job->sent < s->input.len || !s->goodbye || job->goodbye;
}

static void send_input(struct ssh_running *job)
{
	for (int i = 0; i < 16 && job->in >= 0 && ssh_process_sends(job); i++) {
		ssize_t put;

		if (!refill(job)) {
			if (ssh_process_sends(job))
				close_fd(&job->in);
			return;
		}
		put = write(job->in, job->s->input.data + job->sent, job->s->input.len - job->sent);
		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (put < 0)
			close_fd(&job->in);
		else
			job->sent += (size_t)put;
	}
}

/* False when nothing more is there now. */
static bool take(int *fd, char *data, size_t size, ssize_t *got)
{
	if (*fd < 0)
		return false;
	*got = read(*fd, data, size);
	if (!*got)
		close_fd(fd);
	return *got > 0;
}

void ssh_process_move(struct ssh_running *job)
{
	char data[65536];
	ssize_t got;

	send_input(job);
	while (take(&job->log_fd, data, sizeof data, &got))
		ssh_output_log(job, data, (size_t)got);
	for (int i = 0; i < 16 && take(&job->out, data, sizeof data, &got); i++)
		ssh_output(job, data, (size_t)got, false);
}

/* The process stays a zombie until it is closed, so that its number is nobody else's. */
static bool has_ended(const struct ssh_running *job)
{
	siginfo_t info = {0};

	return !waitid(P_PID, (id_t)job->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

bool ssh_process_finished(struct ssh_running *job)
{
	if (!job->gone && has_ended(job)) {
		job->gone = true;
		job->reaped = clk_monotonic();
		close_fd(&job->life);
		close_fd(&job->in);
		ssh_process_move(job);
	}
	if (!job->gone)
		return false;
	/* something that ssh started may hold the pipe */
	if (job->out >= 0 && clk_monotonic() - job->reaped <= SSH_KILL_MS)
		return false;
	kill(-job->pid, SIGKILL);
	waitpid(job->pid, &job->wait_status, 0);
	job->pid = 0;
	return true;
}

void ssh_process_close(struct ssh_running *job)
{
	if (job->pid) {
		kill(-job->pid, SIGKILL);
		waitpid(job->pid, &job->wait_status, 0);
	}
	job->pid = 0;
	close_fd(&job->in);
	close_fd(&job->out);
	close_fd(&job->log_fd);
	close_fd(&job->life);
	close_fd(&job->s->input_fd);
	if (job->directory)
		ssh_directory_remove(job->directory);
	free(job->directory);
	job->directory = NULL;
}
