/* SPDX-License-Identifier: ISC
 * The files of EC2 among themselves. */
#ifndef SANDBOX_EC2_H
#define SANDBOX_EC2_H

#include "aws.h"

json_t *describe_regions(struct request *r);
json_t *describe_zones(struct request *r);
json_t *describe_vpcs(struct request *r);
json_t *describe_subnets(struct request *r);
json_t *describe_security_groups(struct request *r);
json_t *describe_key_pairs(struct request *r);

json_t *describe_images(struct request *r);

json_t *describe_instances(struct request *r);
json_t *describe_instance_status(struct request *r);
json_t *terminate_instances(struct request *r);
json_t *get_console_output(struct request *r);

json_t *create_template(struct request *r);
json_t *create_template_version(struct request *r);
json_t *describe_templates(struct request *r);
json_t *describe_template_versions(struct request *r);
json_t *modify_template(struct request *r);
json_t *delete_template(struct request *r);

json_t *create_tags(struct request *r);
json_t *delete_tags(struct request *r);
json_t *describe_tags(struct request *r);
json_t *tags_of_new(const struct request *r, const char *type); /* TagSpecification; new */

/* What describes things of a table by id, name or filter. */
struct describing {
	const char *table, *result;
	const char *id_param, *id_member;     /* {"KeyName", "keyName"} */
	const char *name_param, *name_member; /* a second way; NULL: none */
	const char *code, *message;           /* %s: the one that is not there */
	const struct filter *filters;
};
json_t *describe(struct request *r, const struct describing *d);

#endif
