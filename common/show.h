/* SPDX-License-Identifier: ISC
 * Text from elsewhere on a person's screen. */
#ifndef SLUICE_SHOW_H
#define SLUICE_SHOW_H

#include "buf.h"

/* Adds UTF-8 text; what a terminal would obey, or what would reorder or hide its neighbours
 * (control characters, bidirectional marks, bytes that are no UTF-8) is spelled out: \n \x1b
 * \u202e. Returns the columns that it takes on a terminal. */
size_t show_text(struct buf *b, const char *text, size_t len);

#endif
