/* SPDX-License-Identifier: ISC */
#include "cloud.h"

static void write_record(struct cloud_item *item, json_t *record)
{
	rec_emit(item->ctx, json_incref(record));
}

static void settled(struct cloud_item *item)
{
	(void)item;
}

/* What could not be read is a target. */
static void write_target(struct rec_io *io, const char *provider, const char *account,
			 const char *things, struct failure *f)
{
	struct rec *target = rec_new(json_pack("{s:s, s:s, s:s*}", "kind", "target", "provider",
					       provider, "account", account));

	fail_prefix(f, "cannot list %s", things);
	rec_fail(io, target, f);
	rec_write(io, target);
}

void cloud_list(const struct cloud_driver *driver, enum cloud_kind kind, const char *things,
		struct rec_io *io, struct http *engine, bool after_input)
{
	struct cloud_item item = {.kind = kind, .each = write_record, .ctx = io};
	struct cloud_item *items[] = {&item};
	struct rec *r;

	if (after_input)
		rec_open(io, "-");
	while (after_input && (r = rec_read(io)))
		rec_write(io, r);

	item.cloud = driver->open(engine, &item.failure);
	if (item.cloud)
		driver->list(items, 1, settled);
	if (item.failure.status)
		write_target(io, driver->provider, item.cloud ? driver->account(item.cloud) : NULL,
			     things, &item.failure);
	if (item.cloud)
		driver->close(item.cloud);
	cloud_item_free(&item);
}
