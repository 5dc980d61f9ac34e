/* SPDX-License-Identifier: ISC
 * What comes out of a session, line by line. */
#include <string.h>

#include "mem.h"
#include "ssh-private.h"
#include "trace.h"

/* Keeps the last `most` bytes; lets it grow to twice as much between two moves. */
static bool keep_end(struct buf *b, size_t most, bool now)
{
	size_t extra = b->len > most ? b->len - most : 0;

	if (!extra || (!now && b->len < 2 * most))
		return false;
	memmove(b->data, b->data + extra, b->len - extra + 1);
	b->len -= extra;
	return true;
}

static void tell(struct ssh_running *job, const char *text)
{
	struct ssh_session *s = job->s;

	if (job->told)
		json_array_append_new(job->told, json_string(text));
	if (s->told)
		s->told(s, text);
}

/* Its last place in the line; other text of ours has it, too, but no space behind it. */
static char *find_mark(const struct ssh_session *s, const struct buf *line)
{
	size_t len = s->mark ? strlen(s->mark) : 0;
	char *last = NULL, *next = line->data;

	while (len && next &&
	       (next = memmem(next, line->len - (size_t)(next - line->data), s->mark, len))) {
		last = next;
		next += len;
	}
	return last && last[len] == ' ' ? last : NULL;
}

static void deliver(struct ssh_running *job, struct buf *line)
{
	struct ssh_session *s = job->s;
	char *mark;

	if (line->len && line->data[line->len - 1] == '\r')
		line->data[--line->len] = '\0';
	mark = find_mark(s, line);
	if (mark) {
		tell(job, mark + strlen(s->mark));
		line->len = (size_t)(mark - line->data);
		if (!line->len)
			return;
	}
	trace_mask(line);
	if (trace_mode() == TRACE_RECORD) {
		buf_add(&job->kept, line->data, line->len);
		buf_char(&job->kept, '\n');
		job->cut |= keep_end(&job->kept, SSH_KEPT, false);
	}
	buf_add(&s->tail, line->data, line->len);
	buf_char(&s->tail, '\n');
	keep_end(&s->tail, SSH_TAIL, false);
	if (s->line)
		s->line(s, line->data ? line->data : "", line->len);
}

void ssh_output(struct ssh_running *job, const char *data, size_t len, bool end)
{
	struct buf *line = &job->line;

	while (len) {
		const char *newline = memchr(data, '\n', len);
		size_t n = newline ? (size_t)(newline - data) : len;

		if (n > SSH_LINE_MAX - line->len) {
			n = SSH_LINE_MAX - line->len;
			newline = NULL;
		}
		buf_add(line, data, n);
		data += n;
		len -= n;
		if (newline) {
			data++;
			len--;
		}
		if (newline || line->len == SSH_LINE_MAX) {
			deliver(job, line);
			buf_clear(line);
		}
	}
	if (!end)
		return;
	if (line->len)
		deliver(job, line);
	buf_free(line);
	keep_end(&job->s->tail, SSH_TAIL, true);
	job->cut |= keep_end(&job->kept, SSH_KEPT, true);
}

void ssh_output_log(struct ssh_running *job, const char *data, size_t len)
{
	for (; len; data++, len--) {
		if (*data == '\r')
			continue;
		if (*data != '\n') {
			if (job->log_line.len < SSH_LINE_MAX)
				buf_char(&job->log_line, *data);
			continue;
		}
		if (job->log_line.len && ssh_log_line(&job->log, job->log_line.data)) {
			job->s->phase = job->log.phase;
			if (job->s->phased)
				job->s->phased(job->s);
		}
		buf_clear(&job->log_line);
	}
}
