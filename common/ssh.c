/* SPDX-License-Identifier: ISC
 * The ssh engine. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "ssh-private.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

struct ssh *ssh_new(const struct ssh_options *options)
{
	struct ssh *h = mem_alloc(sizeof *h);

	h->options = options;
	h->parallel = 64;
	return h;
}

void ssh_parallel(struct ssh *h, int most)
{
	h->parallel = most;
}

struct ssh_session *ssh_session_new(const struct ssh_target *target, const char *command)
{
	struct ssh_session *s = mem_alloc(sizeof *s);

	s->target = *target;
	s->command = mem_dup(command);
	s->input_fd = -1;
	return s;
}

static void session_free(struct ssh_session *s)
{
	if (!s)
		return;
	if (s->input_fd >= 0)
		close(s->input_fd);
	free(s->command);
	free(s->identity);
	free(s->mark);
	free(s->goodbye);
	buf_free(&s->input);
	buf_free(&s->tail);
	fail_free(&s->failure);
	free(s);
}

/* Wall clock for what is told only: it does not go through the trace. */
static int64_t wall_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void ssh_add(struct ssh *h, struct ssh_session *s, int64_t delay_ms)
{
	struct ssh_running *job = mem_alloc(sizeof *job);

	*job = (struct ssh_running){
	    .s = s, .life = -1, .in = -1, .out = -1, .log_fd = -1, .told = json_array()};
	job->due = clk_monotonic() + delay_ms;
	s->running = job;
	h->jobs = mem_grow(h->jobs, h->n + 1, sizeof *h->jobs);
	h->jobs[h->n++] = job;
}

static void release(struct ssh_running *job)
{
	ssh_process_close(job);
	session_free(job->s);
	buf_free(&job->line);
	buf_free(&job->log_line);
	buf_free(&job->kept);
	ssh_log_free(&job->log);
	json_decref(job->told);
	free(job);
}

void ssh_free(struct ssh *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->n; i++)
		release(h->jobs[i]);
	free(h->jobs);
	free(h);
}

void ssh_exited(struct ssh_session *s, int status)
{
	if (s->running->ended_by)
		return;
	s->running->exited = true;
	s->running->exited_at = clk_monotonic();
	s->running->exit_status = status;
}

static void forget(struct ssh *h, const struct ssh_running *job)
{
	size_t i = 0;

	while (h->jobs[i] != job)
		i++;
	memmove(h->jobs + i, h->jobs + i + 1, (h->n - i - 1) * sizeof *h->jobs);
	h->n--;
}

static void settle(struct ssh *h, struct ssh_running *job)
{
	forget(h, job);
	ssh_process_close(job);
	if (trace_mode() != TRACE_REPLAY)
		ssh_trace_record(job);
	if (job->s->done)
		job->s->done(job->s);
	release(job);
}

static const char *last_line(struct buf *tail)
{
	const char *line;

	while (tail->len && tail->data[tail->len - 1] == '\n')
		tail->data[--tail->len] = '\0';
	line = tail->len ? strrchr(tail->data, '\n') : NULL;
	return line ? line + 1 : tail->data;
}

static void ended_by_us(struct ssh_running *job)
{
	struct ssh_session *s = job->s;

	if (!strcmp(job->ended_by, "interrupted"))
		stop_failure(&s->failure);
	else if (!strcmp(job->ended_by, "login"))
		fail_set(&s->failure, ST_TEMP, "network",
			 "cannot log in to '%s' at %s: it does not go on after the %s",
			 s->target.name, s->target.host,
			 s->phase >= SSH_HOST_KEY ? "host key" : "connection");
	else
		fail_set(&s->failure, ST_TEMP, "deadline", "'%s': not done within %lld seconds",
			 s->target.name, (long long)(job->ends - job->began + 500) / 1000);
}

static void conclude(struct ssh_running *job)
{
	struct ssh_session *s = job->s;
	struct buf tail = {0};

	ssh_output(job, NULL, 0, true);
	s->took_ms = clk_monotonic() - job->began;
	s->status = WIFEXITED(job->wait_status) ? WEXITSTATUS(job->wait_status)
						: 128 + WTERMSIG(job->wait_status);
	if (job->exited) {
		s->status = job->exit_status;
	} else if (job->ended_by) {
		ended_by_us(job);
	} else if (!job->log.exited && (s->status == 255 || !WIFEXITED(job->wait_status))) {
		buf_add(&tail, s->tail.data, s->tail.len);
		ssh_log_failure(&job->log, &s->target, tail.len ? last_line(&tail) : NULL,
				&s->failure);
		buf_free(&tail);
	}
}

static void start(struct ssh *h, struct ssh_running *job)
{
	job->s->began_ms = wall_clock();
	if (ssh_process_start(h, job, &job->s->failure)) {
		h->under_way++;
		return;
	}
	settle(h, job);
}

