/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "xml.h"

/* Words at the end of a name: plurals that are no lists. */
static const char *const no_lists[] = {
    "alias",       "bps",        "constraints", "credentials",  "details",      "dns",
    "ebs",         "factors",    "hours",       "iops",         "minutes",      "notes",
    "preferences", "properties", "protections", "requirements", "restrictions", "seconds",
    "settings",    "strategies", "tokens",
};

/* Whole names: lists that look like none. */
static const char *const lists[] = {
    "availabilityZoneInfo",
    "blockDeviceMapping",
    "createVolumePermission",
    "DependsOn",
    "gpus",
    "ipPermissionsEgress",
    "launchPermission",
    "regionInfo",
    "securityGroupInfo",
    "successful",
    "unsuccessful",
    "vgwTelemetry",
};

static bool ends_in(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len >= n && !strcasecmp(name + len - n, end);
}

enum xml_empty xml_empty(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (!strcmp(name, lists[i]))
			return XML_LIST;
	if (len < 4)
		return XML_TEXT;
	if (!strcmp(name + len - 3, "Set") || !strcmp(name + len - 4, "List"))
		return XML_LIST;
	if (name[len - 1] != 's' || strchr("suiS", name[len - 2]))
		return XML_TEXT;
	if (ends_in(name, len, "options"))
		return XML_STRUCTURE;
	for (size_t i = 0; i < sizeof(no_lists) / sizeof(*no_lists); i++)
		if (ends_in(name, len, no_lists[i]))
			return XML_TEXT;
	return XML_LIST;
}
