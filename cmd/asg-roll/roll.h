/* SPDX-License-Identifier: ISC
 * One deployment: what is wanted, what is there, and the steps from one to the other. Each step is
 * a file, and safe to be done again: a run that was killed is finished by starting it again. */
#ifndef ASG_ROLL_H
#define ASG_ROLL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "aws/asg.h"
#include "batch.h"
#include "failure.h"
#include "rec.h"

struct options {
	struct batch_options batch;
	bool hold, back, fresh;
	const char *region, *to;
	long long keep, failures;
	int64_t limit_ms, drain_ms, interval_ms;
};

/* What an asg-spec asks for. */
struct want {
	const char *name, *server, *env, *image, *run; /* borrowed from the record */
	char *region;
	long long min, max, desired;
	bool sized; /* the spec says how many */
	const char *health_check;
	long long grace;
	char content[65];        /* digest of all that defines the group */
	char user_data[65];      /* of the user data; "" when there is none */
	json_t *security_groups; /* ids */
	json_t *load_balancers;  /* names */
	json_t *target_groups;   /* ARNs */
	char *template_name, *template_id;
};

/* How the group comes to serve. */
enum how {
	HOW_NEW,   /* made by this deployment, or by the run that it goes on from */
	HOW_KEPT,  /* brought back: it was taken out of service by another deployment */
	HOW_TAKEN, /* it serves already */
};

struct roll {
	const struct options *o;
	struct asg_cloud cloud;
	struct rec *rec;
	struct want want;
	json_t *groups; /* all of the region, as they were when this run began */
	json_t *own;    /* the group, as it was seen last; json null when there is none */
	char *name;     /* its name: the spec's, or with --back that of the kept one */
	enum how how;
	bool resumed;      /* its deployment was begun by an earlier run */
	long long expects; /* the size that this run gave it; 0 once an answer has shown it */
	json_t *replaces;  /* the note of what is to be retired */
	json_t *plan;
	json_t *result; /* the asg record */
};

/* batch.c: the whole input. */
struct rolls {
	const struct options *o;
	struct batch batch; /* own: a struct roll */
	struct http *engine;
};
void rolls_read(struct rolls *all, struct rec_io *io, const struct options *o);
/* Checks, decides and plans all. */
void rolls_prepare(struct rolls *all);
/* This one is done, or has failed. */
void rolls_settle(struct rolls *all, struct batch_work *work);
/* Settles the rest. */
void rolls_end(struct rolls *all);

/* check.c: reads only. */
bool roll_check(struct roll *r, struct failure *f);
/* decide.c: what there is to do. */
bool roll_decide(struct roll *r, struct failure *f);
bool roll_decide_back(struct roll *r, struct failure *f);
const json_t *roll_group(const struct roll *r, const char *name); /* NULL when there is none */
bool in_list(const json_t *list, const char *text);
/* The groups to be retired that are there (fresh), in the order of the note: new reference. */
json_t *roll_victims(struct roll *r, struct failure *f);
/* What becomes of the n-th of them. */
bool roll_keeps(const struct roll *r, size_t n);
/* plan.c */
bool roll_plan(struct roll *r, struct failure *f);
void roll_plan_conflict(struct roll *r, const char *because);

/* The steps. */
bool roll_make(struct roll *r, struct failure *f);   /* make.c: template and group, or reinstated */
bool roll_settle(struct roll *r, struct failure *f); /* settle.c: until healthy everywhere */
bool roll_carry(struct roll *r, struct failure *f);  /* carry.c: settings and capacity of the old */
bool roll_retire(struct roll *r, struct failure *f); /* retire.c: the others */
bool roll_tidy(struct roll *r, struct failure *f);   /* tidy.c: templates that nothing uses */
bool roll_finish(struct roll *r, struct failure *f); /* finish.c: the notes of an unfinished one */
bool roll_undo(struct roll *r, struct failure *f);   /* undo.c: it did not become healthy */
/* settle.c: whether another deployment takes this group, our own, out of service. */
bool roll_replaced(const struct roll *r, const json_t *group);

/* want.c */
bool want_read(struct want *w, const struct rec *r, const struct options *o, struct failure *f);
void want_free(struct want *w);
json_t *want_list(const struct rec *r, const char *key); /* borrowed; NULL when there is none */
/* template.c */
bool template_make(struct roll *r, struct failure *f);
/* The template of that name, null when there is none, NULL with f. */
json_t *template_find(struct roll *r, struct failure *f);
/* carry.c: the group whose settings are taken over, NULL when none is; borrowed from r->groups. */
const json_t *carry_source(const struct roll *r);
long long carry_capacity(const struct roll *r); /* the largest of the groups to be retired */
void carry_tags(const struct roll *r, json_t *tags);
/* settings.c */
json_t *carry_hooks(struct roll *r, struct failure *f); /* for the creating call */
bool carry_settings(struct roll *r, struct failure *f);

/* result.c: the asg record that takes the asg-spec's place. */
bool result_made(struct roll *r, struct failure *f);
void result_into_record(struct roll *r);

#endif
