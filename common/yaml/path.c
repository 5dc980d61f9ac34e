/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "cli.h"
#include "mem.h"
#include "status.h"
#include "yaml/path.h"

/* Text with members in braces. */
struct part {
	bool member;
	char *text;
};

struct pattern {
	struct part *parts;
	size_t n;
};

struct template_step {
	enum path_what what;
	struct pattern text;
	long long index;
	char **names;
};

struct path_template {
	bool marker;
	struct template_step *steps;
	size_t n;
};

struct reading {
	const char *text, *at;
	struct failure *f;
};

static bool wrong(struct reading *r, const char *what)
{
	return fail_set(r->f, ST_USAGE, "bad-path", "path '%s': %s at character %zu", r->text, what,
			(size_t)(r->at - r->text) + 1);
}

static void add_part(struct pattern *p, bool member, struct buf *text)
{
	if (text->len || member) {
		p->parts = mem_grow(p->parts, p->n + 1, sizeof(*p->parts));
		p->parts[p->n++] = (struct part){member, mem_dup_n(text->data, text->len)};
	}
	buf_clear(text);
}

static bool read_member(struct reading *r, struct pattern *to, struct buf *text)
{
	const char *end = strchr(r->at, '}');

	if (!end || end == r->at + 1)
		return wrong(r, end ? "{} names no member" : "{ is not closed");
	add_part(to, false, text);
	buf_add(text, r->at + 1, (size_t)(end - r->at) - 1);
	add_part(to, true, text);
	r->at = end + 1;
	return true;
}

static bool read_quoted(struct reading *r, struct buf *text)
{
	const char *end = strchr(r->at + 1, '"');

	if (!end)
		return wrong(r, "\" is not closed");
	buf_add(text, r->at + 1, (size_t)(end - r->at) - 1);
	r->at = end + 1;
	return true;
}

/* Up to one of `stops`. */
static bool read_pattern(struct reading *r, const char *stops, struct pattern *to)
{
	struct buf text = {0};
	bool good = true;

	while (good && *r->at && !strchr(stops, *r->at)) {
		if (*r->at == '{') {
			good = read_member(r, to, &text);
		} else if (*r->at == '"') {
			good = read_quoted(r, &text);
		} else {
			r->at += *r->at == '\\' && r->at[1];
			buf_char(&text, *r->at++);
		}
	}
	add_part(to, false, &text);
	buf_free(&text);
	if (good && !to->n)
		good = wrong(r, "a name is missing");
	return good;
}

static void free_pattern(struct pattern *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->parts[i].text);
	free(p->parts);
	*p = (struct pattern){0};
}

static bool read_name(struct reading *r, struct template_step *step, size_t n)
{
	struct pattern name = {0};
	bool good = read_pattern(r, ".=]", &name);

	if (good && (name.n != 1 || name.parts[0].member))
		good = wrong(r, "members in braces stand only behind =");
	if (good) {
		step->names = mem_grow(step->names, n + 2, sizeof(*step->names));
		step->names[n] = mem_dup(name.parts[0].text);
		step->names[n + 1] = NULL;
	}
	free_pattern(&name);
	return good;
}

/* [3] or [name=value] or [outer.name=value] */
static bool read_bracket(struct reading *r, struct template_step *step)
{
	size_t digits = strspn(r->at, "0123456789"), n = 0;
	char *number = mem_dup_n(r->at, digits);
	bool index = r->at[digits] == ']' && cli_number(number, 0, 1000000000, &step->index);

	free(number);
	step->what = index ? PATH_INDEX : PATH_MATCH;
	if (index) {
		r->at += digits;
	} else {
		do
			if (!read_name(r, step, n++))
				return false;
		while (*r->at == '.' && *++r->at);
		if (*r->at != '=')
			return wrong(r, "[ takes a number, or key=value");
		r->at++;
		if (!read_pattern(r, "]", &step->text))
			return false;
	}
	if (*r->at != ']')
		return wrong(r, "[ is not closed");
	r->at++;
	return true;
}

