/* SPDX-License-Identifier: ISC
 * The keys of key pairs: RSA and Ed25519, with the fingerprints that EC2 shows. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "ec2.h"
#include "mem.h"
#include "public-key.h"

void ec2_key_free(struct ec2_key *k)
{
	free(k->public_text);
	free(k->private_text);
	free(k->fingerprint);
	*k = (struct ec2_key){0};
}

static void put_bytes(struct buf *b, const void *data, size_t len)
{
	const unsigned char head[4] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
				       (unsigned char)(len >> 8), (unsigned char)len};

	buf_add(b, head, 4);
	buf_add(b, data, len);
}

/* The next length-prefixed string of a blob; its length, or -1. */
static long take_bytes(const struct buf *b, size_t *at, const unsigned char **data)
{
	const unsigned char *p = (const unsigned char *)b->data + *at;
	size_t len;

	if (b->len - *at < 4)
		return -1;
	len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (len > b->len - *at - 4)
		return -1;
	*data = p + 4;
	*at += 4 + len;
	return (long)len;
}

static char *digest_text(const void *data, size_t len, const EVP_MD *md)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	struct buf text = {0};

	EVP_Digest(data, len, digest, &size, md, NULL);
	for (unsigned i = 0; i < size; i++)
		buf_fmt(&text, "%s%02x", i ? ":" : "", digest[i]);
	return buf_take(&text);
}

static char *sha256_base64(const void *data, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	struct buf text = {0};

	EVP_Digest(data, len, digest, &size, EVP_sha256(), NULL);
	buf_base64(&text, digest, size);
	return buf_take(&text);
}

