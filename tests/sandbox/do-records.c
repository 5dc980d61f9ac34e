/* SPDX-License-Identifier: ISC
 * Records. Names are relative to their domain; nothing keeps two records from being equal. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "do.h"
#include "mem.h"

static bool is_type(const json_t *record, const char *type)
{
	return !strcmp(str(record, "type"), type);
}

static bool names_a_host(const json_t *record)
{
	return is_type(record, "CNAME") || is_type(record, "MX") || is_type(record, "NS") ||
	       is_type(record, "SRV");
}

/* Hosts are sent with a final dot and come back without, the domain itself as @. */
static char *shown_data(const json_t *record, const char *domain)
{
	const char *data = str(record, "data");
	size_t len = strlen(data);

	if (is_type(record, "AAAA"))
		return do_spell_ipv6(data, "records");
	if (!names_a_host(record) || !len || data[len - 1] != '.')
		return mem_dup(data);
	if (len - 1 == strlen(domain) && !strncmp(data, domain, len - 1))
		return mem_dup("@");
	return mem_dup_n(data, len - 1);
}

static json_t *show(struct request *r, json_t *record)
{
	char *data = shown_data(record, do_arg(r, "domain_name"));
	json_t *shown = do_public(record);

	put_str(shown, "data", data);
	free(data);
	return shown;
}

json_t *do_make_record(json_t *domain, const json_t *spec)
{
	static const char *const members[] = {"priority", "port", "weight", "flags", "tag"};
	long long id = has(spec, "id") ? num(spec, "id", 0) : do_new_id("record");
	char *key = do_key(id);
	json_t *record = json_pack(
	    "{s:I, s:s, s:s, s:s}", "id", (json_int_t)id, "type", str(spec, "type"), "name",
	    has(spec, "name") ? str(spec, "name") : "@", "data", str(spec, "data"));

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_t *value = json_object_get(spec, members[i]);

		if (i == 2)
			put_int(record, "ttl", num(spec, "ttl", 1800));
		put(record, members[i], value ? json_incref(value) : json_null());
	}
	put(sub(domain, "_records"), key, record);
	free(key);
	return record;
}

static json_t *domain_of(struct request *r)
{
	return json_object_get(sub(do_home(r), "domains"), do_arg(r, "domain_name"));
}

/* The filter wants the full name, although the records have the relative one. */
static bool has_name(const json_t *record, const char *domain, const char *wanted)
{
	const char *name = str(record, "name");
	size_t len = strlen(name);

	if (!strcmp(name, "@"))
		return !strcasecmp(wanted, domain);
	return !strncasecmp(wanted, name, len) && wanted[len] == '.' &&
	       !strcasecmp(wanted + len + 1, domain);
}

static json_t *list_records(struct request *r)
{
	json_t *domain = domain_of(r), *all, *record;
	const char *type = do_arg(r, "type"), *name = do_arg(r, "name"), *key;

	if (!domain)
		return do_missing(r);
	all = json_array();
	json_object_foreach(sub(domain, "_records"), key, record)
		if ((!*type || is_type(record, type)) &&
		    (!*name || has_name(record, str(domain, "name"), name)))
			json_array_append(all, record);
	return do_page(r, "domain_records", all, show);
}

static json_t *record_of(struct request *r)
{
	return json_object_get(sub(domain_of(r), "_records"), do_arg(r, "domain_record_id"));
}

static json_t *get_record(struct request *r)
{
	json_t *record = domain_of(r) ? record_of(r) : NULL;

	return record ? do_one("domain_record", show(r, record)) : do_missing(r);
}

static bool clashes(const json_t *domain, const json_t *wish, const json_t *but)
{
	json_t *record;
	const char *key;

	json_object_foreach(json_object_get(domain, "_records"), key, record)
		if (record != but && !strcasecmp(str(record, "name"), str(wish, "name")) &&
		    (is_type(record, "CNAME") || is_type(wish, "CNAME")))
			return true;
	return false;
}

static bool is_address(int family, const char *text)
{
	unsigned char bytes[16];

	return inet_pton(family, text, bytes) == 1;
}

