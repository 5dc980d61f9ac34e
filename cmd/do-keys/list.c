/* SPDX-License-Identifier: ISC */
#include "cloud.h"
#include "keys.h"

static void write_record(struct cloud_item *item, json_t *record)
{
	rec_emit(item->ctx, json_incref(record));
}

static void settled(struct cloud_item *item)
{
	(void)item;
}

/* What could not be read is a target. */
static void write_target(struct rec_io *io, const char *account, struct failure *f)
{
	struct rec *target = rec_new(json_pack("{s:s, s:s, s:s*}", "kind", "target", "provider",
					       cloud_digitalocean.provider, "account", account));

	fail_prefix(f, "cannot list ssh keys");
	rec_fail(io, target, f);
	rec_write(io, target);
}

void keys_list(struct keys *k)
{
	const struct cloud_driver *driver = &cloud_digitalocean;
	struct cloud_item item = {.kind = CLOUD_KEYS, .each = write_record, .ctx = k->io};
	struct cloud_item *items[] = {&item};
	struct rec *r;

	if (*k->options->operands)
		rec_open(k->io, "-");
	while (*k->options->operands && (r = rec_read(k->io)))
		rec_write(k->io, r);

	item.cloud = driver->open(k->engine, &item.failure);
	if (item.cloud)
		driver->list(items, 1, settled);
	if (item.failure.status)
		write_target(k->io, item.cloud ? driver->account(item.cloud) : NULL, &item.failure);
	if (item.cloud)
		driver->close(item.cloud);
	cloud_item_free(&item);
}
