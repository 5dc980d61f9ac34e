/* SPDX-License-Identifier: ISC
 * ssh's own log (LogLevel DEBUG1): how far it came, and why not farther. */
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "ssh-private.h"
#include "status.h"

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

static bool ends_in(const char *line, const char *with)
{
	size_t n = strlen(line), m = strlen(with);

	return n >= m && !strcmp(line + n - m, with);
}

static void keep(char **place, const char *text)
{
	free(*place);
	*place = mem_dup(text);
}

static void debug_line(struct ssh_log *log, const char *line)
{
	static const struct {
		const char *begin, *end;
		enum ssh_phase phase;
	} marks[] = {
	    {"Connection established", "", SSH_PORT},
	    {"Remote protocol version ", "", SSH_BANNER},
	    {"Host '", " host key.", SSH_HOST_KEY},
	    {"Host '", " host certificate.", SSH_HOST_KEY},
	    {"Authentication succeeded", "", SSH_LOGIN},
	    {"Sending command: ", "", SSH_COMMAND},
	};

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (marks[i].phase > log->phase && begins(line, marks[i].begin) &&
		    ends_in(line, marks[i].end))
			log->phase = marks[i].phase;
	if (begins(line, "Server host key: "))
		keep(&log->finger, line + strlen("Server host key: "));
	if (strstr(line, " rtype exit-status "))
		log->exited = true;
}

/* What an old option is told with does not end ssh. */
static bool is_misconfigured(const char *line)
{
	return strstr(line, "Bad configuration option") ||
	       strstr(line, "Bad owner or permissions") || strstr(line, "terminating, ") ||
	       begins(line, "Can't open user config file ") ||
	       (begins(line, "command-line") && !strstr(line, "Deprecated option") &&
		!strstr(line, "Unsupported option"));
}

static void plain_line(struct ssh_log *log, const char *line)
{
	const char *offer = strstr(line, "Their offer: ");

	if (!*line || *line == '@')
		return;
	if (begins(line, "Authenticated to ")) {
		if (log->phase < SSH_LOGIN)
			log->phase = SSH_LOGIN;
		return;
	}
	if (begins(line, "Load key ") || begins(line, "no such identity: ") ||
	    begins(line, "Warning: Identity file ") || begins(line, "identity file ") ||
	    strstr(line, "UNPROTECTED PRIVATE KEY FILE"))
		keep(&log->hint, line);
	if (begins(line, "Host key verification failed") ||
	    strstr(line, "no matching host key type found"))
		log->host_key_wrong = true;
	else if (begins(line, "Unable to negotiate"))
		log->negotiation = true;
	if (log->host_key_wrong && offer)
		keep(&log->offer, offer + strlen("Their offer: "));
	if (strstr(line, "Permission denied (") || strstr(line, "Too many authentication failures"))
		log->denied = true;
	if (is_misconfigured(line))
		log->misconfigured = true;
	if (strstr(line, ": terminating, ") && log->reason)
		return;
	if (!begins(line, "Connection closed by ") && !begins(line, "Disconnected from "))
		keep(&log->reason, line);
	else if (!log->reason)
		log->reason = mem_dup(line);
}

bool ssh_log_line(struct ssh_log *log, const char *line)
{
	enum ssh_phase before = log->phase;

	if (begins(line, "debug1: "))
		debug_line(log, line + strlen("debug1: "));
	else
		plain_line(log, line);
	return log->phase != before;
}

/* "ssh: connect to host 127.0.0.1 port 22: Connection refused": the last part. */
static const char *last_part(const char *text)
{
	const char *colon = text ? strstr(text, ": ") : NULL;

	while (colon) {
		text = colon + 2;
		colon = strstr(text, ": ");
	}
	return text;
}

static void host_key_failure(const struct ssh_log *log, const struct ssh_target *t,
			     struct failure *f)
{
	const char *shown = log->finger ? log->finger : log->offer ? log->offer : "an unknown one";

	if (t->n_host_keys)
		fail_set(f, ST_NOPERM, "host-key",
			 "'%s' at %s is not the machine that it should be, nothing was sent: its "
			 "host key is %s, which is none of the %zu known ones",
			 t->name, t->host, shown, t->n_host_keys);
	else
		fail_set(f, ST_NOPERM, "host-key",
			 "cannot tell whether '%s' at %s is the right machine, nothing was sent: "
			 "its host key %s is not in known_hosts, and its record has no "
			 "ssh.host_keys",
			 t->name, t->host, shown);
}

static void login_failure(const struct ssh_log *log, const struct ssh_target *t, struct failure *f)
{
	fail_set(f, ST_NOPERM, "denied", "cannot log in to '%s'%s%s%s: %s%s%s%s", t->name,
		 t->user ? " as '" : "", t->user ? t->user : "", t->user ? "'" : "",
		 log->reason ? last_part(log->reason) : "permission denied", log->hint ? " (" : "",
		 log->hint ? log->hint : "", log->hint ? ")" : "");
}

void ssh_log_failure(const struct ssh_log *log, const struct ssh_target *t, const char *last,
		     struct failure *f)
{
	const char *reason = log->reason ? last_part(log->reason) : NULL;
	const char *place = log->phase == SSH_STARTED ? "reach"
			    : log->phase == SSH_PORT  ? "get an answer of"
						      : "log in to";

	if (!reason || !*reason)
		reason = last && *last ? last : "ssh does not say why";
	if (log->host_key_wrong)
		host_key_failure(log, t, f);
	else if (log->denied && log->phase < SSH_LOGIN)
		login_failure(log, t, f);
	else if (log->phase >= SSH_LOGIN)
		fail_set(f, ST_TEMP, "connection-lost", "lost the connection to '%s': %s", t->name,
			 reason);
	else if (log->negotiation)
		fail_set(f, ST_REFUSED, "negotiation", "cannot talk to '%s' at %s: %s", t->name,
			 t->host, log->reason);
	else if (log->misconfigured || (!log->reason && log->phase == SSH_STARTED))
		fail_set(f, ST_CONFIG, "ssh", "cannot run ssh for '%s': %s", t->name,
			 last && *last ? last
			 : log->reason ? log->reason
				       : reason);
	else
		fail_set(f, ST_TEMP, "network", "cannot %s '%s' at %s: %s%s%s%s", place, t->name,
			 t->host, reason, last && *last && log->reason ? " (" : "",
			 last && *last && log->reason ? last : "",
			 last && *last && log->reason ? ")" : "");
}

void ssh_log_free(struct ssh_log *log)
{
	free(log->finger);
	free(log->offer);
	free(log->reason);
	free(log->hint);
	*log = (struct ssh_log){0};
}
