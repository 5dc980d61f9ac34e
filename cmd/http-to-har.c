/* SPDX-License-Identifier: ISC
 * Reads http-response records, as http-send writes them or a trace keeps them, and writes one HAR
 * 1.2 document: what a browser's developer tools open as a waterfall. A trace's processes become
 * its pages. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cli.h"
#include "mem.h"
#include "rec.h"

static const struct cli cli = {
    .usage = "http-to-har [-q] [-f file] [file ...]",
    .help = "Writes one HAR 1.2 document of http-response records and trace files.\n"
	    "  -f, --file FILE  read FILE, as an operand does; may be repeated\n",
};

struct har {
	json_t *pages, *entries;
	const char *page; /* id of the process that the next exchanges are of; NULL: none */
};

static void put(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		mem_out();
}

static const char *text_or(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

/* A member as it is, or what HAR wants where nothing is known. */
static void put_or(json_t *to, const json_t *from, const char *key, json_t *otherwise)
{
	json_t *value = json_object_get(from, key);

	if (value && !json_is_null(value) && json_typeof(value) == json_typeof(otherwise)) {
		put(to, key, json_incref(value));
		json_decref(otherwise);
	} else {
		put(to, key, otherwise);
	}
}

static json_t *decoded(const char *text, size_t len)
{
	struct buf plain = {0};
	json_t *json;

	buf_unpercent(&plain, text, len, 1);
	json = json_stringn(plain.data ? plain.data : "", plain.len);
	buf_free(&plain);
	return json ? json : json_stringn(text, len);
}

static json_t *query_of(const char *url)
{
	const char *at = strchr(url, '?');
	json_t *list = json_array();

	while (at && *at && *at != '#') {
		size_t len = strcspn(++at, "&#"), name = strcspn(at, "=&#");
		json_t *pair = json_object();

		put(pair, "name", decoded(at, name));
		put(pair, "value", decoded(at + name + (name < len), len - name - (name < len)));
		if (len)
			json_array_append(list, pair);
		json_decref(pair);
		at += len;
	}
	return list;
}

static size_t text_size(const json_t *content)
{
	return json_string_length(json_object_get(content, "text"));
}

static json_t *request_of(const json_t *request)
{
	const json_t *post = json_object_get(request, "postData");
	json_t *json = json_object();

	put_or(json, request, "method", json_string("GET"));
	put_or(json, request, "url", json_string(""));
	put_or(json, request, "httpVersion", json_string("HTTP/1.1"));
	put_or(json, request, "cookies", json_array());
	put_or(json, request, "headers", json_array());
	put_or(json, request, "queryString", query_of(text_or(request, "url", "")));
	if (json_is_object(post)) {
		json_t *copy = json_object();

		put_or(copy, post, "mimeType", json_string(""));
		put_or(copy, post, "text", json_string(""));
		if (json_object_get(post, "encoding"))
			put(copy, "encoding", json_incref(json_object_get(post, "encoding")));
		put(json, "postData", copy);
	}
	put(json, "headersSize", json_integer(-1));
	put(json, "bodySize", json_integer((json_int_t)text_size(post)));
	return json;
}

static const char *header_of(const json_t *headers, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(headers, i, entry) {
		if (!strcasecmp(text_or(entry, "name", ""), name))
			return text_or(entry, "value", "");
	}
	return "";
}

static json_t *response_of(const json_t *record)
{
	const json_t *content = json_object_get(record, "content");
	const json_t *error = json_object_get(record, "_error");
	json_t *json = json_object(), *copy = json_object();

	put_or(copy, content, "size", json_integer((json_int_t)text_size(content)));
	put_or(copy, content, "mimeType", json_string(""));
	put_or(copy, content, "text", json_string(""));
	if (json_object_get(content, "encoding"))
		put(copy, "encoding", json_incref(json_object_get(content, "encoding")));
	put_or(json, record, "status", json_integer(0));
	put_or(json, record, "statusText", json_string(""));
	put_or(json, record, "httpVersion", json_string("HTTP/1.1"));
	put_or(json, record, "cookies", json_array());
	put_or(json, record, "headers", json_array());
	put(json, "content", copy);
	put(json, "redirectURL",
	    json_string(header_of(json_object_get(record, "headers"), "location")));
	put(json, "headersSize", json_integer(-1));
	put(json, "bodySize", json_incref(json_object_get(copy, "size")));
	if (error) /* as Chromium says why there is none */
		put(json, "_error", json_string(text_or(error, "message", "no answer")));
	return json;
}

static json_t *timings_of(const json_t *record)
{
	static const char *const names[] = {"blocked", "dns",  "connect", "ssl",
					    "send",    "wait", "receive"};
	const json_t *timings = json_object_get(record, "timings");
	json_t *json = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const json_t *value = json_object_get(timings, names[i]);

		/* the last three may not be "unknown" */
		if (!json_is_number(value) || (i >= 4 && json_number_value(value) < 0))
			put(json, names[i], json_integer(i >= 4 ? 0 : -1));
		else
			put(json, names[i], json_deep_copy(value));
	}
	return json;
}

