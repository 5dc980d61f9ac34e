/* SPDX-License-Identifier: ISC
 * Key pairs. */
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"

static json_t *pairs(const struct request *r)
{
	return table(aws_place(r), "key_pairs");
}

json_t *ec2_key_named(json_t *where, const char *name)
{
	const char *id;
	json_t *pair;

	json_object_foreach(table(where, "key_pairs"), id, pair)
		if (!strcmp(str(pair, "keyName"), name))
			return pair;
	return NULL;
}

json_t *describe_key_pairs(struct request *r)
{
	static const struct filter filters[] = {{"key-name", "keyName"},
						{"key-pair-id", "keyPairId"},
						{"fingerprint", "keyFingerprint"},
						{NULL, NULL}};
	json_t *result =
	    describe(r, &(struct describing){"key_pairs", "keySet", "KeyName", "keyName",
					     "KeyPairId", "keyPairId", "InvalidKeyPair.NotFound",
					     "The key pair '%s' does not exist", filters});
	json_t *set = json_object_get(result, "keySet");

	for (size_t i = 0; i < json_array_size(set) && !yes(r->params, "IncludePublicKey"); i++) {
		json_t *shown = json_copy(json_array_get(set, i));

		json_object_del(shown, "publicKey");
		json_array_set_new(set, i, shown);
	}
	return result;
}

static bool name_free(struct request *r)
{
	if (!args_given(r, "KeyName", NULL) || !ec2_tag_types_good(r, "key-pair"))
		return false;
	if (!ec2_key_named(aws_place(r), arg(r, "KeyName")))
		return true;
	refuse(r, 400, "InvalidKeyPair.Duplicate",
	       "The keypair already exists"); /* in these words, whatever the name */
	return false;
}

static json_t *keep(struct request *r, const struct ec2_key *key)
{
	char *id = new_id("key-"), now[32];
	json_t *pair =
	    json_pack("{s:s, s:s, s:s, s:s, s:o, s:s++, s:s}", "keyPairId", id, "keyName",
		      arg(r, "KeyName"), "keyFingerprint", key->fingerprint, "keyType", key->type,
		      "tagSet", tags_of_new(r, "key-pair"), "publicKey", key->public_text, " ",
		      arg(r, "KeyName"), "createTime", world_iso(world_now(), now));

	put(pairs(r), id, pair);
	free(id);
	return json_pack("{s:O, s:O, s:O, s:O}", "keyPairId", json_object_get(pair, "keyPairId"),
			 "keyName", json_object_get(pair, "keyName"), "keyFingerprint",
			 json_object_get(pair, "keyFingerprint"), "tagSet",
			 json_object_get(pair, "tagSet"));
}

json_t *import_key_pair(struct request *r)
{
	struct ec2_key key = {0};
	struct buf text = {0};
	const char *material = arg(r, "PublicKeyMaterial");
	json_t *result = NULL;

	if (!name_free(r) || !args_given(r, "PublicKeyMaterial", NULL))
		return NULL;
	if (!buf_unbase64(&text, material, strlen(material)) && text.data &&
	    ec2_key_read(&key, text.data))
		result = keep(r, &key);
	else
		refuse(r, 400, "InvalidKey.Format",
		       "Key is not in valid OpenSSH public key format");
	ec2_key_free(&key);
	buf_free(&text);
	return result;
}

json_t *create_key_pair(struct request *r)
{
	const char *type = has(r->params, "KeyType") ? arg(r, "KeyType") : "rsa";
	struct ec2_key key = {0};
	json_t *result;

	if (!name_free(r))
		return NULL;
	if (strcmp(type, "rsa") != 0 && strcmp(type, "ed25519") != 0)
		return refuse(r, 400, "InvalidParameterValue",
			      "Value (%s) for parameter KeyType is invalid.", type);
	ec2_key_make(&key, type);
	result = keep(r, &key);
	put_str(result, "keyMaterial", key.private_text);
	ec2_key_free(&key);
	return result;
}

json_t *delete_key_pair(struct request *r)
{
	const char *name = arg(r, "KeyName"), *wanted = arg(r, "KeyPairId");
	json_t *pair =
		   *name ? ec2_key_named(aws_place(r), name) : json_object_get(pairs(r), wanted),
	       *result;

	if (!*name && !*wanted)
		return refuse(r, 400, "MissingParameter",
			      "The request must contain the parameter KeyName or KeyPairId");
	if (!pair) /* as if it had been there */
		return json_pack("{s:b}", "return", 1);
	result = json_pack("{s:b, s:s}", "return", 1, "keyPairId", str(pair, "keyPairId"));
	json_object_del(pairs(r), str(pair, "keyPairId"));
	return result;
}
