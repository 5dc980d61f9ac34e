/* SPDX-License-Identifier: ISC */
#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cli.h"
#include "clock.h"
#include "http-private.h"
#include "mem.h"
#include "status.h"
#include "stop.h"
#include "trace.h"

#define GRACE_AFTER_STOP_MS 2000

#define SKEW_MS (4 * 60 * 1000)

struct http {
	CURLM *multi;
	struct http_job *
	    *jobs; /* all that are not settled, in the order in which they were added */
	size_t n, under_way;
	int parallel, attempts;
	long timeout_ms;
	char *ca_file;
	bool running, answered;
	int64_t stopped_at; /* monotonic; 0: no signal yet */
	int64_t skew_ms;
};

struct http *http_new(void)
{
	struct http *h = mem_alloc(sizeof(*h));

	h->parallel = 64;
	h->timeout_ms = 60000;
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	if (h->multi)
		curl_multi_cleanup(h->multi);
	free(h->jobs);
	free(h->ca_file);
	free(h);
}

void http_parallel(struct http *h, int most)
{
	h->parallel = most;
}

void http_attempts(struct http *h, int most)
{
	h->attempts = most;
}

void http_timeout(struct http *h, long ms)
{
	h->timeout_ms = ms;
}

void http_ca_file(struct http *h, const char *path)
{
	free(h->ca_file);
	h->ca_file = mem_dup(path);
}

static struct http_job *add_job(struct http *h, struct http_request *r)
{
	struct http_job *job = mem_alloc(sizeof(*job));

	job->r = r;
	job->waiting = true;
	job->a.retry_after_ms = -1;
	h->jobs = mem_grow(h->jobs, h->n + 1, sizeof(*h->jobs));
	h->jobs[h->n++] = job;
	return job;
}

void http_add(struct http *h, struct http_request *r)
{
	add_job(h, r);
}

/* What an answer tells of the time: less than minutes comes of the way and of caches. */
static void note_clock(struct http *h, const struct http_answer *a)
{
	const char *date = http_header_get(&a->headers, "date");
	struct tm tm = {0};
	int64_t off;

	if (!a->status || !date || !strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &tm))
		return;
	off = (int64_t)timegm(&tm) * 1000 - a->began_ms - a->took_ms;
	h->skew_ms = off > SKEW_MS || off < -SKEW_MS ? off : 0;
}

int64_t http_skew(const struct http *h)
{
	return h->skew_ms;
}

/* Hands the answer over and forgets the job. */
static void settle(struct http *h, struct http_job *job)
{
	size_t i = 0;

	while (h->jobs[i] != job)
		i++;
	memmove(h->jobs + i, h->jobs + i + 1, (h->n - i - 1) * sizeof(*h->jobs));
	h->n--;
	note_clock(h, &job->a);
	if (job->wanted) {
		*job->wanted = job->a;
	} else {
		if (job->r->done)
			job->r->done(job->r, &job->a);
		http_answer_free(&job->a);
	}
	http_request_free(job->r);
	free(job);
}

static void start_multi(struct http *h)
{
	/* TLS is initialised by the first https connection, not before */
	if (curl_global_init(CURL_GLOBAL_NOTHING) || !(h->multi = curl_multi_init()))
		mem_out();
	curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)h->parallel);
}

static bool may_start(struct http_job *job)
{
	struct failure *f = &job->a.failure;

	if (strncasecmp(job->r->url, "https://", 8) && strncasecmp(job->r->url, "http://", 7))
		return http_fail_url(f, ST_DATA, "bad-url", job->r->url, "no http or https URL");
	if (!strncasecmp(job->r->url, "http://", 7) && !http_plain_allowed(job->r->url))
		return http_fail_url(
		    f, ST_GUARD, "plain-http", job->r->url,
		    "plain http refused: only loopback and the metadata services may");
	if (!job->r->prepare || job->r->prepare(job->r, f))
		return true;
	if (!f->status)
		fail_set(f, ST_BUG, "prepare", "the request could not be prepared");
	return false;
}

