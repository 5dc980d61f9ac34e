/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "profile.h"

/* A piece of a line. */
struct span {
	const char *at;
	size_t len;
};

struct parser {
	bool credentials; /* this is the credentials file */
	unsigned long line;
	json_t *profiles, *sso_sessions, *services;
	json_t *plain, *prefixed; /* [default] and [profile default] of the config file */
	json_t *section;          /* borrowed; NULL before the first */
	bool ignored;             /* the section is none of ours */
	char *key;                /* the property that a continuation belongs to */
	bool skipped;             /* … whose name is not valid */
	struct failure *f;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
	while (s.len && blank(s.at[0]))
		s.at++, s.len--;
	while (s.len && blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool is(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.at, text, s.len) == 0;
}

/* Profile and property names. */
static bool valid_name(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.at[i]) && !memchr("-/.%@_:+", s.at[i], 8))
			return false;
	return s.len > 0;
}

static bool wrong(struct parser *p, const char *what)
{
	return fail_set(p->f, ST_CONFIG, "profile-file", "line %lu: %s", p->line, what);
}

/* Cuts a comment: # or ; after white space, in a section header anywhere. */
static struct span uncomment(struct span s, bool header)
{
	for (size_t i = header ? 0 : 1; i < s.len; i++)
		if ((s.at[i] == '#' || s.at[i] == ';') && (header || blank(s.at[i - 1])))
			s.len = i;
	return trim(s);
}

/* A name in quotes may hold anything but that quote. */
static struct span section_name(struct span s)
{
	s = trim(s);
	if (s.len >= 2 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0] &&
	    !memchr(s.at + 1, s.at[0], s.len - 2))
		return (struct span){s.at + 1, s.len - 2};
	return valid_name(s) ? s : (struct span){s.at, 0};
}

static json_t *section_of(json_t *all, struct span name)
{
	char *key = mem_dup_n(name.at, name.len);
	json_t *section = json_object_get(all, key);

	if (!section) {
		section = json_object();
		if (json_object_set_new(all, key, section))
			section = NULL;
	}
	free(key);
	return section;
}

/* Which section a header of the config file opens, NULL for one that is none of ours. */
static json_t *config_section(struct parser *p, struct span header)
{
	static const char *const kinds[] = {"profile", "sso-session", "services"};
	json_t *const into[] = {p->profiles, p->sso_sessions, p->services};

	if (is(header, "default"))
		return p->plain ? p->plain : (p->plain = json_object());
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(kinds[i]);
		struct span name;

		if (header.len <= len || memcmp(header.at, kinds[i], len) || !blank(header.at[len]))
			continue;
		name = section_name((struct span){header.at + len, header.len - len});
		if (!name.len)
			return NULL;
		if (i == 0 && is(name, "default"))
			return p->prefixed ? p->prefixed : (p->prefixed = json_object());
		return section_of(into[i], name);
	}
	return NULL;
}

static bool header_line(struct parser *p, struct span line)
{
	struct span name;

	line = uncomment(line, true);
	free(p->key);
	p->key = NULL;
	p->skipped = false;
	if (line.len < 2 || line.at[line.len - 1] != ']')
		return wrong(p, "profile definition must end with ']'");
	line = trim((struct span){line.at + 1, line.len - 2});
	if (p->credentials) {
		name = section_name(line);
		p->section = name.len ? section_of(p->profiles, name) : NULL;
	} else {
		p->section = config_section(p, line);
	}
	p->ignored = !p->section;
	return true;
}

static bool set(struct parser *p, const char *key, const char *value, size_t len)
{
	json_t *text = json_stringn(value, len);

	if (!text || memchr(value, '\0', len)) {
		json_decref(text);
		return wrong(p, "the value is not UTF-8 text");
	}
	return json_object_set_new(p->section, key, text) == 0;
}

