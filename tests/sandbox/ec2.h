/* SPDX-License-Identifier: ISC
 * The files of EC2 among themselves. */
#ifndef SANDBOX_EC2_H
#define SANDBOX_EC2_H

#include "aws.h"

json_t *describe_regions(struct request *r);
json_t *describe_zones(struct request *r);
json_t *describe_vpcs(struct request *r);
json_t *describe_subnets(struct request *r);

/* ec2-groups.c */
json_t *describe_security_groups(struct request *r);
json_t *create_security_group(struct request *r);
json_t *delete_security_group(struct request *r);
json_t *ec2_named_group(struct request *r); /* GroupId's or GroupName's, else refused */
json_t *ec2_new_group(const char *account, const char *id, const char *name, const char *text,
		      const char *vpc);

/* ec2-group-rules.c */
json_t *authorize_ingress(struct request *r);
json_t *revoke_ingress(struct request *r);
bool ec2_admits_group(const json_t *permission, const char *group);

/* ec2-keys.c, ec2-key-material.c */
json_t *describe_key_pairs(struct request *r);
json_t *create_key_pair(struct request *r);
json_t *import_key_pair(struct request *r);
json_t *delete_key_pair(struct request *r);
json_t *ec2_key_named(json_t *place, const char *name); /* NULL */
struct ec2_key {
	const char *type; /* rsa, ed25519 */
	char *public_text, *private_text, *fingerprint;
};
bool ec2_key_read(struct ec2_key *k, const char *text); /* false: no such public key */
void ec2_key_make(struct ec2_key *k, const char *type);
void ec2_key_free(struct ec2_key *k);

/* ec2-run.c */
json_t *run_instances(struct request *r);

/* ec2-launch.c */
char *ec2_no_capacity(const char *zone, const json_t *data); /* why not, NULL: there is room */
json_t *ec2_spec_tags(const json_t *data, const char *type); /* new */

/* ec2-state.c */
bool ec2_is(const json_t *instance, const char *state);
json_t *ec2_state_object(const char *state);
void ec2_show(json_t *instance);                   /* writes down what follows from its state */
void ec2_entered(json_t *place, json_t *instance); /* it came into its state: all that follows */
void ec2_stop(json_t *instance);
void ec2_start(json_t *instance);
void ec2_reboot(json_t *instance);
void ec2_dies_in(json_t *instance, long long seconds, const char *code);

/* ec2-machines.c */
void ec2_make_machine(json_t *instance, const json_t *image);
void ec2_copy_machine(const json_t *instance, json_t *image);

/* ec2-instances.c */
json_t *describe_instances(struct request *r);
json_t *describe_instance_status(struct request *r);
json_t *terminate_instances(struct request *r);
json_t *stop_instances(struct request *r);
json_t *start_instances(struct request *r);
json_t *reboot_instances(struct request *r);

/* ec2-attributes.c */
json_t *modify_instance(struct request *r);
json_t *describe_instance_attribute(struct request *r);
json_t *get_console_output(struct request *r);

/* ec2-volumes.c */
json_t *describe_volumes(struct request *r);
json_t *delete_volume(struct request *r);
void ec2_attach_volumes(json_t *place, json_t *instance, const json_t *data);
void ec2_release_volumes(json_t *place, const json_t *instance);

/* ec2-interfaces.c */
json_t *describe_interfaces(struct request *r);
void ec2_show_association(json_t *instance); /* its public address there, too */
void ec2_put_groups(json_t *place, json_t *instance, json_t *groups); /* takes the reference */
void ec2_attach_interface(json_t *place, json_t *instance, const json_t *data);
void ec2_release_interfaces(json_t *place, const json_t *instance);

/* ec2-images.c */
json_t *describe_images(struct request *r);
json_t *ec2_images(const char *region); /* the table, with those deregistered */
bool ec2_may_launch(const json_t *image, const char *account);
bool ec2_permits(const json_t *image_or_snapshot, const char *account); /* explicitly */
/* Whether it is there and, unless HOW is NULL, available; else refused: "… pending and HOW". */
bool ec2_image_usable(struct request *r, const char *region, const char *id, const char *how);
json_t *ec2_own_image(struct request *r, const char *how); /* ImageId's, else refused */

/* ec2-image-make.c */
json_t *create_image(struct request *r);
bool ec2_image_name_good(struct request *r, const char *name); /* else refused */
/* What behave says of making the image of that name, or for that region. NULL: nothing. */
const json_t *ec2_making(const char *knob, const char *name);
bool ec2_making_refused(struct request *r, const json_t *knob);
void ec2_being_made(json_t *image, const json_t *knob, const char *usual_phase);

/* ec2-image-copy.c */
json_t *copy_image(struct request *r);

/* ec2-image-attributes.c */
json_t *modify_image(struct request *r);
json_t *describe_image_attribute(struct request *r);
json_t *reset_image_attribute(struct request *r);
json_t *deregister_image(struct request *r);

/* ec2-share.c: who may use an image or a snapshot. */
enum ec2_shared { EC2_IMAGE, EC2_SNAPSHOT };
/* What the request changes of thing's _permissions; false: refused. */
bool ec2_share(struct request *r, enum ec2_shared kind, json_t *thing);
json_t *ec2_permissions(const json_t *thing); /* as described; new */
bool ec2_share_asked(const struct request *r, enum ec2_shared kind);
json_t *modify_snapshot(struct request *r);
json_t *describe_snapshot_attribute(struct request *r);

/* ec2-types.c */
json_t *describe_types(struct request *r);
json_t *describe_offerings(struct request *r);
const char *ec2_architecture_of(const char *type);

/* ec2-snapshots.c */
json_t *describe_snapshots(struct request *r);
json_t *delete_snapshot(struct request *r);
json_t *ec2_snapshots(const char *region);                /* the table */
json_t *ec2_snapshot(const char *region, const char *id); /* NULL */
void ec2_put_snapshot(const char *region, json_t *snapshot);
void ec2_drop_snapshot(const char *region, const char *id);
void ec2_settle_snapshots(const char *region);
json_t *ec2_own_snapshot(struct request *r); /* SnapshotId's, else refused */
/* Begins a snapshot OF a volume or snapshot for an image that is being made, and maps it. GOES:
 * deleteOnTermination, borrowed. */
void ec2_map_snapshot(const struct request *r, json_t *image, const char *device, const json_t *of,
		      const char *text, json_t *goes);
/* An image that has it, BUT not that one; NULL. */
const char *ec2_snapshot_user(const char *region, const char *snapshot, const char *but);
/* Encryption: kmsKeyId as an ARN; "" is the account's default key, which cannot be shared. */
void ec2_put_key(json_t *thing, const char *account, const char *region, const char *key);
bool ec2_has_default_key(const json_t *thing);

json_t *create_template(struct request *r);
json_t *create_template_version(struct request *r);
json_t *describe_templates(struct request *r);
json_t *describe_template_versions(struct request *r);
json_t *modify_template(struct request *r);
json_t *delete_template(struct request *r);
bool ec2_user_data_good(struct request *r, const char *text); /* else refused */

json_t *create_tags(struct request *r);
json_t *delete_tags(struct request *r);
json_t *describe_tags(struct request *r);
json_t *tags_of_new(const struct request *r, const char *type); /* TagSpecification; new */
/* Whether TagSpecification names only these types (words of a text); else refused. */
bool ec2_tag_types_good(struct request *r, const char *types);

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
