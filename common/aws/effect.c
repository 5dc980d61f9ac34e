/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "effect.h"

enum http_effect aws_effect(const char *action, const json_t *params)
{
	static const char *const reads[] = {"Assume", "BatchGet", "Decode", "Describe", "Estimate",
					    "Filter", "Get",      "Head",   "List",     "Lookup",
					    "Query",  "Scan",     "Search", "Simulate", "Validate"};
	static const char *const tokens[] = {"CallerReference",    "ClientRequestToken",
					     "ClientToken",        "IdempotencyToken",
					     "clientRequestToken", "clientToken"};

	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
		if (!strncmp(action, reads[i], strlen(reads[i])))
			return HTTP_READ;
	for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
		if (json_string_length(json_object_get(params, tokens[i])))
			return HTTP_IDEMPOTENT;
	return HTTP_CHANGE;
}