static struct template_step *add_step(struct path_template *p)
{
	p->steps = mem_grow(p->steps, p->n + 1, sizeof(*p->steps));
	p->steps[p->n] = (struct template_step){0};
	return &p->steps[p->n++];
}

static bool read_steps(struct reading *r, struct path_template *p)
{
	do {
		r->at += p->n && *r->at == '.';
		if ((*r->at != '[' || (p->n && r->at[-1] == '.')) &&
		    !read_pattern(r, ".[", &add_step(p)->text))
			return false;
		while (*r->at == '[') {
			r->at++;
			if (!read_bracket(r, add_step(p)))
				return false;
		}
	} while (*r->at == '.');
	return !*r->at || wrong(r, "a . is missing");
}

struct path_template *path_parse(const char *text, struct failure *f)
{
	struct path_template *p = mem_alloc(sizeof(*p));
	struct reading r = {text, text, f};
	bool good;

	p->marker = *text == '#';
	if (p->marker) {
		r.at++;
		good = read_pattern(&r, "", &add_step(p)->text);
	} else {
		good = read_steps(&r, p);
	}
	if (good)
		return p;
	path_template_free(p);
	return NULL;
}

void path_template_free(struct path_template *p)
{
	for (size_t i = 0; i < p->n; i++) {
		for (char **name = p->steps[i].names; name && *name; name++)
			free(*name);
		free(p->steps[i].names);
		free_pattern(&p->steps[i].text);
	}
	free(p->steps);
	free(p);
}

static char *fill(const struct pattern *p, path_member *member, void *ctx, struct failure *f)
{
	struct buf text = {0};

	buf_reserve(&text, 0);
	for (size_t i = 0; i < p->n; i++) {
		char *value = p->parts[i].member ? member(ctx, p->parts[i].text, f)
						 : mem_dup(p->parts[i].text);

		if (!value) {
			buf_free(&text);
			return NULL;
		}
		buf_str(&text, value);
		free(value);
	}
	return buf_take(&text);
}

static void describe(struct buf *out, const struct path_step *step)
{
	const char *quote;

	if (step->what == PATH_KEY) {
		quote = strpbrk(step->text, ".[{\\") && !strchr(step->text, '"') ? "\"" : "";
		buf_fmt(out, "%s%s%s%s", out->len ? "." : "", quote, step->text, quote);
	} else if (step->what == PATH_INDEX) {
		buf_fmt(out, "[%lld]", step->index);
	} else {
		buf_char(out, '[');
		for (char **name = step->names; *name; name++)
			buf_fmt(out, "%s%s", name == step->names ? "" : ".", *name);
		buf_fmt(out, "=%s]", step->text);
	}
}

bool path_fill(const struct path_template *p, path_member *member, void *ctx, struct path *to,
	       struct failure *f)
{
	struct buf text = {0};

	*to = (struct path){.steps = mem_alloc((p->n + 1) * sizeof(*to->steps)), .n = p->n};
	for (size_t i = 0; i < p->n; i++) {
		const struct template_step *step = &p->steps[i];

		to->steps[i] = (struct path_step){step->what, NULL, step->index, step->names};
		if (step->what == PATH_INDEX)
			continue;
		to->steps[i].text = fill(&step->text, member, ctx, f);
		if (!to->steps[i].text) {
			path_free(to);
			return false;
		}
	}
	if (p->marker) {
		to->marker = mem_dup(to->steps[0].text);
		to->text = mem_fmt("#%s", to->marker);
		return true;
	}
	for (size_t i = 0; i < p->n; i++)
		describe(&text, &to->steps[i]);
	to->text = buf_take(&text);
	return true;
}

void path_free(struct path *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->steps[i].text);
	free(p->steps);
	free(p->text);
	free(p->marker);
	*p = (struct path){0};
}
