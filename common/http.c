/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <curl/curl.h>
#include <limits.h>
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
#include "url.h"

#define LONGEST_ANSWER ((size_t)1 << 30)
#define LONGEST_RETRY_AFTER_MS 120000
#define GRACE_AFTER_STOP_MS 2000

struct http {
	CURLM *multi;
	struct http_job *
	    *jobs; /* all that are not settled, in the order in which they were added */
	size_t n, under_way;
	int parallel, attempts;
	long timeout_ms;
	char *ca_file;
	bool despite_stop, running;
	int64_t stopped_at; /* monotonic; 0: no signal yet */
};

struct http *http_new(void)
{
	struct http *h = mem_alloc(sizeof(*h));

	h->parallel = 64;
	h->attempts = 5;
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

void http_despite_stop(struct http *h, bool despite)
{
	h->despite_stop = despite;
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

/* Hands the answer over and forgets the job. */
static void settle(struct http *h, struct http_job *job)
{
	size_t i = 0;

	while (h->jobs[i] != job)
		i++;
	memmove(h->jobs + i, h->jobs + i + 1, (h->n - i - 1) * sizeof(*h->jobs));
	h->n--;
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

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
	struct http_job *job = context;

	if (job->a.body.len + size * count > LONGEST_ANSWER)
		return 0;
	buf_add(&job->a.body, data, size * count);
	return size * count;
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
	struct http_job *job = context;
	size_t len = size * count, name_len, end = len;
	char *colon = memchr(data, ':', len), *name, *value;
	size_t start;

	if (len > 5 && !memcmp(data, "HTTP/", 5)) { /* another status line: 100 came before */
		http_headers_free(&job->a.headers);
		return len;
	}
	if (!colon)
		return len;
	name_len = (size_t)(colon - data);
	start = name_len + 1;
	while (start < end && isspace((unsigned char)data[start]))
		start++;
	while (end > start && isspace((unsigned char)data[end - 1]))
		end--;
	name = mem_dup_n(data, name_len);
	value = mem_dup_n(data + start, end - start);
	http_header_add(&job->a.headers, name, value);
	free(name);
	free(value);
	return len;
}

static struct curl_slist *add_line(struct curl_slist *list, const char *name, const char *value)
{
	/* "Name;" is how curl sends an empty header, "Name:" how it leaves one out */
	char *line = !value   ? mem_fmt("%s:", name)
		     : *value ? mem_fmt("%s: %s", name, value)
			      : mem_fmt("%s;", name);

	list = curl_slist_append(list, line);
	if (!list)
		mem_out();
	free(line);
	return list;
}

static struct curl_slist *header_lines(const struct http_request *r)
{
	struct curl_slist *list = add_line(NULL, "Expect", NULL);

	if (!http_header_get(&r->headers, "content-type"))
		list = add_line(list, "Content-Type", NULL);
	for (size_t i = 0; i < r->headers.n; i++)
		if (strcasecmp(r->headers.list[i].name, "content-length"))
			list = add_line(list, r->headers.list[i].name, r->headers.list[i].value);
	return list;
}

static void set_method(CURL *easy, const struct http_request *r)
{
	if (!strcmp(r->method, "HEAD")) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	} else if (r->body.len || strcmp(r->method, "GET")) {
		if (r->body.len || (strcmp(r->method, "DELETE") && strcmp(r->method, "OPTIONS"))) {
			curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
					 (curl_off_t)r->body.len);
			curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
					 r->body.data ? r->body.data : "");
		}
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method);
	}
}

/* libcurl itself reads none of these; the curl command does. */
static void set_trust(const struct http *h, CURL *easy)
{
	const char *file = h->ca_file, *directory = getenv("SSL_CERT_DIR");

	if (!file || !*file)
		file = getenv("CURL_CA_BUNDLE");
	if (!file || !*file)
		file = getenv("SSL_CERT_FILE");
	if (file && *file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
	if (directory && *directory)
		curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
}

static void set_options(struct http *h, struct http_job *job)
{
	const struct http_request *r = job->r;
	CURL *easy = job->easy;
	bool plain = !strncasecmp(r->url, "http://", 7);
	long timeout = r->timeout_ms ? r->timeout_ms : h->timeout_ms;

	curl_easy_setopt(easy, CURLOPT_URL, r->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job->list);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "sluice/" SLUICE_VERSION);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, job);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->error);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout < 10000 ? timeout : 10000L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* Over TLS, wait for the handshake to say whether one connection does for all. Without it
	 * only the first answer would tell, and all others would wait for that. */
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, plain ? 0L : 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
	/* A name server that is silent must not hold up the end of the process. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	/* On a connection that died while idle curl sends again by itself: not what changes
	 * something.*/
	if (r->effect == HTTP_CHANGE)
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (plain)
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
	else
		set_trust(h, easy);
	set_method(easy, r);
}

