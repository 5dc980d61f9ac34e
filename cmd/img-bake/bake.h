/* SPDX-License-Identifier: ISC
 * The steps of img-bake, a file each, and what they share. A step works on all its records at once:
 * each phase is one call for all that have not failed. */
#ifndef BAKE_H
#define BAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "batch.h"
#include "cloud-all.h"
#include "http.h"
#include "rec.h"
#include "remote.h"

struct options {
	const char *step, *filter; /* "up", "img-bake up" */
	char **operands;           /* ends with NULL */
	struct batch_options batch;
	const char *in_place; /* of -i */
	struct remote_options remote;
	json_t *environment; /* of -e: names */
	int64_t limit_ms, interval_ms, lag_ms;
	bool sudo;
	bool no_ssh;       /* the machines are not logged in to */
	bool console_keys; /* host keys are read from the console, none is injected */
	bool force;
};

struct bakes;
struct bake;
typedef bool bake_prepare(struct bake *b);
typedef void bake_done(struct bake *b);

/* One image to be. */
struct bake {
	struct bakes *all;
	struct batch_work *work;           /* NULL: a machine of verify's */
	json_t *json;                      /* the record as it becomes; its own */
	const char *name;                  /* for messages; borrowed from json, or of temporary */
	const struct cloud_driver *driver; /* NULL: no such cloud */
	struct failure failure;            /* set: nothing more is done for it */
	bool done;                         /* the step has come to its end */
	int64_t began;                     /* clk_now() */
	json_t *wanted;                    /* what the item asks for; owned */
	struct cloud_item item;            /* of the phase under way */
	bool goes_on;                      /* the next phase is for the item as it is */

	/* up */
	json_t *source;     /* the image that it starts from; owned */
	json_t *keys;       /* what the machine lets in, as the cloud takes it; owned */
	char *host_public;  /* the host key that the machine is given; owned */
	bool has_machine;   /* there is one, whether made now or before */
	bool asleep;        /* and it is off */
	bool made;          /* by this step */
	size_t choice;      /* which of its zones and types is tried */
	unsigned tries;     /* of making it */
	int64_t unclear_at; /* since when it may be there without being seen; 0: it is clear */

	bool locked;           /* create-image: the machine lets nobody in any more */
	bool was_there;        /* create-image: the image was made before */
	struct bake *verified; /* verify: whose image it is */
	json_t *left;          /* destroy: what there is of it: records; owned */
	bool unseen;           /* destroy: its machine is not seen, and may be there */
	struct failure unsure; /* destroy: why there may be more */
};

struct bakes {
	struct rec_io *io;
	const struct options *o;
	struct batch batch;
	struct cloud_accounts accounts;
	struct bake *list;
	size_t n;
	bake_done *under_way; /* of the phase */
	/* destroy: what is listed, and what its name ends in. */
	enum cloud_kind listed;
	const char *suffix;
};

/* step.c: one step from its input to its output. */
struct step {
	const char *name;
	const char *options; /* letters of those that it takes besides the common ones */
	bool scripts;        /* its operands are scripts */
	bool changes;
	bool deletes;                  /* nothing selected is refused */
	bool failed_too;               /* acts on records with an error, whatever else is wrong */
	bool (*check)(struct bake *b); /* before the first change; plans; false with b->failure */
	void (*look)(struct bakes *s); /* the same for what the cloud is asked; NULL: nothing */
	void (*act)(struct bakes *s);
	long long limit_seconds;
};
void step_run(struct rec_io *io, struct http *engine, const struct options *o,
	      const struct step *step);
/* The phases. prepare() fills b->item (which is fresh, with driver, cloud, region and wanted set)
 * and says whether it takes part; done() sees each as it is settled, b->failure is then the item's
 * unless done() took it away. Either may be NULL. */
void bakes_do(struct bakes *s, enum cloud_verb verb, bake_prepare *prepare, bake_done *done);
void bakes_await(struct bakes *s, const struct cloud_wait *how, bake_prepare *prepare,
		 bake_done *done);
bool bake_live(const struct bake *b); /* neither failed nor done */

