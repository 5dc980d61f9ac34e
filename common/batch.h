/* SPDX-License-Identifier: ISC
 * The input of a command that changes something, by the rules of sluice(7): read as a whole,
 * checked, planned, then done or not, each record written in its turn.
 *
 *	batch_read(&b, io, &rules, &options);
 *	for (i = 0; i < b.n; i++) if (b.works[i].mine) check and plan it: failure, plan
 *	if (batch_may_act(&b)) do it, batch_settle() for each as it is done
 *	batch_end(&b);						settles all that are not */
#ifndef SLUICE_BATCH_H
#define SLUICE_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"
#include "guard.h"
#include "rec.h"

struct batch_rules {
	const char *filter;   /* as given to rec_start(): for --again */
	const char *kind;     /* what it acts on: "instance"; NULL: the command says which are
			       * `mine` */
	const char *provider; /* NULL: of any */
	bool unclaimed;       /* records without provider are meant too */
	const char *things;   /* "droplets", for messages */
	bool deletes;         /* nothing selected is refused */
	const char *counted;  /* the guards count plans of this kind: "asg"; NULL: of any */
};

struct batch_options {
	bool dry, again;
	const char *file; /* of -f */
	const char *plan; /* of --plan */
	struct guard guard;
};

struct batch_work {
	struct rec *rec; /* NULL when it was written */
	bool mine;       /* of the kind and provider, without error: what the command acts on */
	json_t *plan;    /* its plan records, see plan_add(); [] at first */
	struct failure failure; /* what is wrong with it, or went wrong; said when it is written */
	bool settled;
	void *own; /* the command's */
};

struct batch {
	struct rec_io *io;
	const struct batch_rules *rules;
	const struct batch_options *options;
	struct batch_work *works;
	size_t n, next;
	bool dry;            /* by -n or by the input: nothing may be changed */
	struct failure stop; /* why nothing is done; may be set before batch_may_act(): "the list
			      * could not be read" */
};

/* Reads all, from options->file or standard input, unless `records` (n of them; taken over) are
 * given. */
void batch_read(struct batch *b, struct rec_io *io, const struct batch_rules *rules,
		const struct batch_options *options);
void batch_take(struct batch *b, struct rec_io *io, const struct batch_rules *rules,
		const struct batch_options *options, struct rec **records, size_t n);
/* When all have been looked at: whether the command may act. False: it is dry, the input is broken
 * or not whole, something is wrong with any of it, the plan or a guard refuses. */
bool batch_may_act(struct batch *b);
/* This one is done, or has failed: it is written as soon as all before it are. */
void batch_settle(struct batch *b, struct batch_work *work);
/* Settles the rest, writes all, releases all but `own` and io. */
void batch_end(struct batch *b);

#endif
