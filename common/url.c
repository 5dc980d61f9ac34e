/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "url.h"

bool span_is(struct span s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.at, text, s.len) == 0;
}

static struct span span(const char *from, const char *to)
{
	return (struct span){from, (size_t)(to - from)};
}

static bool is_scheme(struct span s)
{
	if (!s.len || !isalpha((unsigned char)s.at[0]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.at[i]) && !strchr("+-.", s.at[i]))
			return false;
	return true;
}

static bool split_authority(struct span authority, struct url *u)
{
	const char *end = authority.at + authority.len, *at = authority.at;
	const char *user_end = memrchr(at, '@', authority.len), *host_end;

	u->has_user = user_end != NULL;
	u->user = span(at, user_end ? user_end : at);
	if (user_end)
		at = user_end + 1;
	if (at < end && *at == '[') {
		host_end = memchr(at, ']', (size_t)(end - at));
		if (!host_end++ || (host_end < end && *host_end != ':'))
			return false;
	} else {
		host_end = memchr(at, ':', (size_t)(end - at));
		if (!host_end)
			host_end = end;
	}
	u->host = span(at, host_end);
	u->port = span(host_end < end ? host_end + 1 : end, end);
	for (size_t i = 0; i < u->port.len; i++)
		if (!isdigit((unsigned char)u->port.at[i]))
			return false;
	return u->host.len > 0;
}

bool url_split(const char *text, struct url *u)
{
	const char *colon = strstr(text, "://"), *at, *end;

	*u = (struct url){0};
	if (!colon || !is_scheme(u->scheme = span(text, colon)))
		return false;
	at = colon + 3;
	end = at + strcspn(at, "/?#");
	if (!split_authority(span(at, end), u))
		return false;
	u->origin = span(text, end);

	at = end;
	end = at + strcspn(at, "?#");
	u->path = span(at, end);
	u->has_query = *end == '?';
	at = end + u->has_query;
	end = at + strcspn(at, "#");
	u->query = span(at, end);
	u->has_fragment = *end == '#';
	at = end + u->has_fragment;
	u->fragment = span(at, at + strlen(at));
	return true;
}
