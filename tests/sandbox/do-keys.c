/* SPDX-License-Identifier: ISC
 * The account and its ssh keys. A key's fingerprint is the MD5 of its blob. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static json_t *get_account(struct request *r)
{
	return do_one("account", do_public(sub(do_home(r), "account")));
}

/* "" when it is no public key. */
static void fingerprint(const char *key, char text[48])
{
	const char *blob = strchr(key, ' ');
	struct buf bytes = {0};
	unsigned char md5[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	*text = '\0';
	blob = blob ? blob + strspn(blob, " ") : "";
	if (strncmp(key, "ssh-", 4) != 0 && strncmp(key, "ecdsa-", 6) != 0 &&
	    strncmp(key, "sk-", 3) != 0)
		return;
	if (!buf_unbase64(&bytes, blob, strcspn(blob, " \n")) && bytes.len > 4 &&
	    EVP_Digest(bytes.data, bytes.len, md5, &len, EVP_md5(), NULL))
		for (unsigned i = 0; i < len; i++)
			snprintf(text + i * 3, 4, "%02x%s", md5[i], i + 1 < len ? ":" : "");
	buf_free(&bytes);
}

static json_t *show(struct request *r, json_t *key)
{
	(void)r;
	return do_public(key);
}

static json_t *list_keys(struct request *r)
{
	return do_page(r, "ssh_keys", do_values(sub(do_home(r), "keys")), show);
}

static json_t *key_of(json_t *home, const char *id_or_fingerprint)
{
	json_t *key, *found = json_object_get(sub(home, "keys"), id_or_fingerprint);
	const char *id;

	if (found)
		return found;
	json_object_foreach(sub(home, "keys"), id, key)
		if (!strcmp(str(key, "fingerprint"), id_or_fingerprint))
			return key;
	return NULL;
}

json_t *do_make_key(json_t *home, const char *name, const char *public_key)
{
	char print[48], *id;
	json_t *key;

	fingerprint(public_key, print);
	if (!*print)
		return NULL;
	key = json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)do_new_id("key"), "fingerprint",
			print, "public_key", public_key, "name", name);
	id = do_key(num(key, "id", 0));
	put(sub(home, "keys"), id, key);
	free(id);
	return key;
}

static json_t *create_key(struct request *r)
{
	char print[48];

	if (!has(r->params, "name"))
		return do_refuse(r, 422, "Name can't be blank");
	fingerprint(do_arg(r, "public_key"), print);
	if (!*print)
		return do_refuse(r, 422,
				 "Key invalid, key should be of the format `ssh-rsa key-body "
				 "comment`, Fingerprint could not be generated");
	if (key_of(do_home(r), print))
		return do_refuse(r, 422, "SSH Key is already in use on your account");
	return do_one("ssh_key", json_incref(do_make_key(do_home(r), do_arg(r, "name"),
							 do_arg(r, "public_key"))));
}

static json_t *named(struct request *r)
{
	return key_of(do_home(r), do_arg(r, "ssh_key_identifier"));
}

static json_t *get_key(struct request *r)
{
	return named(r) ? do_one("ssh_key", json_incref(named(r))) : do_missing(r);
}

static json_t *update_key(struct request *r)
{
	if (!named(r))
		return do_missing(r);
	put_str(named(r), "name", do_arg(r, "name"));
	return get_key(r);
}

static json_t *delete_key(struct request *r)
{
	char *id = do_key(num(named(r), "id", -1));
	bool there = !json_object_del(sub(do_home(r), "keys"), id);

	free(id);
	return there ? json_null() : do_missing(r);
}

#define KEY "/v2/account/keys/{ssh_key_identifier}"

const struct do_route do_account_routes[] = {
    {"GET", "/v2/account", "account_get", get_account, 200},
    {NULL, NULL, NULL, NULL, 0},
};
const struct do_route do_key_routes[] = {
    {"GET", "/v2/account/keys", "sshKeys_list", list_keys, 200},
    {"POST", "/v2/account/keys", "sshKeys_create", create_key, 201},
    {"GET", KEY, "sshKeys_get", get_key, 200},
    {"PUT", KEY, "sshKeys_update", update_key, 200},
    {"DELETE", KEY, "sshKeys_delete", delete_key, 204},
    {NULL, NULL, NULL, NULL, 0},
};
