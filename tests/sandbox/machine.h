/* SPDX-License-Identifier: ISC
 * Machines that are really there: a disk of their own, an sshd at an address of their own below
 * 127/8. A cloud says at each settle which machines it has and whether they are on; the rest
 * follows. What happens to processes and disks is done by the host (machine-host.c), a process of
 * its own, which cleans up also after a sandbox that was killed. */
#ifndef SANDBOX_MACHINE_H
#define SANDBOX_MACHINE_H

#include <jansson.h>
#include <stdbool.h>

/* What a cloud says of a machine of its. */
struct machine_wish {
	const char *id;          /* unique over all clouds */
	const char *name;        /* for its knobs, and its hostname; "" */
	const char *address;     /* of machine_address() */
	const char *image;       /* for its knobs */
	const char *disk;        /* a machine_image() of that name; "", unknown: a stock one */
	const json_t *user_data; /* as text; NULL: none */
	const json_t *keys;      /* public keys that may log in */
	bool on;
	long long boots; /* another number than last time: it is to boot again */
};

/* Before there are requests: NULL, or why there can be none. Then, in the process that serves: */
const char *machines_prepare(void);
void machines_start(void);
void machines_end(void); /* returns when nothing of them is left */
bool machines_on(void);
const char *machines_ssh_config(void); /* the file's name */

/* A new address; caller frees. Is it one? */
char *machine_address(void);
bool machine_is_address(const char *address);
/* At a settle: first this, then for each machine that there is whether it shut itself down, and
 * last machines_settled(): those of which nothing was said go. */
void machines_look(void);
bool machine_wanted(const struct machine_wish *wish);
void machines_settled(void);
/* Copies its disk, as it is now, for machines that will be made of that image. */
void machine_image(const char *id, const char *image);
void machine_image_rename(const char *image, const char *name);
/* What it wrote to its console, "" when there is nothing; caller frees. */
char *machine_console(const char *id);
json_t *machines_shown(void); /* for /_sandbox/machines */

#endif
