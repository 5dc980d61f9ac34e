/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "dns-name.h"
#include "dns-record.h"

static const char *text_of(const json_t *record, const char *key)
{
	return json_string_value(json_object_get(record, key));
}

bool dns_record_points(const json_t *record)
{
	const char *type = text_of(record, "type");

	return type && (!strcmp(type, "A") || !strcmp(type, "AAAA"));
}

const char *dns_record_wrong(const json_t *record)
{
	if (!text_of(record, "type"))
		return "it has no string 'type'";
	if (!dns_record_points(record))
		return NULL;
	if (!text_of(record, "data"))
		return "it has no string 'data'";
	if (!text_of(record, "fqdn") && !(text_of(record, "name") && text_of(record, "domain")))
		return "it has neither 'fqdn' nor 'name' and 'domain'";
	return NULL;
}

bool dns_record_address(const json_t *record, struct address *address)
{
	return address_parse(text_of(record, "data"), address) &&
	       address->family == (strcmp(text_of(record, "type"), "A") ? 6 : 4);
}

char *dns_record_name(const json_t *record)
{
	const char *full = text_of(record, "fqdn");

	return full ? dns_name_plain(full)
		    : dns_name_full(text_of(record, "name"), text_of(record, "domain"));
}