static void start_multi(struct http *h)
{
	/* TLS is initialised by the first https connection, not before */
	if (curl_global_init(CURL_GLOBAL_NOTHING) || !(h->multi = curl_multi_init()))
		mem_out();
	curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)h->parallel);
}

/* Of the URL only the host is said: what is around it may be a secret. */
static bool fail_url(struct failure *f, int status, const char *code, const char *text,
		     const char *why)
{
	struct url url;

	if (!url_split(text, &url))
		return fail_set(f, status, code, "the URL: %s", why);
	return fail_set(f, status, code, "'%.*s': %s", (int)url.host.len, url.host.at, why);
}

static bool may_start(struct http_job *job)
{
	struct failure *f = &job->a.failure;

	if (strncasecmp(job->r->url, "https://", 8) && strncasecmp(job->r->url, "http://", 7))
		return fail_url(f, ST_DATA, "bad-url", job->r->url, "no http or https URL");
	if (!strncasecmp(job->r->url, "http://", 7) && !http_plain_allowed(job->r->url))
		return fail_url(f, ST_GUARD, "plain-http", job->r->url,
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
		http_trace_attempt(job->r, &job->a);
		settle(h, job);
		return false;
	}
	if (!h->multi)
		start_multi(h);
	job->easy = curl_easy_init();
	job->list = header_lines(job->r);
	job->error = mem_alloc(CURL_ERROR_SIZE);
	if (!job->easy)
		mem_out();
	set_options(h, job);
	job->a.attempts++;
	job->waiting = false;
	h->under_way++;
	if (curl_multi_add_handle(h->multi, job->easy))
		mem_out();
	return true;
}

static long long milliseconds(CURL *easy, CURLINFO what)
{
	curl_off_t microseconds = -1;

	curl_easy_getinfo(easy, what, &microseconds);
	return microseconds < 0 ? -1 : (microseconds + 500) / 1000;
}

static void note_timing(struct http_job *job)
{
	CURL *easy = job->easy;
	long long dns = milliseconds(easy, CURLINFO_NAMELOOKUP_TIME_T);
	long long connect = milliseconds(easy, CURLINFO_CONNECT_TIME_T);
	long long tls = milliseconds(easy, CURLINFO_APPCONNECT_TIME_T);
	long long send = milliseconds(easy, CURLINFO_PRETRANSFER_TIME_T);
	long long first = milliseconds(easy, CURLINFO_STARTTRANSFER_TIME_T);
	long long total = milliseconds(easy, CURLINFO_TOTAL_TIME_T);
	long long ready = tls > connect ? tls : connect;

	job->a.took_ms = total;
	job->a.timing_ms[0] = dns;
	job->a.timing_ms[1] = connect > dns ? ready - dns : 0;
	job->a.timing_ms[2] = tls > connect ? tls - connect : -1;
	job->a.timing_ms[3] = send > ready ? send - ready : 0;
	job->a.timing_ms[4] = first > send ? first - send : 0;
	job->a.timing_ms[5] = total > first && first ? total - first : 0;
}

static void leave_curl(struct http *h, struct http_job *job)
{
	curl_multi_remove_handle(h->multi, job->easy);
	curl_easy_cleanup(job->easy);
	curl_slist_free_all(job->list);
	free(job->error);
	job->easy = job->list = NULL;
	job->error = NULL;
	job->waiting = true;
	h->under_way--;
}

static void no_answer(struct http_job *job, CURLcode code)
{
	struct failure *f = &job->a.failure;
	const char *why = job->error && *job->error ? job->error : curl_easy_strerror(code);

	job->a.status = 0;
	if (code == CURLE_WRITE_ERROR && job->a.body.len > LONGEST_ANSWER - CURL_MAX_WRITE_SIZE * 2)
		fail_url(f, ST_BUG, "too-long", job->r->url, "the answer is longer than 1 GiB");
	else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		fail_set(f, ST_TEMP, "certificate", "%s", why);
	else if (code == CURLE_URL_MALFORMAT)
		fail_url(f, ST_DATA, "bad-url", job->r->url, why);
	else
		fail_set(f, ST_TEMP, "network", "%s", why);
}

static bool certain_failure(const struct http_job *job)
{
	const char *code = job->a.failure.code;

	return !job->a.status && code && strcmp(code, "network");
}

