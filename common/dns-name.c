/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "dns-name.h"
#include "mem.h"

char *dns_name_plain(const char *name)
{
	size_t len = strlen(name);
	char *plain = mem_dup_n(name, len && name[len - 1] == '.' ? len - 1 : len);

	for (char *c = plain; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	return plain;
}

char *dns_name_full(const char *record, const char *zone)
{
	size_t len = strlen(record);
	char *both, *plain;

	if (!len || !strcmp(record, "@"))
		return dns_name_plain(zone);
	if (record[len - 1] == '.')
		return dns_name_plain(record);
	both = mem_fmt("%s.%s", record, zone);
	plain = dns_name_plain(both);
	free(both);
	return plain;
}

/* Whether a plain name is the zone or lies below it. */
static bool within(const char *name, const char *zone)
{
	size_t len = strlen(name), zone_len = strlen(zone);

	if (!zone_len || len < zone_len || strcmp(name + len - zone_len, zone) != 0)
		return false;
	return len == zone_len || name[len - zone_len - 1] == '.';
}

char *dns_name_relative(const char *name, const char *zone)
{
	size_t len = strlen(name), zone_len = strlen(zone);

	if (!within(name, zone))
		return NULL;
	return len == zone_len ? mem_dup("@") : mem_dup_n(name, len - zone_len - 1);
}

long dns_name_zone(const char *name, const char *const *zones, size_t n)
{
	size_t longest = 0;
	long found = -1;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(zones[i]);

		if (len > longest && within(name, zones[i])) {
			longest = len;
			found = (long)i;
		}
	}
	return found;
}

const char *dns_name_wrong(const char *name)
{
	const char *label = name;

	if (!*name)
		return "is empty";
	if (strlen(name) > 253)
		return "has more than 253 bytes";
	for (; *label; label += strcspn(label, ".")) {
		size_t len;

		if (label > name)
			label++;
		len = strcspn(label, ".");
		if (!len)
			return "has an empty label";
		if (len > 63)
			return "has a label of more than 63 bytes";
		if (label[0] == '-' || label[len - 1] == '-')
			return "has a label that begins or ends with a hyphen";
		for (size_t i = 0; i < len; i++) {
			unsigned char c = (unsigned char)label[i];

			if (c == '*' && len == 1 && label == name && label[1])
				continue;
			if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", c))
				return "has a character that names do not have";
		}
	}
	return NULL;
}
