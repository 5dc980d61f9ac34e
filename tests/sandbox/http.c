/* SPDX-License-Identifier: ISC
 * libmicrohttpd, driven from the main loop: no threads, so no locks. */
#include <arpa/inet.h>
#include <ctype.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

#include "mem.h"
#include "sandbox.h"
#include "world.h"

/* One exchange; it is parked while its answer is late, or never comes. */
struct exchange {
	struct request r;
	struct MHD_Connection *connection;
	bool begun, served, parked;
	int64_t due;
	int fd;
	struct exchange *next; /* in server.parked */
};

struct server {
	struct MHD_Daemon *daemon;
	struct exchange *parked;
};

static int64_t monotonic(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *x = mem_alloc(sizeof *x);
	const char *mark = strchr(uri, '?');

	(void)cls;
	x->connection = connection;
	x->r.path = mark ? mem_dup_n(uri, (size_t)(mark - uri)) : mem_dup(uri);
	x->r.query = mem_dup(mark ? mark + 1 : "");
	x->r.headers = json_object();
	x->r.answer_headers = json_object();
	return x;
}

static enum MHD_Result on_header(void *cls, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	json_t *headers = cls;
	char *lower = mem_dup(name);

	(void)kind;
	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	json_object_set_new(headers, lower, json_string(value ? value : ""));
	free(lower);
	return MHD_YES;
}

static void begin(struct exchange *x, const char *method)
{
	const union MHD_ConnectionInfo *info;
	struct sockaddr_in own;
	socklen_t len = sizeof own;

	x->begun = true;
	x->r.method = mem_dup(method);
	MHD_get_connection_values(x->connection, MHD_HEADER_KIND, on_header, x->r.headers);
	info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (info && info->client_addr->sa_family == AF_INET)
		x->r.peer_port = ntohs(((const struct sockaddr_in *)info->client_addr)->sin_port);
	info = MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	x->fd = info ? info->connect_fd : -1;
	if (!getsockname(x->fd, (struct sockaddr *)&own, &len))
		x->r.own_port = ntohs(own.sin_port);
}

static ssize_t half_body(void *cls, uint64_t at, char *out, size_t most)
{
	struct buf *body = cls;
	size_t half = body->len / 2, left;

	if (at >= half)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	left = half - (size_t)at;
	if (left > most)
		left = most;
	memcpy(out, body->data + at, left);
	return (ssize_t)left;
}

static void free_body(void *cls)
{
	buf_free(cls);
	free(cls);
}

static struct MHD_Response *response_of(struct request *r)
{
	struct buf *body;

	if (r->outcome != OUT_TRUNCATE || r->answer.len < 2)
		return MHD_create_response_from_buffer(r->answer.len,
						       r->answer.data ? r->answer.data : (char *)"",
						       MHD_RESPMEM_MUST_COPY);
	body = mem_alloc(sizeof *body);
	buf_add(body, r->answer.data, r->answer.len);
	return MHD_create_response_from_callback(body->len, 4096, half_body, body, free_body);
}

/* Disconnecting sends the reset at once; closing alone would say goodbye first. */
static enum MHD_Result reset(struct exchange *x)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	connect(x->fd, &nobody, sizeof nobody);
	return MHD_NO;
}

/* By the clock that signatures are checked by. */
static void put_date(struct MHD_Response *response)
{
	time_t seconds = (time_t)(world_wall() / 1000);
	struct tm tm;
	char text[64];

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	MHD_add_response_header(response, "Date", text);
}

static enum MHD_Result send_answer(struct exchange *x)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	const char *name;
	json_t *value;

	if (x->r.outcome == OUT_RESET || x->r.outcome == OUT_STALL)
		return reset(x);
	response = response_of(&x->r);
	if (!json_object_get(x->r.answer_headers, "Date"))
		put_date(response);
	json_object_foreach(x->r.answer_headers, name, value)
		MHD_add_response_header(response, name, json_string_value(value));
	result = MHD_queue_response(x->connection, (unsigned)x->r.status, response);
	MHD_destroy_response(response);
	return result;
}

static void park(struct server *s, struct exchange *x)
{
	x->parked = true;
	x->due = x->r.outcome == OUT_STALL ? INT64_MAX : monotonic() + x->r.delay_ms;
	x->next = s->parked;
	s->parked = x;
	MHD_suspend_connection(x->connection);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **context)
{
	struct exchange *x = *context;

	(void)connection, (void)url, (void)version;
	if (!x->begun) {
		begin(x, method);
		return MHD_YES;
	}
	if (*upload_size) {
		buf_add(&x->r.body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (!x->served) {
		x->served = true;
		serve(&x->r);
		if (x->r.outcome == OUT_STALL || x->r.delay_ms > 0) {
			park(cls, x);
			return MHD_YES;
		}
	}
	return send_answer(x);
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *context;

	(void)cls, (void)connection, (void)why;
	if (!x)
		return;
	free(x->r.method);
	free(x->r.path);
	free(x->r.query);
	free(x->r.service_name);
	free(x->r.action);
	free(x->r.region);
	free(x->r.account);
	free(x->r.access_key);
	json_decref(x->r.headers);
	json_decref(x->r.params);
	json_decref(x->r.entry);
	json_decref(x->r.answer_headers);
	buf_free(&x->r.body);
	buf_free(&x->r.answer);
	free(x);
	*context = NULL;
}

struct server *server_start(void)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct server *s = mem_alloc(sizeof *s);

	s->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
	    MHD_OPTION_SOCK_ADDR, &own, MHD_OPTION_URI_LOG_CALLBACK, on_uri, NULL,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)256 * 1024, MHD_OPTION_LISTEN_BACKLOG_SIZE, 511u, MHD_OPTION_END);
	if (s->daemon)
		return s;
	free(s);
	return NULL;
}

int server_port(const struct server *s)
{
	return MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

int server_fd(const struct server *s)
{
	return MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

int server_timeout(const struct server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;
	int64_t now = monotonic(), least = 1000;

	if (MHD_get_timeout(s->daemon, &ms) == MHD_YES && (int64_t)ms < least)
		least = (int64_t)ms;
	for (const struct exchange *x = s->parked; x; x = x->next)
		if (x->due - now < least)
			least = x->due > now ? x->due - now : 0;
	return (int)least;
}

static bool given_up(const struct exchange *x)
{
	char byte;
	ssize_t len = recv(x->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return len == 0;
}

static void wake(struct server *s, bool all)
{
	int64_t now = monotonic();

	for (struct exchange **at = &s->parked; *at;) {
		struct exchange *x = *at;

		if (!all && x->due > now && !given_up(x)) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		x->parked = false;
		MHD_resume_connection(x->connection);
	}
}

void server_run(struct server *s)
{
	wake(s, false);
	MHD_run(s->daemon);
}

void server_stop(struct server *s)
{
	wake(s, true);
	MHD_run(s->daemon);
	MHD_stop_daemon(s->daemon);
	free(s);
}
