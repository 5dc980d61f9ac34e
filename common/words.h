/* SPDX-License-Identifier: ISC
 * A command line in words, as a shell splits it; nothing is expanded. */
#ifndef SLUICE_WORDS_H
#define SLUICE_WORDS_H

/* NULL-terminated, to be freed by words_free(); NULL when a quote is not closed. Quotes and \ mean
 * what they mean to sh. */
char **words_split(const char *text);
void words_free(char **words);

#endif