static EVP_PKEY *rsa_of(const unsigned char *e, long e_len, const unsigned char *n, long n_len)
{
	BIGNUM *exponent = BN_bin2bn(e, (int)e_len, NULL),
	       *modulus = BN_bin2bn(n, (int)n_len, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
	params = OSSL_PARAM_BLD_to_param(build);
	if (EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_BLD_free(build);
	BN_free(modulus);
	BN_free(exponent);
	return key;
}

/* Of what was imported: the MD5 of the public key in DER. NULL: no RSA key. */
static char *rsa_fingerprint(const struct buf *blob, size_t at)
{
	const unsigned char *e, *n;
	long e_len = take_bytes(blob, &at, &e), n_len = e_len < 0 ? -1 : take_bytes(blob, &at, &n);
	EVP_PKEY *key = n_len < 0 ? NULL : rsa_of(e, e_len, n, n_len);
	unsigned char *der = NULL;
	int len = key ? i2d_PUBKEY(key, &der) : 0;
	char *text = len > 0 ? digest_text(der, (size_t)len, EVP_md5()) : NULL;

	OPENSSL_free(der);
	EVP_PKEY_free(key);
	return text;
}

bool ec2_key_read(struct ec2_key *k, const char *text)
{
	struct public_key key = {0};
	struct failure f = {0};
	struct buf blob = {0};
	const unsigned char *type;
	size_t at = 0;
	bool parsed = public_key_parse(text, &key, &f);
	const char *coded = parsed ? strchr(key.text, ' ') + 1 : "";
	long len = !buf_unbase64(&blob, coded, strlen(coded)) && blob.data
		       ? take_bytes(&blob, &at, &type)
		       : -1;

	if (len == 7 && !memcmp(type, "ssh-rsa", 7)) {
		k->type = "rsa";
		k->fingerprint = rsa_fingerprint(&blob, at);
	} else if (len == 11 && !memcmp(type, "ssh-ed25519", 11)) {
		k->type = "ed25519";
		k->fingerprint = sha256_base64(blob.data, blob.len);
	}
	if (k->fingerprint)
		k->public_text = mem_dup(key.text);
	buf_free(&blob);
	public_key_free(&key);
	fail_free(&f);
	return k->fingerprint;
}

static void put_number(struct buf *b, const EVP_PKEY *key, const char *name)
{
	BIGNUM *number = NULL;
	unsigned char bytes[1024];
	int len;

	if (!EVP_PKEY_get_bn_param(key, name, &number))
		mem_out();
	len = BN_bn2bin(number, bytes + 1);
	bytes[0] = 0; /* keeps it positive */
	put_bytes(b, bytes[1] & 0x80 ? bytes : bytes + 1,
		  (size_t)(bytes[1] & 0x80 ? len + 1 : len));
	BN_free(number);
}

static char *pem_of(EVP_PKEY *key)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *data, *text;
	long len;

	PEM_write_bio_PrivateKey_traditional(out, key, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(out, &data);
	text = mem_dup_n(data, (size_t)len - (len && data[len - 1] == '\n'));
	BIO_free(out);
	return text;
}

/* Of what EC2 made: the SHA-1 of the private key in PKCS#8. */
static char *private_fingerprint(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	char *text = digest_text(der, (size_t)len, EVP_sha1());

	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	return text;
}

static char *coded_key(const char *type, const struct buf *blob)
{
	struct buf text = {0};

	buf_fmt(&text, "%s ", type);
	buf_base64(&text, blob->data, blob->len);
	return buf_take(&text);
}

static void make_rsa(struct ec2_key *k)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct buf blob = {0};

	put_bytes(&blob, "ssh-rsa", 7);
	put_number(&blob, key, OSSL_PKEY_PARAM_RSA_E);
	put_number(&blob, key, OSSL_PKEY_PARAM_RSA_N);
	k->public_text = coded_key("ssh-rsa", &blob);
	k->private_text = pem_of(key);
	k->fingerprint = private_fingerprint(key);
	buf_free(&blob);
	EVP_PKEY_free(key);
}

/* The file format of OpenSSH, without a passphrase. */
static char *openssh_file(const struct buf *blob, const unsigned char seed_and_public[64])
{
	static const unsigned char check[8] = {1, 2, 3, 4, 1, 2, 3, 4};
	struct buf secret = {0}, all = {0}, coded = {0}, text = {0};

	buf_add(&secret, check, sizeof check);
	put_bytes(&secret, "ssh-ed25519", 11);
	put_bytes(&secret, seed_and_public + 32, 32);
	put_bytes(&secret, seed_and_public, 64);
	put_bytes(&secret, "", 0);
	for (char pad = 1; secret.len % 8; pad++)
		buf_char(&secret, pad);
	buf_add(&all, "openssh-key-v1", 15);
	put_bytes(&all, "none", 4);
	put_bytes(&all, "none", 4);
	put_bytes(&all, "", 0);
	buf_add(&all, "\0\0\0\1", 4);
	put_bytes(&all, blob->data, blob->len);
	put_bytes(&all, secret.data, secret.len);
	buf_base64(&coded, all.data, all.len);
	buf_str(&text, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	for (size_t at = 0; at < coded.len; at += 70)
		buf_fmt(&text, "%.70s\n", coded.data + at);
	buf_str(&text, "-----END OPENSSH PRIVATE KEY-----");
	buf_free(&secret);
	buf_free(&all);
	buf_free(&coded);
	return buf_take(&text);
}

static void make_ed25519(struct ec2_key *k)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char pair[64];
	size_t len = 32;
	struct buf blob = {0};

	EVP_PKEY_get_raw_private_key(key, pair, &len);
	EVP_PKEY_get_raw_public_key(key, pair + 32, &len);
	put_bytes(&blob, "ssh-ed25519", 11);
	put_bytes(&blob, pair + 32, 32);
	k->public_text = coded_key("ssh-ed25519", &blob);
	k->private_text = openssh_file(&blob, pair);
	k->fingerprint = sha256_base64(blob.data, blob.len);
	buf_free(&blob);
	EVP_PKEY_free(key);
}

void ec2_key_make(struct ec2_key *k, const char *type)
{
	bool is_rsa = !strcmp(type, "rsa");

	k->type = is_rsa ? "rsa" : "ed25519";
	if (is_rsa)
		make_rsa(k);
	else
		make_ed25519(k);
}
