/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "clock.h"
#include "reap.h"
#include "status.h"

const enum cloud_kind reap_kinds[REAP_KINDS] = {CLOUD_INSTANCES, CLOUD_VOLUMES, CLOUD_SNAPSHOTS,
						CLOUD_GROUPS, CLOUD_KEYS};

int reap_rank(const char *kind)
{
	static const char *const names[REAP_KINDS] = {"instance", "volume", "snapshot",
						      "security-group", "ssh-key"};

	for (int i = 0; kind && i < REAP_KINDS; i++)
		if (!strcmp(kind, names[i]))
			return i;
	return -1;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

bool reap_is_gone(const json_t *thing)
{
	return !strcmp(text_of(thing, "status"), "gone") ||
	       !strcmp(text_of(thing, "state"), "gone");
}

bool reap_may_go(const json_t *thing, const char *run, int64_t skew_ms, struct failure *f)
{
	const char *expires = text_of(thing, "expires");
	int64_t end = *expires ? clk_parse_iso(expires) : 0;

	if (!*expires)
		return fail_set(f, ST_GUARD, "no-expiry", "it carries no expiry: it is to stay");
	if (end < 0)
		return fail_set(f, ST_GUARD, "bad-expiry",
				"its expiry is '%s', which is no time: it is to stay", expires);
	if (!strcmp(text_of(thing, "kind"), "snapshot") && *text_of(thing, "image"))
		return fail_set(f, ST_GUARD, "of-image", "it belongs to image '%s'",
				text_of(thing, "image"));
	if (end <= clk_now() + skew_ms || (run && !strcmp(run, text_of(thing, "run"))))
		return true;
	return fail_set(f, ST_GUARD, "not-expired", "it is of run '%s' until %s",
			text_of(thing, "run"), expires);
}