static long retry_after_ms(const struct http_answer *a)
{
	const char *text = http_header_get(&a->headers, "x-amz-retry-after");
	long long seconds, ms;
	time_t at;

	/* AWS's own says milliseconds, and lengthens a pause by 5 s at most. */
	if (text && cli_number(text, 0, LLONG_MAX, &ms))
		return ms > 25000 ? 25000 : (long)ms;
	text = http_header_get(&a->headers, "retry-after");
	if (!text)
		return -1;
	if (cli_number(text, 0, 1000000, &seconds))
		return (long)seconds * 1000;
	at = curl_getdate(text, NULL);
	return at < 0 ? -1 : at <= time(NULL) ? 0 : (long)(at - time(NULL)) * 1000;
}

static bool may_retry(const struct http *h, const struct http_job *job, enum http_verdict verdict)
{
	int most = job->r->attempts ? job->r->attempts : h->attempts;

	if (job->a.attempts >= most || certain_failure(job))
		return false;
	if (h->stopped_at && !h->despite_stop)
		return false;
	if (job->a.status)
		return verdict == HTTP_THROTTLED ||
		       (verdict == HTTP_FAULT && job->r->effect != HTTP_CHANGE);
	return job->r->effect != HTTP_CHANGE || !job->a.sent;
}

/* The wait before the next attempt; -1: it is not worth it. */
static int64_t retry_delay(const struct http_job *job, enum http_verdict verdict)
{
	double base = verdict == HTTP_THROTTLED && job->a.status ? 500 : 200;
	double delay = base * (double)(1 << (job->a.attempts > 7 ? 7 : job->a.attempts - 1));
	long asked = job->a.retry_after_ms;

	if (delay > 20000)
		delay = 20000;
	delay *= 0.5 + clk_jitter() / 2;
	if (asked > LONGEST_RETRY_AFTER_MS)
		return -1;
	if (asked > delay)
		delay = (double)asked;
	return delay > (double)clk_left() ? -1 : (int64_t)delay;
}

/* An attempt came to an end: once more, or settled. */
static void conclude(struct http *h, struct http_job *job)
{
	enum http_verdict (*judge)(const struct http_request *, const struct http_answer *) =
	    job->r->judge ? job->r->judge : http_judge;
	enum http_verdict verdict = HTTP_FAULT;
	int64_t delay;

	job->a.retry_after_ms = -1;
	if (job->a.status) {
		job->a.retry_after_ms = retry_after_ms(&job->a);
		verdict = judge(job->r, &job->a);
	}
	http_trace_attempt(job->r, &job->a);
	if (!may_retry(h, job, verdict) || (delay = retry_delay(job, verdict)) < 0) {
		settle(h, job);
		return;
	}
	if (delay >= 2000 && trace_mode() != TRACE_REPLAY)
		cli_note("%s; trying again in %lld s",
			 job->a.status ? "the service asks to slow down" : job->a.failure.message,
			 (long long)(delay + 500) / 1000);
	job->retry_at = trace_mode() == TRACE_REPLAY ? 0 : clk_monotonic() + delay;
	job->waiting = true;
}

static void finish_transfer(struct http *h, CURLMsg *message)
{
	struct http_job *job;
	CURLcode code = message->data.result;
	long status = 0, request_size = 0;

	curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&job);
	curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(message->easy_handle, CURLINFO_REQUEST_SIZE, &request_size);
	note_timing(job);
	job->a.sent = job->a.sent || request_size > 0;
	if (code == CURLE_OK && status)
		job->a.status = (int)status;
	else
		no_answer(job, code == CURLE_OK ? CURLE_GOT_NOTHING : code);
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
		long request_size = 0;

		curl_easy_getinfo(job->easy, CURLINFO_REQUEST_SIZE, &request_size);
		job->a.sent = job->a.sent || request_size > 0;
		leave_curl(h, job);
	}
	job->a.status = 0;
	if (interrupted)
		stop_failure(&job->a.failure);
	else
		fail_set(&job->a.failure, ST_TEMP, "deadline", "SLUICE_DEADLINE is over");
	http_trace_attempt(job->r, &job->a);
	settle(h, job);
}

static bool give_up(struct http *h)
{
	bool late = clk_left() <= 0, expired;

	if (stop_asked() && !h->stopped_at)
		h->stopped_at = clk_monotonic();
	if (!late && (!h->stopped_at || h->despite_stop))
		return false;
	expired = late || clk_monotonic() - h->stopped_at > GRACE_AFTER_STOP_MS;
	for (size_t i = 0; i < h->n; i++)
		if (h->jobs[i]->waiting || expired) {
			abandon(h, h->jobs[i], !late);
			return true;
		}
	return false;
}

static void replay(struct http *h)
{
	struct http_job *job = http_trace_next(h->jobs, h->n);

	if (!job) {
		job = h->jobs[0];
		job->a.status = 0;
		http_trace_missing(job->r, &job->a.failure);
		settle(h, job);
		return;
	}
	conclude(h, job);
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
