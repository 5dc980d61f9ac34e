/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "endpoint.h"

struct partition {
	const char *begin;  /* of its regions' names; longer ones first */
	const char *suffix; /* of its hosts */
	const char *dualstack;
	const char *global; /* that calls to its global services are signed for */
};

static const struct partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1"},
    {"aws-cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-north-1"},
    {"us-gov-", "amazonaws.com", "api.aws", "us-gov-west-1"},
    {"aws-us-gov-", "amazonaws.com", "api.aws", "us-gov-west-1"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"},
    {"aws-iso-global", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-east-1"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"},
    {"aws-iso-b-", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-east-1"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"},
    {"aws-iso-e-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-west-1"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"},
    {"aws-iso-f-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-south-1"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-de-east-1"},
    {"", "amazonaws.com", "api.aws", "us-east-1"},
};

/* Where STS's global host answered before there were regional ones. */
static const char *const sts_legacy[] = {
    "ap-northeast-1", "ap-south-1",   "ap-southeast-1", "ap-southeast-2",
    "aws-global",     "ca-central-1", "eu-central-1",   "eu-north-1",
    "eu-west-1",      "eu-west-2",    "eu-west-3",      "sa-east-1",
    "us-east-1",      "us-east-2",    "us-west-1",      "us-west-2",
};

static const struct partition *partition_of(const char *region)
{
	size_t i = 0;

	while (strncmp(region, partitions[i].begin, strlen(partitions[i].begin)))
		i++;
	return &partitions[i];
}

bool aws_region_valid(const char *region)
{
	size_t len = strlen(region);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)region[i]) && region[i] != '-')
			return false;
	return len > 0 && len <= 63 && region[0] != '-' && region[len - 1] != '-';
}

static bool sts_is_global(const struct aws_service *s, const char *region, bool legacy)
{
	if (strcmp(s->name, "sts"))
		return false;
	if (!legacy)
		return !strcmp(region, "aws-global");
	for (size_t i = 0; i < sizeof sts_legacy / sizeof *sts_legacy; i++)
		if (!strcmp(region, sts_legacy[i]))
			return true;
	return false;
}

/* The FIPS hosts of GovCloud are its usual ones, but for these. */
static bool gov_has_fips_names(const struct aws_service *s)
{
	return !strcmp(s->name, "ecs");
}

/* The part of the host between service and suffix. */
static const char *place(const struct aws_service *s, const struct partition *p, const char *region)
{
	if (!s->global)
		return region;
	if (!strcmp(p->global, "us-east-1"))
		return NULL;
	return strcmp(p->global, "us-gov-west-1") ? p->global : "us-gov";
}

static char *partition_host(const struct aws_service *s, const char *region, struct aws_variant v)
{
	const struct partition *p = partition_of(region);
	const char *fips = v.fips ? "-fips" : "", *where = place(s, p, region);

	if (!strncmp(region, "us-gov-", 7) && !v.dualstack && !gov_has_fips_names(s))
		fips = "";
	return mem_fmt("https://%s%s%s%s.%s", s->prefix, fips, where ? "." : "", where ? where : "",
		       v.dualstack && !s->global ? p->dualstack : p->suffix);
}

static bool custom_host(struct aws_where *w, struct aws_variant v, const char *custom,
			struct failure *f)
{
	size_t len = strlen(custom);
	const char *host = strstr(custom, "://");

	if (v.fips)
		return fail_set(
		    f, ST_CONFIG, "bad-endpoint",
		    "invalid configuration: FIPS and custom endpoint are not supported");
	if (v.dualstack)
		return fail_set(
		    f, ST_CONFIG, "bad-endpoint",
		    "invalid configuration: dualstack and custom endpoint are not supported");
	if ((strncasecmp(custom, "https://", 8) && strncasecmp(custom, "http://", 7)) ||
	    strpbrk(custom, " \t\r\n?#") || !host[3] || host[3] == '/')
		return fail_set(f, ST_CONFIG, "bad-endpoint",
				"the configured AWS endpoint '%s' is not an http or https URL",
				custom);
	while (len && custom[len - 1] == '/')
		len--;
	w->url = mem_dup_n(custom, len);
	return true;
}

bool aws_host(struct aws_where *w, const struct aws_service *s, const char *region,
	      struct aws_variant v, const char *custom, struct failure *f)
{
	*w = (struct aws_where){0};
	if (region && !aws_region_valid(region))
		return fail_set(f, ST_CONFIG, "bad-region", "'%s' is not the name of an AWS region",
				region);
	if (!region && !custom)
		return fail_set(f, ST_CONFIG, "no-region", "invalid configuration: missing region");
	if (custom) {
		if (!custom_host(w, v, custom, f))
			return false;
	} else if (sts_is_global(s, region, v.sts_global && !v.fips && !v.dualstack)) {
		w->url = mem_dup("https://sts.amazonaws.com");
		w->region = mem_dup("us-east-1");
	} else {
		w->url = partition_host(s, region, v);
	}
	if (!w->region && region)
		w->region = mem_dup(s->global ? partition_of(region)->global : region);
	return true;
}

static bool truth(const char *value)
{
	return value && !strcasecmp(value, "true");
}

/* A switch that the environment or the profile may set; the environment decides when it says
 * anything. */
static const char *setting(const struct profiles *p, const char *variable, const char *key)
{
	const char *value = env_get(variable);

	return value ? value : profiles_get(p, key);
}

static struct aws_variant variant_of(const struct profiles *p)
{
	const char *sts = setting(p, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");

	return (struct aws_variant){
	    truth(setting(p, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")),
	    truth(setting(p, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")),
	    sts && !strcasecmp(sts, "legacy"),
	};
}

static char *lower(const char *text)
{
	char *copy = mem_dup(text);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* [services NAME] of the profile's `services`. */
static char *services_url(const struct aws_service *s, const struct profiles *p)
{
	const char *section = profiles_get(p, "services");
	char *id = lower(s->id), *url = NULL;

	if (section)
		url = profile_nested(profiles_section(p, "services", section, id), "endpoint_url");
	free(id);
	if (url && !*url) {
		free(url);
		url = NULL;
	}
	return url;
}

/* NULL when there is none, or it is to be ignored. Borrowed, unless it is put into *owned. */
static const char *configured_url(const struct aws_service *s, const struct profiles *p,
				  const char *flag, char **owned)
{
	char *variable;
	const char *url;

	*owned = NULL;
	if (flag)
		return flag;
	if (truth(setting(p, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
			  "ignore_configured_endpoint_urls")))
		return NULL;
	variable = mem_fmt("AWS_ENDPOINT_URL_%s", s->id);
	url = env_get(variable);
	free(variable);
	if (!url)
		url = env_get("AWS_ENDPOINT_URL");
	if (!url)
		url = *owned = services_url(s, p);
	if (!url)
		url = profiles_get(p, "endpoint_url");
	return url;
}

bool aws_endpoint(struct aws_where *w, const struct aws_service *s, const char *region,
		  const struct profiles *p, const char *flag, struct failure *f)
{
	char *owned;
	const char *url = configured_url(s, p, flag, &owned);
	bool ok = aws_host(w, s, region, variant_of(p), url, f);

	free(owned);
	return ok;
}

void aws_where_free(struct aws_where *w)
{
	free(w->url);
	free(w->region);
	*w = (struct aws_where){0};
}
