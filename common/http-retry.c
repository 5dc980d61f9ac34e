/* SPDX-License-Identifier: ISC
 * Whether a request is sent again, and when: sluice(7), RELIABILITY. */
#include <curl/curl.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "clock.h"
#include "http-private.h"

#define LONGEST_RETRY_AFTER_MS 120000

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

static bool may_retry(const struct http_job *job, enum http_verdict verdict)
{
	if (certain_failure(job))
		return false;
	if (job->a.status)
		return verdict == HTTP_THROTTLED ||
		       (verdict == HTTP_FAULT && job->r->effect != HTTP_CHANGE);
	return job->r->effect != HTTP_CHANGE || !job->a.sent;
}

static int64_t delay_of(const struct http_job *job, enum http_verdict verdict)
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

int64_t http_retry_delay(struct http_job *job)
{
	enum http_verdict (*judge)(const struct http_request *, const struct http_answer *) =
	    job->r->judge ? job->r->judge : http_judge;
	enum http_verdict verdict = HTTP_FAULT;

	job->a.retry_after_ms = -1;
	if (job->a.status) {
		job->a.retry_after_ms = retry_after_ms(&job->a);
		verdict = judge(job->r, &job->a);
	}
	return may_retry(job, verdict) ? delay_of(job, verdict) : -1;
}
