/* SPDX-License-Identifier: ISC
 * One transfer: what curl is told, and what it tells. */
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http-private.h"
#include "mem.h"
#include "status.h"
#include "url.h"

#define LONGEST_ANSWER ((size_t)1 << 30)

bool http_fail_url(struct failure *f, int status, const char *code, const char *text,
		   const char *why)
{
	struct url url;

	if (!url_split(text, &url))
		return fail_set(f, status, code, "the URL: %s", why);
	return fail_set(f, status, code, "'%.*s': %s", (int)url.host.len, url.host.at, why);
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
static void set_trust(CURL *easy, const char *ca_file)
{
	const char *file = ca_file, *directory = getenv("SSL_CERT_DIR");

	if (!file || !*file)
		file = getenv("CURL_CA_BUNDLE");
	if (!file || !*file)
		file = getenv("SSL_CERT_FILE");
	if (file && *file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, file);
	if (directory && *directory)
		curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
}

static void set_options(struct http_job *job, long timeout, const char *ca_file)
{
	const struct http_request *r = job->r;
	CURL *easy = job->easy;
	bool plain = !strncasecmp(r->url, "http://", 7);

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
		set_trust(easy, ca_file);
	set_method(easy, r);
}

void http_easy_start(struct http_job *job, long timeout_ms, const char *ca_file)
{
	job->easy = curl_easy_init();
	job->list = header_lines(job->r);
	job->error = mem_alloc(CURL_ERROR_SIZE);
	if (!job->easy)
		mem_out();
	set_options(job, timeout_ms, ca_file);
}

void http_easy_free(struct http_job *job)
{
	curl_easy_cleanup(job->easy);
	curl_slist_free_all(job->list);
	free(job->error);
	job->easy = job->list = NULL;
	job->error = NULL;
}

void http_easy_sent(struct http_job *job)
{
	long size = 0;

	curl_easy_getinfo(job->easy, CURLINFO_REQUEST_SIZE, &size);
	job->a.sent = job->a.sent || size > 0;
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

static void no_answer(struct http_job *job, CURLcode code)
{
	struct failure *f = &job->a.failure;
	const char *why = job->error && *job->error ? job->error : curl_easy_strerror(code);

	job->a.status = 0;
	if (code == CURLE_WRITE_ERROR && job->a.body.len > LONGEST_ANSWER - CURL_MAX_WRITE_SIZE * 2)
		http_fail_url(f, ST_BUG, "too-long", job->r->url,
			      "the answer is longer than 1 GiB");
	else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		fail_set(f, ST_TEMP, "certificate", "%s", why);
	else if (code == CURLE_URL_MALFORMAT)
		http_fail_url(f, ST_DATA, "bad-url", job->r->url, why);
	else
		fail_set(f, ST_TEMP, "network", "%s", why);
}

void http_easy_result(struct http_job *job, int code)
{
	long status = 0, error = 0;

	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(job->easy, CURLINFO_OS_ERRNO, &error);
	job->refused = code == CURLE_COULDNT_CONNECT && error == ECONNREFUSED;
	note_timing(job);
	http_easy_sent(job);
	if (code == CURLE_OK && status)
		job->a.status = (int)status;
	else
		no_answer(job, code == CURLE_OK ? CURLE_GOT_NOTHING : (CURLcode)code);
}
