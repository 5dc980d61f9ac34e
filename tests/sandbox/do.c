/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "do.h"
#include "mem.h"

static const struct do_route *const tables[] = {
    do_account_routes, do_key_routes,    do_catalog_routes, do_image_routes, do_droplet_routes,
    do_action_routes,  do_domain_routes, do_record_routes,  do_tag_routes,   do_network_routes,
};

/* Whether PATH is what PATTERN describes; its variables go into PARAMS, which may be NULL. */
static bool path_is(const char *pattern, const char *path, json_t *params)
{
	while (*pattern && *path) {
		size_t name = strcspn(pattern, "}"), value = strcspn(path, "/");

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		if (!value)
			return false;
		if (params) {
			struct buf text = {0};
			char *key = mem_dup_n(pattern + 1, name - 1);

			buf_unpercent(&text, path, value, 0);
			put(params, key, json_string(text.data) ?: json_string(""));
			free(key);
			buf_free(&text);
		}
		pattern += name + 1;
		path += value;
	}
	return !*pattern && !*path;
}

static const struct do_route *route_of(const struct request *r)
{
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct do_route *route = tables[t]; route->method; route++)
			if (!strcmp(route->method, r->method) &&
			    path_is(route->path, r->path, NULL))
				return route;
	return NULL;
}

static char *token_of(const struct request *r)
{
	const char *given = header(r, "authorization");

	return mem_dup(given && !strncasecmp(given, "Bearer ", 7) ? given + 7 : "");
}

static bool claims(struct request *r)
{
	const struct do_route *route;
	json_t *body;

	if (strncmp(r->path, "/v2/", 4) != 0)
		return false;
	route = route_of(r);
	r->target = route;
	r->service_name = mem_dup("digitalocean");
	r->action = mem_dup(route ? route->action : "unknown");
	r->access_key = token_of(r);
	r->changing = strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0;
	r->params = form_flat(r->query, strlen(r->query));
	body = r->body.len ? json_loadb(r->body.data, r->body.len, 0, NULL) : NULL;
	if (json_is_object(body))
		json_object_update(r->params, body);
	json_decref(body);
	if (route)
		path_is(route->path, r->path, r->params);
	return true;
}

static const char *id_of(int status)
{
	static const struct {
		int status;
		const char *id;
	} ids[] = {
	    {400, "bad_request"},       {401, "unauthorized"}, {403, "forbidden"},
	    {404, "not_found"},         {409, "conflict"},     {422, "unprocessable_entity"},
	    {429, "too_many_requests"}, {500, "server_error"}, {503, "service_unavailable"},
	};

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (ids[i].status == status)
			return ids[i].id;
	return status < 500 ? "bad_request" : "server_error";
}

static void name_request(struct request *r)
{
	char id[37];

	request_id(r, id);
	answer_header(r, "x-request-id", id);
}

/* Codes of other clouds, as fault rules have by default, become the one of the status. */
static void refuse(struct request *r, int status, const char *code, const char *message)
{
	char id[37];

	request_id(r, id);
	name_request(r);
	answer_json(r, status,
		    json_pack("{s:s, s:s, s:s}", "id",
			      code && *code >= 'a' && *code <= 'z' ? code : id_of(status),
			      "message", message, "request_id", id));
}

json_t *do_refuse(struct request *r, int status, const char *format, ...)
{
	char *message;
	va_list args;

	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		mem_out();
	va_end(args);
	refuse(r, status, NULL, message);
	free(message);
	return NULL;
}

json_t *do_missing(struct request *r)
{
	return do_refuse(r, 404, "The resource you were accessing could not be found.");
}

static bool body_is_good(struct request *r)
{
	json_t *body = r->body.len ? json_loadb(r->body.data, r->body.len, 0, NULL) : NULL;
	bool good = !r->body.len || json_is_object(body);

	json_decref(body);
	if (!good)
		do_refuse(r, 400, "Unable to parse the request body.");
	return good;
}

static bool authenticate(struct request *r)
{
	const json_t *token =
	    json_object_get(sub(sub(state(), "digitalocean"), "tokens"), r->access_key);

	if (!token) {
		do_refuse(r, 401, "Unable to authenticate you");
		return false;
	}
	r->account = mem_dup(str(token, "account"));
	if (!do_within_limits(r))
		return false;
	if (r->changing && yes(token, "read_only")) {
		do_refuse(r, 403, "You are missing the required permission for this operation");
		return false;
	}
	return true;
}

static void say(struct request *r, int status, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(12));

	if (!text)
		mem_out();
	answer(r, status, "application/json; charset=utf-8", text);
	free(text);
}

static void do_serve(struct request *r)
{
	const struct do_route *route = r->target;
	const char *cached;
	json_t *result;

	if (!authenticate(r))
		return;
	if (!route) {
		do_missing(r);
		return;
	}
	if (!body_is_good(r))
		return;
	cached = do_cached(r);
	if (cached) {
		name_request(r);
		answer(r, 200, "application/json; charset=utf-8", cached);
		return;
	}
	result = route->run(r);
	if (!result)
		return;
	name_request(r);
	if (route->status == 204)
		answer(r, 204, NULL, "");
	else
		say(r, route->status, result);
	json_decref(result);
	do_remember(r);
	r->changed = r->changing;
}

json_t *do_home_of(const char *account)
{
	return sub(sub(sub(state(), "digitalocean"), "accounts"), account);
}

json_t *do_home(const struct request *r)
{
	return do_home_of(r->account);
}

json_t *do_catalog(const char *table_name)
{
	return sub(sub(sub(state(), "digitalocean"), "catalog"), table_name);
}

const char *do_arg(const struct request *r, const char *name)
{
	return str(r->params, name);
}

json_t *do_one(const char *name, json_t *thing)
{
	return json_pack("{s:o}", name, thing);
}

json_t *do_public(const json_t *thing)
{
	json_t *shown = json_object(), *value;
	const char *name;

	json_object_foreach((json_t *)thing, name, value)
		if (*name != '_')
			json_object_set(shown, name, value);
	return shown;
}

json_t *do_time(int64_t ms)
{
	char text[32];

	world_iso(ms, text);
	text[19] = 'Z';
	text[20] = '\0';
	return json_string(text);
}

double do_knob(const char *name, double otherwise)
{
	const json_t *value = json_object_get(json_object_get(behave(), "digitalocean"), name);

	return json_is_number(value) ? json_number_value(value) : otherwise;
}

int64_t do_knob_ms(const char *name, double otherwise)
{
	return (int64_t)(do_knob(name, otherwise) * 1000);
}

const json_t *do_knob_of(const char *group, const char *name)
{
	const json_t *all = json_object_get(behave(), "digitalocean");

	return json_object_get(json_object_get(all, group), name);
}

long long do_new_id(const char *kind)
{
	json_t *ids = sub(sub(state(), "digitalocean"), "ids");
	long long id = num(ids, kind, 100000000 + (long long)(fnv(kind) % 400) * 1000000) + 1;

	put_int(ids, kind, id);
	return id;
}

char *do_key(long long id)
{
	return mem_fmt("%lld", id);
}

extern const struct service do_service;
const struct service do_service = {"digitalocean", claims,  do_serve, refuse,
				   do_settle,      do_seed, true,     do_machines};