static void add_exchange(struct har *har, const json_t *record)
{
	json_t *entry = json_object();

	if (har->page)
		put(entry, "pageref", json_string(har->page));
	put_or(entry, record, "startedDateTime", json_string("1970-01-01T00:00:00.000Z"));
	put_or(entry, record, "time", json_integer(0));
	put(entry, "request", request_of(json_object_get(record, "request")));
	put(entry, "response", response_of(record));
	put(entry, "cache", json_object());
	put(entry, "timings", timings_of(record));
	if (json_array_append_new(har->entries, entry))
		mem_out();
}

/* The process that a trace file is of: the first `run` record of each has argv. */
static void add_process(struct har *har, const json_t *record)
{
	const json_t *argv = json_object_get(record, "argv"), *word;
	json_t *page = json_object();
	struct buf title = {0};
	char *id;
	size_t i;

	buf_str(&title, text_or(record, "filter", "?"));
	json_array_foreach(argv, i, word) {
		buf_char(&title, ' ');
		buf_str(&title, json_is_string(word) ? json_string_value(word) : "?");
	}
	id = mem_fmt("page_%zu", json_array_size(har->pages) + 1);
	put(page, "startedDateTime",
	    json_string(text_or(record, "started", "1970-01-01T00:00:00.000Z")));
	put(page, "id", json_string(id));
	put(page, "title", json_string(title.data));
	put(page, "pageTimings", json_object());
	har->page = json_string_value(json_object_get(page, "id"));
	json_array_append_new(har->pages, page);
	buf_free(&title);
	free(id);
}

struct place {
	json_t *entry;
	size_t index;
};

static int by_start(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = strcmp(text_or(x->entry, "startedDateTime", ""),
			   text_or(y->entry, "startedDateTime", ""));

	return order ? order : x->index < y->index ? -1 : 1;
}

/* Oldest first, as HAR wants it. */
static json_t *sorted(json_t *entries)
{
	size_t n = json_array_size(entries);
	struct place *list = mem_alloc((n + 1) * sizeof(*list));
	json_t *result = json_array();

	for (size_t i = 0; i < n; i++)
		list[i] = (struct place){json_array_get(entries, i), i};
	qsort(list, n, sizeof(*list), by_start);
	for (size_t i = 0; i < n; i++)
		json_array_append(result, list[i].entry);
	free(list);
	json_decref(entries);
	return result;
}

static json_t *document(struct har *har)
{
	json_t *json = json_pack("{s{ss s{ss ss} so so}}", "log", "version", "1.2", "creator",
				 "name", "sluice", "version", SLUICE_VERSION, "pages", har->pages,
				 "entries", sorted(har->entries));

	if (!json)
		mem_out();
	return json;
}

/* The files' names, NULL after the last one. */
static const char **read_options(int argc, char **argv)
{
	static const struct option table[] = {
	    {"file", required_argument, NULL, 'f'}, CLI_LONG, {0}};
	const char **files = mem_alloc((size_t)(argc + 1) * sizeof(*files));
	size_t n = 0;
	int option;

	while ((option = getopt_long(argc, argv, CLI_SHORT "f:", table, NULL)) != -1) {
		if (option == 'f')
			files[n++] = optarg;
		else
			cli_option(option);
	}
	while (optind < argc)
		files[n++] = argv[optind++];
	return files;
}

static void take(struct har *har, struct rec_io *io, const struct rec *r)
{
	bool exchange = r->kind && !strcmp(r->kind, "http-response");

	if (exchange)
		add_exchange(har, r->json);
	else if (r->kind && !strcmp(r->kind, "run") && json_object_get(r->json, "argv"))
		add_process(har, r->json);
	if (exchange)
		rec_status(io, rec_error(r));
	else if (rec_error(r))
		rec_account(io, r);
}

int main(int argc, char **argv)
{
	struct har har = {json_array(), json_array(), NULL};
	const char **files;
	struct rec_io *io;
	struct rec *r;

	cli_start(argc, argv, &cli);
	files = read_options(argc, argv);

	io = rec_start("http-to-har");
	for (const char **file = files; *file; file++)
		rec_open(io, *file);
	if (!*files)
		rec_open(io, NULL);
	free(files);

	while ((r = rec_read(io))) {
		take(&har, io, r);
		rec_free(r);
	}

	rec_document(io, document(&har));
	return rec_finish(io);
}
