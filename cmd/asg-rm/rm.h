/* SPDX-License-Identifier: ISC
 * One group to be deleted, with what only it used. */
#ifndef ASG_RM_H
#define ASG_RM_H

#include <jansson.h>
#include <stdbool.h>

#include "aws/asg.h"
#include "failure.h"
#include "rec.h"

struct rm {
	struct asg_cloud cloud;
	struct rec *rec; /* the asg record; made here for a name */
	char *name, *region;
	json_t *groups;      /* all of the region */
	const json_t *group; /* the one; NULL when it is gone already */
	json_t *templates;   /* launch templates that only it uses: {"launchTemplateId",…} */
	json_t *configurations;
};

/* Reads the cloud: what there is to delete. */
bool rm_look(struct rm *r, struct failure *f);
void rm_plan(const struct rm *r, json_t *plan);
bool rm_do(struct rm *r, struct failure *f);

#endif