static bool property_line(struct parser *p, struct span line)
{
	const char *equals = memchr(line.at, '=', line.len);
	struct span name, value;

	free(p->key);
	p->key = NULL;
	p->skipped = false;
	if (!equals)
		return wrong(p, "expected an '=' sign defining a property");
	name = trim((struct span){line.at, (size_t)(equals - line.at)});
	value = (struct span){equals + 1, line.len - (size_t)(equals + 1 - line.at)};
	if (!name.len)
		return wrong(p, "property did not have a name");
	if (!valid_name(name)) {
		p->skipped = true;
		return true;
	}
	p->key = mem_dup_n(name.at, name.len);
	for (char *c = p->key; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	/* A space before, so that a value which is nothing but a comment is seen as one. */
	value = uncomment((struct span){value.at - 1, value.len + 1}, false);
	if (value.len && value.at == equals)
		value.at++, value.len--;
	value = trim(value);
	return set(p, p->key, value.at, value.len);
}

static bool continuation_line(struct parser *p, struct span line)
{
	const char *old;
	char *joined;
	bool ok;

	if (p->skipped)
		return true;
	if (!p->key)
		return wrong(p, "expected a property definition, found continuation");
	old = json_string_value(json_object_get(p->section, p->key));
	if (!*old || *old == '\n') { /* nothing after the = : its lines are sub-properties */
		const char *equals = memchr(line.at, '=', line.len);

		if (!equals)
			return wrong(p, "expected an '=' sign defining a sub-property");
		if (!trim((struct span){line.at, (size_t)(equals - line.at)}).len)
			return wrong(p, "sub-property did not have a name");
	}
	joined = mem_fmt("%s\n%.*s", old, (int)line.len, line.at);
	ok = set(p, p->key, joined, strlen(joined));
	free(joined);
	return ok;
}

static bool parse_line(struct parser *p, struct span line)
{
	struct span text = trim(line);

	if (!text.len || text.at[0] == '#' || text.at[0] == ';')
		return true;
	if (line.at[0] == '[')
		return header_line(p, text);
	if (p->ignored)
		return true;
	if (!p->section)
		return wrong(p, "expected a profile definition");
	return blank(line.at[0]) ? continuation_line(p, text) : property_line(p, text);
}

static bool parse_file(struct parser *p, const char *text, size_t len)
{
	bool ok = true;

	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3, len -= 3;
	while (ok && len) {
		const char *end = memchr(text, '\n', len);
		size_t n = end ? (size_t)(end - text) : len;

		p->line++;
		ok = parse_line(p, (struct span){text, n});
		n += end ? 1 : 0;
		text += n, len -= n;
	}
	free(p->key);
	p->key = NULL;
	return ok;
}

/* [profile default] wins over [default] as a whole. */
static void choose_default(struct parser *p)
{
	json_t *chosen = p->prefixed ? p->prefixed : p->plain;

	if (chosen)
		json_object_set(p->profiles, "default", chosen);
	json_decref(p->plain);
	json_decref(p->prefixed);
}

static bool merge(json_t *into, const json_t *from)
{
	const char *name;
	json_t *section;

	json_object_foreach((json_t *)from, name, section) {
		json_t *there = json_object_get(into, name);

		if (there ? json_object_update(there, section)
			  : json_object_set_new(into, name, json_deep_copy(section)))
			return false;
	}
	return true;
}

json_t *profile_parse(const char *config, size_t config_len, const char *credentials,
		      size_t credentials_len, struct failure *f)
{
	json_t *secrets = json_object();
	struct parser c = {.profiles = json_object(),
			   .sso_sessions = json_object(),
			   .services = json_object(),
			   .f = f};
	struct parser s = {.credentials = true, .profiles = secrets, .f = f};
	json_auto_t *all =
	    json_pack("{s:o,s:o,s:o,s:o}", "profiles", c.profiles, "sso_sessions", c.sso_sessions,
		      "services", c.services, "credentials", secrets);
	bool ok;

	if (!all)
		mem_out();
	ok = !config || parse_file(&c, config, config_len);
	if (!ok)
		fail_prefix(f, "config");
	choose_default(&c);
	if (ok && credentials && !(ok = parse_file(&s, credentials, credentials_len)))
		fail_prefix(f, "credentials");
	if (!ok)
		return NULL;
	if (!merge(c.profiles, secrets))
		mem_out();
	return json_incref(all);
}

char *profile_nested(const char *section, const char *key)
{
	while (section && *section) {
		struct span line = {section, strcspn(section, "\n")};
		const char *equals = memchr(line.at, '=', line.len);
		struct span value;

		section += line.len + (section[line.len] != '\0');
		if (!equals || !is(trim((struct span){line.at, (size_t)(equals - line.at)}), key))
			continue;
		value = (struct span){equals + 1, line.len - (size_t)(equals + 1 - line.at)};
		value = uncomment(value, false);
		return mem_dup_n(value.at, value.len);
	}
	return NULL;
}
