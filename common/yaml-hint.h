/* SPDX-License-Identifier: ISC */
#ifndef SLUICE_YAML_HINT_H
#define SLUICE_YAML_HINT_H

#include <stddef.h>

/* What may be the cause of libyaml's complaint about this line (from 0): "; …" or "". */
const char *yml_hint(const char *text, size_t len, size_t line);

#endif
