/* SPDX-License-Identifier: ISC
 * AWS in the sandbox: a service is a table of actions. An action reads r->params (the wire's names,
 * nested), changes the place r->target_place names, and returns its result in the wire's names; it
 * never sees the protocol. */
#ifndef SANDBOX_AWS_H
#define SANDBOX_AWS_H

#include "world.h"

enum aws_protocol { AWS_QUERY, AWS_EC2, AWS_JSON };

struct aws_action {
	const char *name;
	/* A new reference; NULL after refuse(). json_null(): no result. */
	json_t *(*run)(struct request *r);
	bool changes;
};

struct aws_service {
	const char *name;    /* as in the journal: ec2, autoscaling, elb, elbv2, ssm, sts */
	const char *scope;   /* in the signature */
	const char *version; /* API version; of a JSON service the prefix of X-Amz-Target */
	enum aws_protocol protocol;
	const char *xmlns;
	bool lags;                        /* its reading calls may be behind (behave: lag) */
	const struct aws_action *actions; /* ends with a NULL name */
};

extern const struct aws_service autoscaling_service, ec2_service, elb_service, elbv2_service,
    iam_service, ssm_service, sts_service;

/* aws.c */
json_t *refuse(struct request *r, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));  /* always NULL */
json_t *aws_place(const struct request *r); /* the caller's account in the request's region */
const char *arg(const struct request *r, const char *name); /* a parameter's text, "" */
bool args_given(struct request *r, const char *first, ...); /* else refused; NULL ends */

/* auth.c: whether the request is signed by a key of the sandbox that may do this. */
bool aws_authenticate(struct request *r);
void auth_seed(void);
/* A temporary key of ACCOUNT for ARN: {"AccessKeyId","SecretAccessKey","SessionToken","Expiration"}
 */
json_t *auth_hand_out(const char *account, const char *arn, long long seconds);

/* page.c: cuts ALL (reference taken) to the page that the request asks for, and puts NAME and, when
 * there is more, the token into RESULT. MOST: the page when none is asked for, 0: everything. */
bool page(struct request *r, json_t *result, const char *name, json_t *all, int most);

/* Parameters that name a list of things: {"Filter":[{"Name":…,"Value":[…]}]} and the like. PATHS:
 * filter name and where its value is, NULL ends. False: a filter is not known, refused. */
struct filter {
	const char *name, *path;
};
bool filters_known(struct request *r, const struct filter *known);
bool filters_hold(const struct request *r, const json_t *thing, const struct filter *known);

/* The parts of EC2 that others use. An instance, group or image is its JSON as described. */
void ec2_seed(json_t *seed);
void ec2_seed_images(const char *region, json_t *place);
json_t *ec2_instance(json_t *place, const char *id);   /* NULL when unknown or long gone */
const char *ec2_state(const json_t *instance);         /* at world_now() */
json_t *ec2_image(const char *region, const char *id); /* NULL when unknown */
json_t *ec2_template(json_t *place, const char *id, const char *name);
json_t *ec2_template_data(json_t *tmpl, const char *version, long long *number);
/* Launches one machine. NULL: *code and *message say why (static or of the state). */
struct ec2_launch {
	const char *account, *region, *zone, *subnet;
	json_t *data;    /* of a launch template */
	json_t *tags;    /* [{"key","value"}] besides those of the data */
	bool is_machine; /* is really there, if there are any (machine.h) */
};
json_t *ec2_launch(json_t *place, const struct ec2_launch *launch, char **why);
/* What a launch with this data would be refused for, NULL: nothing. Caller frees. */
char *ec2_wrong_data(json_t *place, const char *region, const json_t *data);
void ec2_terminate(json_t *instance);
/* Its guest shut itself down: it is terminated or stopped, as InstanceInitiatedShutdownBehavior
 * has it. */
void ec2_guest_shutdown(json_t *instance);
/* What is on its console, caller frees; NULL: nothing yet. */
char *ec2_console(json_t *instance);
json_t *ec2_subnet(json_t *place, const char *id);
json_t *ec2_group_named(json_t *place, const char *name_or_id);
bool ec2_region_is(const char *region); /* and the account may use it */
bool ec2_zone_is(const char *region, const char *zone);
json_t *tag_set(const json_t *tags); /* [{"Key","Value"}] as [{"key","value"}] */
void tag_put(json_t *set, const char *key, const char *value);
json_t *wire_names(const json_t *value); /* as given in a request → as in an answer */

/* What the load balancers do for groups; `where` is a classic balancer's name or a target group's
 * ARN. */
enum health { HEALTH_NONE, HEALTH_STARTING, HEALTH_GOOD, HEALTH_BAD, HEALTH_DRAINING };
json_t *elb_find(json_t *place, const char *name);
void elb_register(json_t *lb, const char *instance);
int64_t elb_deregister(json_t *lb, const char *instance); /* when it is drained; 0: was not there */
enum health elb_health(json_t *place, const json_t *lb, const char *instance);
json_t *elbv2_find(json_t *place, const char *arn);
void elbv2_register(json_t *tg, const char *instance, long long port);
int64_t elbv2_deregister(json_t *tg, const char *instance);
enum health elbv2_health(json_t *place, const json_t *tg, const char *instance);
void elb_seed(json_t *seed);
void elbv2_seed(json_t *seed);
/* The knobs of behave that concern a machine behind something named NAME. */
enum health knob_health(json_t *place, const char *kind, const char *name, const char *instance,
			int64_t since);
void ssm_seed(json_t *seed);
/* Moves the groups there to world_now(); when something is due next. */
int64_t autoscaling_settle(const char *account, const char *region, json_t *place);
void ec2_machines(void); /* says which are really there */
/* Writes the machines' states down, drops those long gone; when something is due next. */
int64_t ec2_settle(json_t *place);
void ec2_settle_images(const char *region); /* those of images and snapshots */

#endif