static const char *whats_wrong(const json_t *domain, const json_t *wish, const json_t *but)
{
	static const char *const types[] = {"A",  "AAAA", "CAA", "CNAME", "MX",
					    "NS", "SOA",  "SRV", "TXT",   NULL};
	const char *data = str(wish, "data");
	size_t i = 0, len = strlen(data);

	while (types[i] && !is_type(wish, types[i]))
		i++;
	if (!types[i] || (is_type(wish, "SOA") && !but))
		return "Type is not included in the list";
	if (!has(wish, "name") && !is_type(wish, "MX") && !is_type(wish, "NS"))
		return "Name can't be blank";
	if (strspn(str(wish, "name"), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.*@") != strlen(str(wish, "name")))
		return "Name Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)";
	if (is_type(wish, "A") && !is_address(AF_INET, data))
		return "Data can't be blank and IP address did not match IPv4 format "
		       "(e.g. 255.255.255.255).";
	if (is_type(wish, "AAAA") && !is_address(AF_INET6, data))
		return "Data can't be blank and IP address did not match IPv6 format "
		       "(e.g. 2001:db8::ff00:42:8329).";
	if (!len)
		return "Data can't be blank";
	if (names_a_host(wish) && strcmp(data, "@") != 0 && data[len - 1] != '.')
		return "Data needs to end with a dot (.)";
	if (has(wish, "ttl") && num(wish, "ttl", 0) < 30)
		return "Ttl must be greater than or equal to 30";
	if ((is_type(wish, "MX") || is_type(wish, "SRV")) && !has(wish, "priority"))
		return "Priority can't be blank";
	if (clashes(domain, wish, but))
		return "CNAME records cannot share a name with other records";
	return NULL;
}

/* Records of one name and type have one TTL: the one given last. */
static void align(json_t *domain, const json_t *record)
{
	json_t *other;
	const char *key;

	json_object_foreach(sub(domain, "_records"), key, other)
		if (!strcasecmp(str(other, "name"), str(record, "name")) &&
		    is_type(other, str(record, "type")))
			json_object_set(other, "ttl", json_object_get(record, "ttl"));
}

static json_t *create_record(struct request *r)
{
	json_t *domain = domain_of(r), *record;
	const char *wrong = domain ? whats_wrong(domain, r->params, NULL) : NULL;

	if (!domain)
		return do_missing(r);
	if (wrong)
		return do_refuse(r, 422, "%s", wrong);
	record = do_make_record(domain, r->params);
	align(domain, record);
	return do_one("domain_record", show(r, record));
}

static json_t *update_record(struct request *r)
{
	static const char *const members[] = {"type", "name",   "data",  "priority", "port",
					      "ttl",  "weight", "flags", "tag"};
	json_t *domain = domain_of(r), *record = domain ? record_of(r) : NULL, *wish, *value;
	const char *wrong;

	if (!record)
		return do_missing(r);
	wish = json_copy(record);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if ((value = json_object_get(r->params, members[i])))
			json_object_set(wish, members[i], value);
	wrong = whats_wrong(domain, wish, record);
	if (wrong)
		do_refuse(r, 422, "%s", wrong);
	else
		json_object_update(record, wish);
	json_decref(wish);
	if (wrong)
		return NULL;
	align(domain, record);
	return do_one("domain_record", show(r, record));
}

static json_t *delete_record(struct request *r)
{
	json_t *record = domain_of(r) ? record_of(r) : NULL;

	if (!record)
		return do_missing(r);
	if (is_type(record, "SOA"))
		return do_refuse(r, 422, "SOA records cannot be deleted");
	json_object_del(sub(domain_of(r), "_records"), do_arg(r, "domain_record_id"));
	return json_null();
}

#define RECORDS "/v2/domains/{domain_name}/records"
#define RECORD RECORDS "/{domain_record_id}"

const struct do_route do_record_routes[] = {
    {"GET", RECORDS, "domains_list_records", list_records, 200},
    {"POST", RECORDS, "domains_create_record", create_record, 201},
    {"GET", RECORD, "domains_get_record", get_record, 200},
    {"PUT", RECORD, "domains_update_record", update_record, 200},
    {"PATCH", RECORD, "domains_patch_record", update_record, 200},
    {"DELETE", RECORD, "domains_delete_record", delete_record, 204},
    {NULL, NULL, NULL, NULL, 0},
};