static void start_due(struct ssh *h)
{
	for (size_t i = 0; i < h->n && h->under_way < (size_t)h->parallel; i++) {
		struct ssh_running *job = h->jobs[i];

		if (job->began || job->due > clk_monotonic())
			continue;
		start(h, job);
		i = (size_t)-1; /* its callback may have added and settled others */
	}
}

/* What has waited too long, or is not to be waited for. True when one was settled. */
static bool give_up(struct ssh *h)
{
	int64_t now = clk_monotonic();
	bool late = clk_left() <= 0;

	if (stop_asked() && !h->stopped_at)
		h->stopped_at = now;
	for (size_t i = 0; i < h->n; i++) {
		struct ssh_running *job = h->jobs[i];

		if (!job->began && (late || h->stopped_at)) {
			job->s->began_ms = wall_clock();
			if (h->stopped_at)
				stop_failure(&job->s->failure);
			else
				fail_set(&job->s->failure, ST_TEMP, "deadline",
					 "'%s': SLUICE_DEADLINE is over", job->s->target.name);
			settle(h, job);
			return true;
		}
		if (job->ended_by)
			ssh_process_kill(job, job->ended_by);
		else if (job->exited && now >= job->exited_at + SSH_REST_MS)
			ssh_process_kill(job, "exited");
		else if (h->stopped_at && now - h->stopped_at > SSH_GRACE_MS)
			ssh_process_kill(job, "interrupted");
		else if (now >= job->ends && job->pid)
			ssh_process_kill(job, "deadline");
		else if (job->pid && now >= job->login_by && job->s->phase < SSH_LOGIN)
			ssh_process_kill(job, "login");
	}
	return false;
}

static void sooner(int64_t *wait, int64_t at)
{
	int64_t rest = at - clk_monotonic();

	if (rest < *wait)
		*wait = rest < 0 ? 0 : rest;
}

static int64_t poll_timeout(const struct ssh *h)
{
	int64_t wait = 500;

	for (size_t i = 0; i < h->n; i++) {
		const struct ssh_running *job = h->jobs[i];

		if (!job->began && h->under_way < (size_t)h->parallel)
			sooner(&wait, job->due);
		if (!job->pid)
			continue;
		if (job->ended_by)
			sooner(&wait, job->kill_at);
		else
			sooner(&wait, job->exited ? job->exited_at + SSH_REST_MS : job->ends);
		if (job->gone || job->life < 0)
			sooner(&wait, clk_monotonic() + 50);
	}
	if (h->stopped_at)
		sooner(&wait, clk_monotonic() + 50);
	return wait;
}

static void watch(struct pollfd *list, size_t *n, int fd, short events)
{
	if (fd >= 0)
		list[(*n)++] = (struct pollfd){fd, events, 0};
}

static void wait_for_any(const struct ssh *h)
{
	struct pollfd *list = mem_grow(NULL, 4 * h->n + 1, sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++) {
		const struct ssh_running *job = h->jobs[i];

		watch(list, &n, job->life, POLLIN);
		watch(list, &n, job->out, POLLIN);
		watch(list, &n, job->log_fd, POLLIN);
		if (job->in < 0 || !ssh_process_sends(job))
			continue;
		if (job->s->input_fd >= 0 && job->sent == job->s->input.len)
			watch(list, &n, job->s->input_fd, POLLIN);
		else
			watch(list, &n, job->in, POLLOUT);
	}
	poll(list, n, (int)poll_timeout(h));
	free(list);
}

static bool settle_finished(struct ssh *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct ssh_running *job = h->jobs[i];

		if (!job->pid)
			continue;
		ssh_process_move(job);
		if (!ssh_process_finished(job))
			continue;
		h->under_way--;
		conclude(job);
		settle(h, job);
		return true;
	}
	return false;
}

static void advance(struct ssh *h)
{
	if (give_up(h))
		return;
	start_due(h);
	if (!h->n)
		return;
	wait_for_any(h);
	while (settle_finished(h))
		;
}

static void replay(struct ssh *h)
{
	struct ssh_running *job = ssh_trace_replay(h->jobs, h->n);

	if (!job) {
		job = h->jobs[0];
		fail_set(&job->s->failure, ST_NOINPUT, "not-recorded",
			 "the recording does not hold this session on '%s': %.300s",
			 job->s->target.name,
			 job->s->identity ? job->s->identity : job->s->command);
	}
	settle(h, job);
}

void ssh_run(struct ssh *h)
{
	if (h->running)
		return;
	h->running = true;
	while (h->n)
		if (trace_mode() == TRACE_REPLAY)
			replay(h);
		else
			advance(h);
	h->running = false;
}