/* record.c: the record's members. */
void bake_begin(struct bake *b, struct bakes *all, json_t *json);
void bake_end(struct bake *b);
const char *bake_text(const struct bake *b, const char *key);                   /* or NULL */
const char *bake_deep(const struct bake *b, const char *key, const char *deep); /* or NULL */
void bake_put(struct bake *b, const char *key, json_t *value);
/* The record's own, or a new, temporary name, attempt and expiry. */
json_t *bake_temporary(struct bake *b);
void bake_temporary_put(struct bake *b, const char *key, json_t *value);
/* Appends to `steps` what became of this one. */
void bake_note(struct bake *b, const char *step);
/* False with b->failure (65) when members have wrong types. */
bool bake_check(struct bake *b);
/* False with b->failure (65) when it has no machine; in a dry run it may have one by then. */
bool bake_needs_machine(struct bake *b);
void bake_event(struct bake *b, const char *event, const char *kind, const char *id);
/* A plan record; before and after as plan_add(). Nothing for verify's own machines. */
void bake_plan(struct bake *b, const char *action, const char *kind, const char *name,
	       const char *id, json_t *after, const char *because);
/* To the record of the batch, and settles it. */
void bake_settle(struct bake *b);

/* keys.c: the temporary private keys, files of this machine. */
/* Makes NAME.pem (login) and NAME.host (host key) if they are not there; NULL with b->failure, else
 * the public key's text, caller frees. */
char *key_make(struct bake *b, const char *suffix);
/* Adds the private key's text. */
bool key_read(struct bake *b, const char *suffix, struct buf *text);
char *key_path(const struct bake *b, const char *suffix);
void keys_remove(const struct bake *b);
bool keys_directory(struct bake *b); /* makes it */
/* The private key that the machine lets in: the user's, or the temporary one; caller frees. */
char *key_login(const struct bake *b);

/* user-data.c: what the machine is told at its boot; caller frees. NULL with b->failure. */
char *user_data(struct bake *b, const char *host_public);

/* The steps; check() and act() of each. */
bool up_check(struct bake *b);
void up_look(struct bakes *s);
void up_act(struct bakes *s);
bool scripts_check(struct bake *b);
void scripts_act(struct bakes *s);
bool image_check(struct bake *b);
void image_look(struct bakes *s);
void image_act(struct bakes *s);
bool verify_check(struct bake *b);
void verify_act(struct bakes *s);
bool destroy_check(struct bake *b);
void destroy_look(struct bakes *s);
void destroy_act(struct bakes *s);
bool down_check(struct bake *b);
void down_look(struct bakes *s);
void down_act(struct bakes *s);
bool status_check(struct bake *b);
void status_act(struct bakes *s);

/* machine.c, for verify too; what the user's own key pairs are to the cloud is found first. */
void machines_find_keys(struct bakes *s);
void machines_up(struct bakes *s);
/* power.c: an item on the bake's machine; those that are asleep are woken, all are waited for until
 * they are up; or until they are off. */
bool machine_item(struct bake *b);
/* Of an item whose state was asked: false with its failure when the machine is no more. */
bool machine_lives(struct bake *b);
void machines_on(struct bakes *s);
void machines_off(struct bakes *s);
/* scripts.c: logs in, within so long (0: what the options say); runs the operands, or the scripts
 * that the record's member names; removes what was put there to log in (limit_ms: as above). */
void machines_login(struct bakes *s, int64_t limit_ms);
void machines_run(struct bakes *s, const char *step, const char *member);
void machines_clean(struct bakes *s, int64_t limit_ms);
/* Whether these scripts and the variables that the record hands over are there. */
bool scripts_are_there(struct bake *b, const char *member);
/* The machine as a target of ssh; false with b->failure when the record names none. What it points
 * to is b's. */
bool machine_target(struct bake *b, struct ssh_target *target);
void machine_target_free(struct ssh_target *target);
/* destroy.c, for verify and an interrupted up, too: finds all that carries the names of these;
 * removes it, and waits for that; or just asks for the removal of what this step made. */
void machines_list_left(struct bakes *s);
void machines_destroy(struct bakes *s);
void machines_drop(struct bakes *s);

/* ssh.c */
int ssh_step(struct rec_io *io, const struct options *o);
void ssh_config_step(struct rec_io *io, const struct options *o);

#endif
