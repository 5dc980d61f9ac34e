/* SPDX-License-Identifier: ISC
 * What signing cannot do without, for tests/bench/sign.sh: each line of a file is parsed, its body
 * and as much text as a canonical request has are hashed, one HMAC is made, and it is printed. */
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hash(const json_t *record)
{
	const char *body =
	    json_string_value(json_object_get(json_object_get(record, "postData"), "text"));
	unsigned char digest[SHA256_DIGEST_LENGTH], mac[SHA256_DIGEST_LENGTH];
	char canonical[300] = "POST";
	unsigned len = sizeof(mac);

	SHA256((const unsigned char *)(body ? body : ""), body ? strlen(body) : 0, digest);
	SHA256((const unsigned char *)canonical, sizeof(canonical), digest);
	HMAC(EVP_sha256(), "0123456789abcdef0123456789abcdef", 32, digest, sizeof(digest), mac,
	     &len);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (argc != 2 || !freopen(argv[1], "r", stdin))
		return 66;
	while ((len = getline(&line, &room, stdin)) > 0) {
		json_t *record = json_loadb(line, (size_t)len, 0, NULL);
		char *text = json_dumps(record, JSON_COMPACT);

		hash(record);
		puts(text);
		free(text);
		json_decref(record);
	}
	free(line);
	return fflush(stdout) ? 74 : 0;
}
