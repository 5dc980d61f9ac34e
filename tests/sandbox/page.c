/* SPDX-License-Identifier: ISC
 * Pages and filters of the describing calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws.h"
#include "mem.h"

/* How each family of calls names the size, the token that comes and the one that goes. */
static const struct names {
	const char *service, *size, *in, *out;
} families[] = {
    {"autoscaling", "MaxRecords", "NextToken", "NextToken"},
    {"ec2", "MaxResults", "NextToken", "nextToken"},
    {"elb", "PageSize", "Marker", "NextMarker"},
    {"elbv2", "PageSize", "Marker", "NextMarker"},
    {"ssm", "MaxResults", "NextToken", "NextToken"},
};

static const struct names *names_of(const struct request *r)
{
	size_t i = 0;

	while (strcmp(families[i].service, r->service_name) != 0)
		i++;
	return &families[i];
}

static json_t *token_of(const struct request *r, size_t at)
{
	struct buf text = {0};
	char *plain = mem_fmt("%s:%zu", r->action, at);
	json_t *token;

	buf_base64(&text, plain, strlen(plain));
	token = json_string(text.data);
	free(plain);
	buf_free(&text);
	return token;
}

static bool read_token(const struct request *r, const char *token, size_t *at)
{
	struct buf plain = {0};
	size_t len = strlen(r->action);
	bool good = !buf_unbase64(&plain, token, strlen(token)) && plain.len > len &&
		    !strncmp(plain.data, r->action, len) && plain.data[len] == ':';

	if (good)
		*at = strtoul(plain.data + len + 1, NULL, 10);
	buf_free(&plain);
	return good;
}

bool page(struct request *r, json_t *result, const char *name, json_t *all, int most)
{
	const struct names *n = names_of(r);
	size_t at = 0, size = (size_t)num(r->params, n->size, most);
	size_t cap = (size_t)num(behave(), "page_size", 0), total = json_array_size(all);
	json_t *part = json_array();

	if (cap && (!size || size > cap))
		size = cap;
	if (!size)
		size = total;
	put(result, name, part);
	if (has(r->params, n->in) && !read_token(r, arg(r, n->in), &at)) {
		json_decref(all);
		refuse(r, 400,
		       !strcmp(n->service, "ec2") ? "InvalidParameterValue" : "InvalidNextToken",
		       "The token '%s' is invalid", arg(r, n->in));
		return false;
	}
	for (size_t i = at; i < total && i < at + size; i++)
		json_array_append(part, json_array_get(all, i));
	if (at + size < total)
		put(result, n->out, token_of(r, at + size));
	json_decref(all);
	return true;
}

static const char *path_of(const struct filter *known, const char *name)
{
	for (; known->name; known++)
		if (!strcmp(known->name, name))
			return known->path;
	return NULL;
}

static bool is_tag_filter(const char *name)
{
	return !strncmp(name, "tag:", 4) || !strcmp(name, "tag-key");
}

static const json_t *filters_of(const struct request *r)
{
	return seq(r->params, has(r->params, "Filter") ? "Filter" : "Filters");
}

static const json_t *values_of(const json_t *filter)
{
	return seq(filter, has(filter, "Value") ? "Value" : "Values");
}

bool filters_known(struct request *r, const struct filter *known)
{
	size_t i;
	json_t *filter;

	json_array_foreach(filters_of(r), i, filter)
		if (!is_tag_filter(str(filter, "Name")) && !path_of(known, str(filter, "Name"))) {
			refuse(r, 400, "InvalidParameterValue", "The filter '%s' is invalid",
			       str(filter, "Name"));
			return false;
		}
	return true;
}

/* AWS knows * and ? and a backslash before them, no brackets. */
static bool is_like(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return is_like(pattern + 1, text) || (*text && is_like(pattern, text + 1));
	if (*pattern == '\\' && pattern[1])
		pattern++;
	else if (*pattern == '?')
		return *text && is_like(pattern + 1, text + 1);
	return *pattern == *text && (!*text || is_like(pattern + 1, text + 1));
}

static bool is_one_of(const json_t *patterns, const char *text)
{
	size_t i;
	json_t *pattern;

	json_array_foreach(patterns, i, pattern)
		if (is_like(text_of(pattern), text))
			return true;
	return false;
}

static bool value_holds(const json_t *value, const char *path, const json_t *patterns)
{
	size_t i, len = strcspn(path, ".");
	json_t *one;
	char *name;
	bool holds_it;

	json_array_foreach(value, i, one)
		if (value_holds(one, path, patterns))
			return true;
	if (json_is_array(value))
		return false;
	if (!*path && json_is_integer(value)) {
		name = mem_fmt("%lld", (long long)json_integer_value(value));
		holds_it = is_one_of(patterns, name);
		free(name);
		return holds_it;
	}
	if (!*path)
		return is_one_of(patterns, json_is_boolean(value)
					       ? json_is_true(value) ? "true" : "false"
					       : text_of(value));
	name = mem_dup_n(path, len);
	one = json_object_get(value, name);
	free(name);
	return one && value_holds(one, path + len + (path[len] == '.'), patterns);
}

static bool tag_holds(const json_t *thing, const char *key, const json_t *patterns)
{
	size_t i;
	json_t *tag;

	json_array_foreach(seq(thing, "tagSet"), i, tag)
		if (!strcmp(str(tag, "key"), key))
			return is_one_of(patterns, str(tag, "value"));
	return false;
}

bool filters_hold(const struct request *r, const json_t *thing, const struct filter *known)
{
	size_t i;
	json_t *filter;

	json_array_foreach(filters_of(r), i, filter) {
		const char *name = str(filter, "Name");
		const json_t *values = values_of(filter);

		if (!strncmp(name, "tag:", 4)  ? !tag_holds(thing, name + 4, values)
		    : !strcmp(name, "tag-key") ? !value_holds(thing, "tagSet.key", values)
					       : !value_holds(thing, path_of(known, name), values))
			return false;
	}
	return true;
}
