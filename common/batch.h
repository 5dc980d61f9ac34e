/* SPDX-License-Identifier: ISC
 * The input of a command that changes something, by the rules of sluice(7): read as a whole,
 * checked, planned, then done or not, each record written in its turn.
 *
 *	batch_begin(&b, io, &rules, &options);
 *	batch_read(&b);						or batch_add()
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
	const char *kind;     /* what it acts on: "instance"; NULL: any that `means` says */
	const char *provider; /* NULL: of any */
	bool unclaimed;       /* records without provider are meant too */
	bool (*means)(const struct rec *r); /* NULL, or what else is asked of them */
	const char *things;                 /* "droplets", for messages */
	bool deletes;                       /* nothing selected is refused */
	const char *counted; /* the guards count plans of this kind: "asg"; NULL: of any */
	bool failed_too;     /* records with an error are meant, too; they keep it */
	bool regardless;     /* acts on what did arrive, whatever is wrong with the rest */
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
	json_t *after;          /* a record, or an array of them, to be written behind it */
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

/* What they point to must outlive the batch. */
void batch_begin(struct batch *b, struct rec_io *io, const struct batch_rules *rules,
		 const struct batch_options *options);
/* Adds all records of options->file, or of standard input. */
void batch_read(struct batch *b);
/* Adds a record that is made here, for an operand; takes over the reference. The work is valid
 * until the next is added. */
struct batch_work *batch_add(struct batch *b, json_t *json);
/* Whether nothing will be done, as far as is known by now: then nobody need be asked. */
bool batch_stopped(struct batch *b);
/* When all have been looked at: whether the command may act. False: it is dry, the input is broken
 * or not whole, something is wrong with any of it, the plan or a guard refuses, a signal came. */
bool batch_may_act(struct batch *b);
/* This one is done, or has failed: it is written as soon as all before it are. */
void batch_settle(struct batch *b, struct batch_work *work);
/* Settles the rest, writes all, releases all but `own` and io. */
void batch_end(struct batch *b);

/* The options that all commands of this kind have, for getopt_long. */
enum { BATCH_AGAIN = 1024, BATCH_EXPECT, BATCH_MAX, BATCH_PLAN };
#define BATCH_SHORT "nf:"
#define BATCH_LONG                                                                                 \
	{"dry-run", no_argument, NULL, 'n'}, {"file", required_argument, NULL, 'f'},               \
	    {"again", no_argument, NULL, BATCH_AGAIN},                                             \
	    {"expect", required_argument, NULL, BATCH_EXPECT},                                     \
	    {"max", required_argument, NULL, BATCH_MAX},                                           \
	{                                                                                          \
		"plan", required_argument, NULL, BATCH_PLAN                                        \
	}
/* Takes the option up if it is one of them, with its argument; a wrong one is 64. */
bool batch_option(struct batch_options *o, int option, const char *argument);

#endif
