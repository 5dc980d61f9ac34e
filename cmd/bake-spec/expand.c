/* SPDX-License-Identifier: ISC
 * ${VARIABLE}, <%= ENV['VARIABLE'] %> and {region} in the text of a scalar. This happens after the
 * file was parsed, and what a variable holds is not looked at again: a value is never structure. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "env.h"
#include "mem.h"
#include "spec.h"

struct expansion {
	struct maker *m;
	const struct spec_file *file;
	const json_t *scalar;
	struct buf *out;
	bool good;
};

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && !strcmp(text + len - end_len, end);
}

/* By its name: what it holds must not be written down. The name of a file may. */
static bool is_secret(const char *name)
{
	static const char *const words[] = {"ACCESS_KEY", "API_KEY",    "APIKEY",
					    "CREDENTIAL", "PASSPHRASE", "PASSWD",
					    "PASSWORD",   "SECRET",     "TOKEN"};
	static const char *const ends[] = {"_DIR", "_FILE", "_FILENAME", "_NAME", "_PATH"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (ends_in(name, ends[i]))
			return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

const char *variable(const char *name)
{
	/* the seed's manual has one name, its configuration the other */
	static const char *const same[] = {"RACKSPACE_KEY_FILENAME",
					   "RACKSPACE_PRIVATE_KEY_FILENAME"};
	const char *value = env_get(name);

	for (int i = 0; !value && i < 2; i++)
		if (!strcmp(name, same[i]))
			value = env_get(same[!i]);
	return value;
}

static void refuse(struct expansion *e, const char *what, size_t len, const char *because)
{
	fault(e->m->config, e->file, e->scalar, "cannot use '%.*s': %s", (int)len, what, because);
	e->good = false;
}

/* Adds the variable's value, or `otherwise` when it is not set and that is not NULL. */
static void add_variable(struct expansion *e, const char *name, const char *otherwise)
{
	const char *value;

	if (is_secret(name)) {
		refuse(e, name, strlen(name),
		       "it looks like a secret, which a record must not hold; name it in "
		       "'environment', and the scripts get it");
		return;
	}
	value = variable(name);
	if (!value && !otherwise) {
		fault_missing(e->m->config, name);
		e->good = false;
		return;
	}
	if (value && strstr(value, "PRIVATE KEY-----"))
		refuse(e, name, strlen(name), "it holds a private key; give the name of its file");
	else
		buf_str(e->out, value ? value : otherwise);
}

static size_t name_len(const char *text)
{
	size_t len = 0;

	if (isdigit((unsigned char)*text))
		return 0;
	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

/* ${NAME} and ${NAME:-OTHERWISE}; returns what it took of the text. */
static size_t dollar(struct expansion *e, const char *at)
{
	const char *close = strchr(at, '}');
	size_t len = name_len(at + 2), all = close ? (size_t)(close - at) + 1 : strlen(at);
	char *name = mem_dup_n(at + 2, len), *otherwise = NULL;

	if (close && len && !strncmp(at + 2 + len, ":-", 2))
		otherwise = mem_dup_n(at + len + 4, (size_t)(close - at) - len - 4);
	if (close && len && (otherwise || at[2 + len] == '}'))
		add_variable(e, name, otherwise);
	else
		refuse(e, at, all, "variables are ${NAME} and ${NAME:-OTHERWISE}, and $$ is a '$'");
	free(name);
	free(otherwise);
	return all;
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* The variable in ENV['NAME'] or ENV.fetch('NAME'), which all of the tag must be. */
static char *erb_name(const char *at, const char *close)
{
	const char *name;
	size_t len;
	char end, quote;

	at = skip_space(at);
	if (strncmp(at, "ENV", 3))
		return NULL;
	at += 3;
	end = *at == '[' ? ']' : ')';
	if (*at == '[')
		at++;
	else if (!strncmp(at, ".fetch(", 7))
		at += 7;
	else
		return NULL;
	at = skip_space(at);
	quote = *at++;
	len = name_len(name = at);
	at += len;
	if ((quote != '\'' && quote != '"') || !len || *at++ != quote)
		return NULL;
	at = skip_space(at);
	if (*at++ != end)
		return NULL;
	at = skip_space(at);
	if (*at == '-')
		at++;
	return at == close ? mem_dup_n(name, len) : NULL;
}

static size_t erb(struct expansion *e, const char *at)
{
	const char *close = strstr(at, "%>");
	size_t all = close ? (size_t)(close - at) + 2 : strlen(at);
	char *name = close && at[2] == '=' ? erb_name(at + 3, close) : NULL;

	if (name)
		add_variable(e, name, NULL);
	else
		refuse(e, at, all, "of ERB only <%= ENV['NAME'] %> is understood");
	free(name);
	return all;
}

/* {region} and the like; 0: it is none, and stands for itself. */
static size_t brace(struct expansion *e, const char *at)
{
	const struct choice *choice = e->m->choice;
	char stamp[16];
	const char *const values[][2] = {{"{distribution}", choice->distribution},
					 {"{provider}", choice->cloud},
					 {"{region}", choice->region},
					 {"{time}", stamp}};

	time_stamp(e->m->config, stamp);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		if (!strncmp(at, values[i][0], strlen(values[i][0]))) {
			buf_str(e->out, values[i][1]);
			return strlen(values[i][0]);
		}
	return 0;
}

static size_t take(struct expansion *e, const char *at)
{
	size_t taken;

	if (!strncmp(at, "${", 2))
		return dollar(e, at);
	if (!strncmp(at, "<%", 2) && at[2] != '%')
		return erb(e, at);
	if (*at == '{' && (taken = brace(e, at)))
		return taken;
	if (!strncmp(at, "<%%", 3)) { /* ERB's own way to say <% */
		buf_str(e->out, "<%");
		return 3;
	}
	buf_char(e->out, *at);
	return !strncmp(at, "$$", 2) ? 2 : 1;
}

bool expand(struct maker *m, const struct spec_file *file, const json_t *scalar, struct buf *out,
	    bool *given)
{
	struct expansion e = {m, file, scalar, out, true};
	const char *at = json_string_value(scalar);

	if (given)
		*given = !strncmp(at, "${", 2) || !strncmp(at, "<%=", 3);
	buf_str(out, "");
	while (*at)
		at += take(&e, at);
	return e.good;
}

void time_stamp(const struct config *c, char text[16])
{
	time_t seconds = (time_t)(c->now / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, 16, "%Y%m%d%H%M%S", &tm);
}
