/* SPDX-License-Identifier: ISC
 * Domains. A new one has its SOA and three NS records, which are in its list too. */
#include <stdlib.h>
#include <string.h>

#include "do.h"
#include "mem.h"

static const char *rest_of(const json_t *record)
{
	return strcmp(str(record, "name"), "@") ? str(record, "name") : "";
}

static json_t *zone_file(const json_t *domain)
{
	const char *zone = str(domain, "name"), *key;
	struct buf text = {0};
	json_t *record, *result;

	buf_fmt(&text,
		"$ORIGIN %s.\n$TTL 1800\n%s. IN SOA ns1.digitalocean.com. hostmaster.%s. "
		"1790000000 10800 3600 604800 1800\n",
		zone, zone, zone);
	json_object_foreach(json_object_get(domain, "_records"), key, record)
		if (strcmp(str(record, "type"), "SOA") != 0)
			buf_fmt(&text, "%s%s%s. %lld IN %s %s\n", rest_of(record),
				*rest_of(record) ? "." : "", zone, num(record, "ttl", 1800),
				str(record, "type"), str(record, "data"));
	result = json_string(text.data);
	buf_free(&text);
	return result;
}

static json_t *show(struct request *r, json_t *domain)
{
	(void)r;
	return json_pack("{s:O, s:i, s:o}", "name", json_object_get(domain, "name"), "ttl", 1800,
			 "zone_file", zone_file(domain));
}

static void add_record(json_t *domain, const char *type, const char *data)
{
	json_t *spec =
	    json_pack("{s:s, s:s, s:s, s:i}", "type", type, "name", "@", "data", data, "ttl", 1800);

	do_make_record(domain, spec);
	json_decref(spec);
}

json_t *do_make_domain(json_t *home, const char *name)
{
	json_t *domains = sub(home, "domains"), *domain = json_object_get(domains, name);
	static const char *const servers[] = {"ns1.digitalocean.com.", "ns2.digitalocean.com.",
					      "ns3.digitalocean.com."};

	if (domain)
		return domain;
	domain = sub(domains, name);
	put_str(domain, "name", name);
	add_record(domain, "SOA", "1800");
	for (size_t i = 0; i < 3; i++)
		add_record(domain, "NS", servers[i]);
	return domain;
}

static json_t *list_domains(struct request *r)
{
	return do_page(r, "domains", do_values(sub(do_home(r), "domains")), show);
}

static json_t *domain_of(struct request *r)
{
	return json_object_get(sub(do_home(r), "domains"), do_arg(r, "domain_name"));
}

static json_t *get_domain(struct request *r)
{
	json_t *domain = domain_of(r);

	return domain ? do_one("domain", show(r, domain)) : do_missing(r);
}

static bool is_domain(const char *name)
{
	size_t len = strlen(name);

	return len > 2 && len < 254 && strchr(name, '.') && *name != '.' && name[len - 1] != '.' &&
	       !strstr(name, "..") && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len;
}

static json_t *create_domain(struct request *r)
{
	const char *name = do_arg(r, "name"), *ip = do_arg(r, "ip_address");
	json_t *domain;

	if (!is_domain(name))
		return do_refuse(r, 422,
				 "Name Only valid hostname characters are allowed. "
				 "(a-z, A-Z, 0-9, . and -)");
	if (json_object_get(sub(do_home(r), "domains"), name))
		return do_refuse(r, 422, "domain '%s': name already exists", name);
	domain = do_make_domain(do_home(r), name);
	if (*ip)
		add_record(domain, "A", ip);
	return json_pack("{s:{s:s, s:n, s:n}}", "domain", "name", name, "ttl", "zone_file");
}

static json_t *delete_domain(struct request *r)
{
	if (json_object_del(sub(do_home(r), "domains"), do_arg(r, "domain_name")))
		return do_missing(r);
	return json_null();
}

const struct do_route do_domain_routes[] = {
    {"GET", "/v2/domains", "domains_list", list_domains, 200},
    {"POST", "/v2/domains", "domains_create", create_domain, 201},
    {"GET", "/v2/domains/{domain_name}", "domains_get", get_domain, 200},
    {"DELETE", "/v2/domains/{domain_name}", "domains_delete", delete_domain, 204},
    {NULL, NULL, NULL, NULL, 0},
};
