/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cloud-all.h"
#include "mem.h"
#include "status.h"
#include "wait.h"

static const char *name_of(const struct cloud_item *item)
{
	const char *name = json_string_value(json_object_get(item->wanted, "name"));

	return name ? name : item->id ? item->id : "?";
}

static void prefix_with(struct cloud_item *item)
{
	fail_prefix(&item->failure, "'%s'%s%s%s", name_of(item), item->id ? " (" : "",
		    item->id ? item->id : "", item->id ? ")" : "");
}

static bool was_unreached(const struct cloud_item *item)
{
	const char *code = item->failure.code;

	return item->failure.status == ST_TEMP && code &&
	       (!strcmp(code, "network") || !strcmp(code, "certificate"));
}

/* Nobody was there for too long. */
static bool is_given_up(struct cloud_item *item, const struct cloud_wait *how)
{
	item->silent = was_unreached(item) ? item->silent + 1 : 0;
	if (!how->patience || item->silent < how->patience)
		return false;
	if (how->patience > 1)
		fail_prefix(&item->failure, "nobody could be asked, %u times in a row",
			    item->silent);
	prefix_with(item);
	return true;
}

/* Drops those that are settled from `left`; how many remain. */
static size_t sift(struct cloud_item **left, size_t n, const struct cloud_wait *how)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (how->settled(left[i]))
			continue;
		if (left[i]->failure.status && left[i]->failure.status != ST_TEMP) {
			if (left[i]->failure.status > 128)
				prefix_with(left[i]);
			continue;
		}
		if (is_given_up(left[i], how))
			continue;
		left[kept++] = left[i];
	}
	return kept;
}

static void ask(struct cloud_item **left, size_t n, const struct cloud_wait *how)
{
	for (size_t i = 0; i < n; i++)
		cloud_item_again(left[i]);
	cloud_do(how->verb, left, n, NULL);
}

static void give_up(struct cloud_item **left, size_t n, const struct failure *why)
{
	for (size_t i = 0; i < n; i++) {
		fail_set(&left[i]->failure, why->status, why->code, "%s",
			 why->status == ST_TEMP ? "not in time: run it again to go on waiting"
						: why->message);
		prefix_with(left[i]);
	}
}

static void say(struct wait *wait, struct cloud_item *const *left, size_t n, size_t all)
{
	const char *state = json_string_value(json_object_get(left[0]->record, "provider_status"));

	if (all > 1)
		wait_say(wait, "%zu of %zu are", all - n, all);
	else
		wait_say(wait, "%s%s%s", name_of(left[0]), state ? " is " : "", state ? state : "");
}

void cloud_await(struct cloud_item *const *items, size_t n, const struct cloud_wait *how)
{
	struct cloud_item **left = mem_alloc((n + 1) * sizeof *left);
	struct failure f = {0};
	struct wait wait;
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		if (items[i]->driver && !items[i]->failure.status)
			left[all++] = items[i];
	for (size_t i = 0; i < all; i++)
		left[i]->silent = 0;
	wait_begin(&wait, how->limit_ms, how->reserve_ms, how->interval_ms, "%s", how->what);
	n = all;
	ask(left, n, how);
	while ((n = sift(left, n, how)) > 0) {
		say(&wait, left, n, all);
		if (!wait_more(&wait, &f)) {
			give_up(left, n, &f);
			break;
		}
		ask(left, n, how);
	}
	wait_end(&wait);
	fail_free(&f);
	free(left);
}

static const char *member(const struct cloud_item *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item->record, key));

	return text ? text : "";
}

static bool gone(struct cloud_item *item)
{
	const char *why = member(item, "reason");

	return !fail_set(&item->failure, ST_REFUSED, "gone", "'%s' (%s) is gone: %s", name_of(item),
			 item->id ? item->id : "no id", *why ? why : "something removed it");
}

static bool has_status(const struct cloud_item *item, const char *status)
{
	return !strcmp(member(item, "status"), status);
}

bool cloud_is_gone(struct cloud_item *item)
{
	return !item->failure.status && (!item->record || has_status(item, "gone"));
}

bool cloud_is_ready(struct cloud_item *item)
{
	if (item->failure.status)
		return false;
	if (item->record && (has_status(item, "gone") || has_status(item, "deleting")))
		return gone(item);
	return item->record && item->ready;
}

bool cloud_is_off(struct cloud_item *item)
{
	if (item->failure.status)
		return false;
	if (!item->record || has_status(item, "gone") || has_status(item, "deleting"))
		return gone(item);
	return has_status(item, "off");
}

bool cloud_is_available(struct cloud_item *item)
{
	const char *state = member(item, "state");

	if (item->failure.status)
		return false;
	if (!strcmp(state, "failed") || !strcmp(state, "disabled") || !strcmp(state, "gone"))
		return !fail_set(
		    &item->failure, ST_REFUSED, "image-failed", "image '%s' (%s) is %s: %s",
		    name_of(item), item->id ? item->id : "no id", state,
		    *member(item, "reason") ? member(item, "reason") : "no reason given");
	return !strcmp(state, "available");
}
