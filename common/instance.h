/* SPDX-License-Identifier: ISC
 * What filters ask of an `instance` record or of an entry of an inventory, whatever its cloud. */
#ifndef SLUICE_INSTANCE_H
#define SLUICE_INSTANCE_H

#include <jansson.h>

/* NULL when the members that filters rely on have their types (null counts as absent), else what
 * is wrong: "'names' is not an array of strings". */
const char *instance_wrong(const json_t *instance);
/* Calls each() with every address as it is written: those of both …_network_interfaces, then
 * `addresses`. One address may come twice. */
void instance_addresses(const json_t *instance, void (*each)(void *ctx, const char *address),
			void *ctx);

#endif