/* False: it was settled without being sent. */
static bool start(struct http *h, struct http_job *job)
{
	struct timespec now;

	http_headers_free(&job->a.headers);
	buf_clear(&job->a.body);
	fail_free(&job->a.failure);
	job->a.status = 0;
	clock_gettime(CLOCK_REALTIME, &now);
	job->a.began_ms = (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (!may_start(job)) {
		http_trace_attempt(h->jobs, h->n, job, false);
		settle(h, job);
		return false;
	}
	if (!h->multi)
		start_multi(h);
	http_easy_start(job, job->r->timeout_ms ? job->r->timeout_ms : h->timeout_ms, h->ca_file);
	job->a.attempts++;
	job->waiting = false;
	h->under_way++;
	if (curl_multi_add_handle(h->multi, job->easy))
		mem_out();
	return true;
}

static void leave_curl(struct http *h, struct http_job *job)
{
	curl_multi_remove_handle(h->multi, job->easy);
	http_easy_free(job);
	job->waiting = true;
	h->under_way--;
}

/* Where nobody listens, and nobody ever answered, the endpoint is wrong: that is told at once. */
static int most_attempts(const struct http *h, const struct http_job *job)
{
	int asked = job->r->attempts ? job->r->attempts : h->attempts;

	return asked ? asked : job->refused && !h->answered ? 1 : 5;
}

/* An attempt came to an end: once more, or settled. */
static void conclude(struct http *h, struct http_job *job)
{
	int64_t delay = http_retry_delay(job);

	if (job->a.attempts >= most_attempts(h, job) || h->stopped_at)
		delay = -1;
	http_trace_attempt(h->jobs, h->n, job, delay >= 0);
	if (delay < 0) {
		settle(h, job);
		return;
	}
	if (delay >= 2000)
		cli_note("%s; trying again in %lld s",
			 job->a.status ? "the service asks to slow down" : job->a.failure.message,
			 (long long)(delay + 500) / 1000);
	job->retry_at = clk_monotonic() + delay;
	job->waiting = true;
}

static void finish_transfer(struct http *h, CURLMsg *message)
{
	struct http_job *job;

	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
	http_easy_result(job, (int)message->data.result);
	h->answered = h->answered || job->a.status;
	leave_curl(h, job);
	conclude(h, job);
}

static void start_ready(struct http *h)
{
	size_t i = 0;

	while (i < h->n && h->under_way < (size_t)h->parallel) {
		struct http_job *job = h->jobs[i];

		if (job->waiting && job->retry_at <= clk_monotonic()) {
			if (!start(h, job)) {
				i = 0; /* its callback may have added and settled others */
				continue;
			}
		}
		i++;
	}
}

static int poll_timeout(const struct http *h)
{
	int64_t now = clk_monotonic(), wait = 500;

	for (size_t i = 0; i < h->n; i++)
		if (h->jobs[i]->waiting && h->under_way < (size_t)h->parallel &&
		    h->jobs[i]->retry_at - now < wait)
			wait = h->jobs[i]->retry_at - now;
	if (clk_left() < wait)
		wait = clk_left();
	return wait < 0 ? 0 : (int)wait;
}

/* Settles a job without an answer; what is under way is given up. */
static void abandon(struct http *h, struct http_job *job, bool interrupted)
{
	if (job->easy) {
		http_easy_sent(job);
		leave_curl(h, job);
	}
	job->a.status = 0;
	if (interrupted)
		stop_failure(&job->a.failure);
	else
		fail_set(&job->a.failure, ST_TEMP, "deadline", "SLUICE_DEADLINE is over");
	http_trace_attempt(h->jobs, h->n, job, false);
	settle(h, job);
}

static bool give_up(struct http *h)
{
	bool late = clk_left() <= 0, expired;

	if (!stop_asked())
		h->stopped_at = 0;
	else if (!h->stopped_at)
		h->stopped_at = clk_monotonic();
	if (!late && !h->stopped_at)
		return false;
	expired = late || clk_monotonic() - h->stopped_at > GRACE_AFTER_STOP_MS;
	for (size_t i = 0; i < h->n; i++)
		if (h->jobs[i]->waiting || expired) {
			abandon(h, h->jobs[i], !late);
			return true;
		}
	return false;
}

/* What was recorded next. It tells, too, whether there was another attempt: the judge here does not
 * know the deadline of then. */
static void replay(struct http *h)
{
	struct http_job *job = http_trace_next(h->jobs, h->n);

	if (!job) {
		job = h->jobs[0];
		job->a.status = 0;
		http_trace_missing(job->r, &job->a.failure);
		job->again = false;
	} else {
		http_retry_delay(job);
	}
	if (!job->again)
		settle(h, job);
}

static void advance(struct http *h)
{
	CURLMsg *message;
	int running, queued;

	if (trace_mode() == TRACE_REPLAY) {
		replay(h);
		return;
	}
	if (give_up(h))
		return;
	start_ready(h);
	if (!h->n || !h->multi)
		return;
	curl_multi_perform(h->multi, &running);
	message = curl_multi_info_read(h->multi, &queued);
	if (message)
		finish_transfer(h, message);
	else
		curl_multi_poll(h->multi, NULL, 0, poll_timeout(h), NULL);
}

void http_run(struct http *h)
{
	if (h->running)
		return;
	h->running = true;
	while (h->n)
		advance(h);
	h->running = false;
}

bool http_do(struct http *h, struct http_request *r, struct http_answer *answer)
{
	bool settled = false;

	add_job(h, r)->wanted = answer;
	while (!settled) {
		settled = true;
		advance(h);
		for (size_t i = 0; i < h->n; i++)
			if (h->jobs[i]->wanted == answer)
				settled = false;
	}
	return answer->status != 0;
}
