/* SPDX-License-Identifier: ISC
 * Sessions in a recording. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sha256-hex.h"
#include "ssh-private.h"
#include "trace.h"

static const char *const phases[] = {"started", "port", "banner", "host-key", "login", "command"};

static void hash(const struct ssh_session *s, char hex[65])
{
	struct buf b = {0};

	if (s->identity) {
		buf_str(&b, s->identity);
	} else {
		buf_str(&b, s->command);
		buf_char(&b, '\0');
		buf_add(&b, s->input.data, s->input.len);
	}
	sha256_hex(b.data ? b.data : "", b.len, hex);
	buf_free(&b);
}

/* Sets `member`, and says when it is base64. */
static void set_bytes(json_t *record, const char *member, const struct buf *bytes)
{
	const char *data = bytes->data ? bytes->data : "";
	json_t *text = memchr(data, 0, bytes->len) ? NULL : json_stringn(data, bytes->len);
	struct buf coded = {0};

	if (!text) {
		buf_base64(&coded, data, bytes->len);
		text = json_string(coded.data);
		json_object_set_new(record, "encoding", json_string("base64"));
		buf_free(&coded);
	}
	json_object_set_new(record, member, text);
}

void ssh_trace_record(const struct ssh_running *job)
{
	const struct ssh_session *s = job->s;
	const struct failure *f = &s->failure;
	json_t *record, *masked;
	char hex[65];

	if (trace_mode() != TRACE_RECORD)
		return;
	hash(s, hex);
	record = json_pack("{ss ss ss* ss* si ss ss sI sI}", "kind", "ssh-session", "name",
			   s->target.name, "user", s->target.user, "host", s->target.host, "port",
			   s->target.port, "command", hex, "phase", phases[s->phase], "began",
			   (json_int_t)s->began_ms, "took", (json_int_t)s->took_ms);
	if (!record)
		mem_out();
	set_bytes(record, "output", &job->kept);
	if (job->cut)
		json_object_set_new(record, "cut", json_true());
	if (json_array_size(job->told))
		json_object_set(record, "told", job->told);
	json_object_set_new(record, "status", f->status ? json_null() : json_integer(s->status));
	if (f->status)
		json_object_set_new(record, "error",
				    json_pack("{si ss* ss*}", "status", f->status, "code", f->code,
					      "message", f->message));
	masked = trace_masked(record);
	trace_exchange(masked);
	json_decref(masked);
	json_decref(record);
}

static enum ssh_phase phase_of(const char *name)
{
	for (size_t i = 0; name && i < sizeof phases / sizeof *phases; i++)
		if (!strcmp(name, phases[i]))
			return (enum ssh_phase)i;
	return SSH_STARTED;
}

static void play_phases(struct ssh_session *s, enum ssh_phase last)
{
	for (int phase = SSH_PORT; phase <= (int)last; phase++) {
		s->phase = (enum ssh_phase)phase;
		if (s->phased)
			s->phased(s);
	}
}

static void play_output(struct ssh_running *job, const json_t *record)
{
	const json_t *output = json_object_get(record, "output");
	struct ssh_session *s = job->s;
	struct buf bytes = {0};
	json_t *text;
	size_t i;

	json_array_foreach(json_object_get(record, "told"), i, text) {
		if (s->told && json_is_string(text))
			s->told(s, json_string_value(text));
	}
	if (!json_object_get(record, "encoding"))
		buf_add(&bytes, json_string_value(output), json_string_length(output));
	else
		buf_unbase64(&bytes, json_string_value(output), json_string_length(output));
	ssh_output(job, bytes.data, bytes.len, true);
	buf_free(&bytes);
}

static void play(struct ssh_running *job, const json_t *record)
{
	const json_t *error = json_object_get(record, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));
	struct ssh_session *s = job->s;

	play_phases(s, phase_of(json_string_value(json_object_get(record, "phase"))));
	play_output(job, record);
	s->status = (int)json_integer_value(json_object_get(record, "status"));
	s->began_ms = json_integer_value(json_object_get(record, "began"));
	s->took_ms = json_integer_value(json_object_get(record, "took"));
	if (error)
		fail_set(&s->failure, (int)json_integer_value(json_object_get(error, "status")),
			 code ? code : "network", "%s", message ? message : "it failed");
}

struct ssh_running *ssh_trace_replay(struct ssh_running *const *jobs, size_t n)
{
	json_t **keys = mem_grow(NULL, n, sizeof *keys);
	json_t *record;
	size_t which;

	for (size_t i = 0; i < n; i++) {
		json_auto_t *key = NULL;
		char hex[65];

		hash(jobs[i]->s, hex);
		key = json_pack("{ss ss ss}", "kind", "ssh-session", "name",
				jobs[i]->s->target.name, "command", hex);
		keys[i] = trace_masked(key);
	}
	record = trace_next_session(keys, n, &which);
	for (size_t i = 0; i < n; i++)
		json_decref(keys[i]);
	free(keys);
	if (!record)
		return NULL;
	play(jobs[which], record);
	json_decref(record);
	return jobs[which];
}
