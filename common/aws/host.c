/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/host.h"

static const struct {
	const char *suffix, *region; /* where its global services are signed */
} partitions[] = {
    {".amazonaws.com", "us-east-1"},
    {".api.aws", "us-east-1"},
    {".on.aws", ""},
    {".amazonaws.com.cn", "cn-northwest-1"},
    {".api.amazonwebservices.com.cn", "cn-northwest-1"},
    {".amazonaws.eu", "eusc-de-east-1"},
    {".api.amazonwebservices.eu", "eusc-de-east-1"},
    {".c2s.ic.gov", "us-iso-east-1"},
    {".api.aws.ic.gov", "us-iso-east-1"},
    {".sc2s.sgov.gov", "us-isob-east-1"},
    {".api.aws.scloud", "us-isob-east-1"},
    {".cloud.adc-e.uk", "eu-isoe-west-1"},
    {".api.cloud-aws.adc-e.uk", "eu-isoe-west-1"},
    {".csp.hci.ic.gov", "us-isof-south-1"},
    {".api.aws.hci.ic.gov", "us-isof-south-1"},
};

/* Hosts whose services are signed by another name; the rest of the label is free after a `*`. */
static const struct {
	const char *label, *service;
} signed_as[] = {
    {"a2i-runtime", "sagemaker"},
    {"appconfigdata", "appconfig"},
    {"appstream2", "appstream"},
    {"bedrock-*", "bedrock"},
    {"cassandra-streams", "cassandra"},
    {"cloudhsmv2", "cloudhsm"},
    {"email", "ses"},
    {"git-codecommit", "codecommit"},
    {"lambda-url", "lambda"},
    {"mail-manager", "ses"},
    {"marketplace", "aws-marketplace"},
    {"memory-db", "memorydb"},
    {"migrationhub-config", "mgh"},
    {"personalize-*", "personalize"},
    {"pinpoint", "mobiletargeting"},
    {"queue", "sqs"},
    {"s3-accesspoint", "s3"},
    {"s3-control", "s3"},
    {"s3express-*", "s3express"},
    {"servicecatalog-appregistry", "servicecatalog"},
};

static bool is_region(const char *label)
{
	size_t len = strlen(label);
	const char *dash = strchr(label, '-');

	/* xx-word-1, us-gov-west-1, eusc-de-east-1 */
	return len > 5 && dash && dash - label >= 2 && dash - label <= 4 && strchr(dash + 1, '-') &&
	       isdigit((unsigned char)label[len - 1]) &&
	       strspn(label, "abcdefghijklmnopqrstuvwxyz-") >= len - 2;
}

static void set(char to[64], const char *from, size_t len)
{
	if (len > 63)
		len = 63;
	memcpy(to, from, len);
	to[len] = '\0';
}

static void set_service(struct aws_scope *scope, const char *label)
{
	size_t len = strlen(label);

	if (!strncmp(label, "fips-", 5)) {
		label += 5;
		len -= 5;
	}
	if (len > 5 && !strcmp(label + len - 5, "-fips"))
		len -= 5;
	set(scope->service, label, len);
	for (size_t i = 0; i < sizeof(signed_as) / sizeof(*signed_as); i++) {
		const char *known = signed_as[i].label, *star = strchr(known, '*');

		if (star ? !strncmp(scope->service, known, (size_t)(star - known))
			 : !strcmp(scope->service, known))
			set(scope->service, signed_as[i].service, strlen(signed_as[i].service));
	}
}

/* s3, s3-eu-west-1 (the old form of s3.eu-west-1), s3-fips, s3-external-1, s3-accelerate. */
static bool read_s3(const char *label, const char *global, struct aws_scope *scope)
{
	if (strcmp(label, "s3") && strncmp(label, "s3-", 3))
		return false;
	if (label[2] && is_region(label + 3))
		set(scope->region, label + 3, strlen(label + 3));
	else if (!strcmp(label, "s3") || !strcmp(label, "s3-external-1"))
		set(scope->region, global, strlen(global));
	else if (strcmp(label, "s3-accelerate") && strcmp(label, "s3-fips"))
		return false;
	set(scope->service, "s3", 2);
	return true;
}

/* Takes the last label off name; "" when there is none. */
static const char *last_label(char **end, char *name)
{
	if (*end == name)
		return "";
	**end = '\0';
	while (*end > name && (*end)[-1] != '.')
		--*end;
	const char *label = *end;

	if (*end > name)
		--*end;
	return label;
}

static void read_labels(char *name, const char *global, struct aws_scope *scope)
{
	char *end = name + strlen(name);
	const char *label = last_label(&end, name);

	if (!strcmp(label, "vpce"))
		label = last_label(&end, name);
	if (is_region(label)) {
		set(scope->region, label, strlen(label));
		label = last_label(&end, name);
		if (!strcmp(label, "dualstack"))
			label = last_label(&end, name);
		set_service(scope, label);
		return;
	}
	if (!strcmp(label, "dualstack"))
		label = last_label(&end, name);
	if (read_s3(label, global, scope))
		return;
	if (!strcmp(label, "us-gov")) {
		global = "us-gov-west-1";
		label = last_label(&end, name);
	}
	set_service(scope, label);
	label = last_label(&end, name); /* us-west-2.queue, search-x.us-east-1.es */
	if (!is_region(label))
		label = global;
	set(scope->region, label, strlen(label));
}

bool aws_host_scope(struct span host, struct aws_scope *scope)
{
	char name[257];
	size_t len;

	*scope = (struct aws_scope){0};
	if (host.len > 253)
		return false;
	for (len = 0; len < host.len && host.at[len] != ':'; len++)
		name[len] = (char)tolower((unsigned char)host.at[len]);
	if (len && name[len - 1] == '.')
		len--;
	name[len] = '\0';
	for (size_t i = 0; i < sizeof(partitions) / sizeof(*partitions); i++) {
		size_t suffix = strlen(partitions[i].suffix);

		if (len <= suffix || strcmp(name + len - suffix, partitions[i].suffix))
			continue;
		name[len - suffix] = '\0';
		read_labels(name, partitions[i].region, scope);
		return true;
	}
	return false;
}
