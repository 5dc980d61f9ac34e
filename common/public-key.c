/* SPDX-License-Identifier: ISC */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "md5.h"
#include "mem.h"
#include "public-key.h"
#include "status.h"

#define BLANK " \t\r\n"

static bool refuse(struct failure *f, const char *because)
{
	return fail_set(f, ST_DATA, "bad-key", "%s", because);
}

/* The next word, caller frees; NULL at the end. */
static char *word(const char **text)
{
	const char *start = *text + strspn(*text, BLANK);
	size_t len = strcspn(start, BLANK);

	*text = start + len;
	return len ? mem_dup_n(start, len) : NULL;
}

/* The comment; one that is no UTF-8 counts as none. */
static char *rest(const char *text)
{
	json_t *value;
	size_t len;

	text += strspn(text, " \t");
	len = strcspn(text, "\r\n");
	while (len && strchr(BLANK, text[len - 1]))
		len--;
	value = len ? json_stringn(text, len) : NULL;
	json_decref(value);
	return value ? mem_dup_n(text, len) : NULL;
}

/* A blob begins with the length of the type and the type. */
static bool is_blob_of(const struct buf *blob, const char *type)
{
	const unsigned char *b = (const unsigned char *)blob->data;
	size_t len = strlen(type);

	return blob->len > len + 4 &&
	       ((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]) == len &&
	       !memcmp(b + 4, type, len);
}

static void print_finger(const struct buf *blob, char text[48])
{
	unsigned char digest[16];

	md5(blob->data, blob->len, digest);
	for (int i = 0; i < 16; i++)
		snprintf(text + i * 3, 4, "%02x%s", digest[i], i < 15 ? ":" : "");
}

static bool take(const char *type, const char *blob, struct public_key *k, struct failure *f)
{
	struct buf bytes = {0};
	bool good =
	    type && blob && !buf_unbase64(&bytes, blob, strlen(blob)) && is_blob_of(&bytes, type);

	if (good) {
		print_finger(&bytes, k->fingerprint);
		k->text = mem_fmt("%s %s", type, blob);
	} else {
		refuse(f, "it is no OpenSSH public key, which is one line 'TYPE BASE64 COMMENT'");
	}
	buf_free(&bytes);
	return good;
}

bool public_key_parse(const char *text, struct public_key *k, struct failure *f)
{
	char *type, *blob;
	const char *more;
	bool good;

	*k = (struct public_key){0};
	if (strstr(text, "PRIVATE KEY"))
		return refuse(f, "it is a private key; only the public one (.pub) is wanted");
	type = word(&text);
	blob = word(&text);
	k->comment = rest(text);
	more = text + strcspn(text, "\r\n");
	good = more[strspn(more, BLANK)]
		   ? refuse(f, "there are several lines; one public key is wanted")
		   : take(type, blob, k, f);
	free(type);
	free(blob);
	return good;
}

void public_key_free(struct public_key *k)
{
	free(k->text);
	free(k->comment);
	*k = (struct public_key){0};
}
