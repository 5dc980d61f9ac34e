/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "mem.h"
#include "trace.h"

/* Recorded values live as long as the process: callers keep pointers to them. */
static json_t *seen;

static const char *look(const char *name, bool secret)
{
	const char *value = getenv(name);
	json_t *known;

	if (value && !*value)
		value = NULL;
	if (secret && value)
		trace_secret(value);
	if (trace_mode() == TRACE_OFF)
		return value;
	if (!seen)
		seen = json_object();
	known = json_object_get(seen, name);
	if (!known) {
		char *note = mem_fmt("env:%s", name);

		known =
		    trace_note(note, !value ? json_null() : json_string(secret ? "***" : value));
		json_object_set_new(seen, name, known);
		free(note);
	}
	if (trace_mode() == TRACE_RECORD)
		return value;
	return json_string_value(known);
}

const char *env_get(const char *name)
{
	return look(name, false);
}

const char *env_secret(const char *name)
{
	return look(name, true);
}

char *env_run_form(const char *text)
{
	size_t len = strlen(text);
	uint32_t hash = 2166136261u;
	char *form = mem_dup(text);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		hash = (hash ^ c) * 16777619u;
		form[i] = (char)(c < 128 && (isalnum(c) || c == '_') ? tolower(c) : '-');
	}
	if (len > 63) {
		char *cut = mem_fmt("%.54s-%08x", form, hash);

		free(form);
		form = cut;
	}
	return form;
}

static char *find_run(void)
{
	static const char *const names[] = {"BUILD_TAG", "GITHUB_RUN_ID", "CI_PIPELINE_ID"};
	const char *text = env_get("SLUICE_RUN"), *pipeline = env_get("GO_PIPELINE_NAME");
	char host[256] = "host";
	struct passwd *user;

	if (text)
		return mem_dup(text);
	if (pipeline) {
		const char *counter = env_get("GO_PIPELINE_COUNTER"), *job = env_get("GO_JOB_NAME");

		return mem_fmt("%s-%s-%s", pipeline, counter ? counter : "0", job ? job : "job");
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if ((text = env_get(names[i])))
			return mem_dup(text);
	user = getpwuid(geteuid());
	gethostname(host, sizeof(host) - 1);
	return mem_fmt("%s-%s", user ? user->pw_name : "user", host);
}

const char *env_run(void)
{
	static char *run;

	if (!run) {
		char *text = find_run();
		json_t *noted;

		run = env_run_form(text);
		free(text);
		noted = trace_note("run", json_string(run));
		if (json_is_string(noted) && strcmp(json_string_value(noted), run)) {
			free(run);
			run = mem_dup(json_string_value(noted));
		}
		json_decref(noted);
	}
	return run;
}
