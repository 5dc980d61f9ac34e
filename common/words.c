/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "mem.h"
#include "words.h"

/* Adds what follows an opening quote; its end, or NULL when there is none. */
static const char *quoted(struct buf *word, const char *at, char quote)
{
	for (; *at && *at != quote; at++) {
		if (quote == '"' && *at == '\\' && at[1] && strchr("\"\\$`", at[1]))
			at++;
		buf_char(word, *at);
	}
	return *at ? at + 1 : NULL;
}

/* One word; NULL when a quote is not closed. */
static const char *word_end(struct buf *word, const char *at)
{
	while (at && *at && !isspace((unsigned char)*at)) {
		if (*at == '\'' || *at == '"') {
			at = quoted(word, at + 1, *at);
		} else {
			if (*at == '\\' && at[1])
				at++;
			buf_char(word, *at++);
		}
	}
	return at;
}

char **words_split(const char *text)
{
	char **words = mem_alloc(sizeof(*words));
	size_t n = 0;

	for (;;) {
		struct buf word = {0};

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			return words;
		text = word_end(&word, text);
		if (!text) {
			buf_free(&word);
			words_free(words);
			return NULL;
		}
		words = mem_grow(words, n + 2, sizeof(*words));
		words[n++] = buf_take(&word);
		words[n] = NULL;
	}
}

void words_free(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}
