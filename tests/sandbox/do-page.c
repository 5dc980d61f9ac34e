/* SPDX-License-Identifier: ISC
 * Pages by number. The links lead to the real host, as they do behind any other base URL. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

enum { PER_PAGE = 20, MOST = 200 };

json_t *do_values(const json_t *object)
{
	json_t *all = json_array(), *value;
	const char *name;

	json_object_foreach((json_t *)object, name, value)
		json_array_append(all, value);
	return all;
}

static void add_link(const struct request *r, json_t *pages, const char *name, long long page)
{
	json_t *query = form_flat(r->query, strlen(r->query)), *value;
	struct buf url = {0};
	const char *key;

	buf_fmt(&url, "https://api.digitalocean.com%s?page=%lld", r->path, page);
	json_object_foreach(query, key, value) {
		if (!strcmp(key, "page"))
			continue;
		buf_fmt(&url, "&%s=", key);
		buf_percent(&url, text_of(value), strlen(text_of(value)), NULL);
	}
	put_str(pages, name, url.data);
	buf_free(&url);
	json_decref(query);
}

static json_t *links(const struct request *r, long long page, long long last)
{
	json_t *pages = json_object();

	if (page > 1) {
		add_link(r, pages, "first", 1);
		add_link(r, pages, "prev", page - 1);
	}
	if (page < last) {
		add_link(r, pages, "next", page + 1);
		add_link(r, pages, "last", last);
	}
	return json_object_size(pages) ? do_one("pages", pages)
				       : (json_decref(pages), json_object());
}

static bool read_number(const struct request *r, const char *name, long long otherwise,
			long long *value)
{
	const char *text = do_arg(r, name);

	*value = otherwise;
	if (!json_object_get(r->params, name))
		return true;
	*value = strtoll(text, NULL, 10);
	return *text && strspn(text, "0123456789") == strlen(text) && *value > 0;
}

/* Knob "shift": {"page": N, "remove": K}: once, when page N was cut, the first K things are gone.
 */
static void shift(const struct request *r, long long page)
{
	const json_t *all = json_object_get(behave(), "digitalocean");
	json_t *wish = json_object_get(json_object_get(all, "shift"), r->action);
	json_t *droplets = sub(do_home(r), "droplets");

	if (!json_is_object(wish) || num(wish, "page", 1) != page)
		return;
	for (long long k = num(wish, "remove", 1); k > 0 && json_object_size(droplets); k--)
		json_object_del(droplets, json_object_iter_key(json_object_iter(droplets)));
	json_object_del(json_object_get(all, "shift"), r->action);
	world_touch();
}

json_t *do_page(struct request *r, const char *name, json_t *all,
		json_t *(*show)(struct request *r, json_t *thing))
{
	long long page, size, total = (long long)json_array_size(all), last;
	long long cap = num(behave(), "page_size", 0);
	json_t *part = json_array(), *result;

	if (!read_number(r, "page", 1, &page) || !read_number(r, "per_page", PER_PAGE, &size) ||
	    size > MOST) {
		json_decref(all);
		json_decref(part);
		return do_refuse(r, 422, "per_page must be between 1 and %d", MOST);
	}
	if (cap && size > cap)
		size = cap;
	last = total ? (total + size - 1) / size : 1;
	for (long long i = (page - 1) * size; i < total && i < page * size; i++)
		add(part, show(r, json_array_get(all, (size_t)i)));
	json_decref(all);
	result = json_pack("{s:o, s:o, s:{s:I}}", name, part, "links", links(r, page, last), "meta",
			   "total", (json_int_t)total);
	shift(r, page);
	return result;
}
