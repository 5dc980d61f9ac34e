/* SPDX-License-Identifier: ISC
 * What an action does, without a model to ask. */
#ifndef SLUICE_AWS_EFFECT_H
#define SLUICE_AWS_EFFECT_H

#include <jansson.h>

#include "../http.h"

/* By the action's name: Describe…, Get…, List… and the like read; others change, those with a token
 * of idempotence among the parameters (ClientToken, …) may be sent twice. */
enum http_effect aws_effect(const char *action, const json_t *params);

#endif
