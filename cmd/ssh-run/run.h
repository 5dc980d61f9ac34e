/* SPDX-License-Identifier: ISC
 * The parts of ssh-run. */
#ifndef SSH_RUN_H
#define SSH_RUN_H

#include "batch.h"
#include "remote.h"

struct run_options {
	struct batch_options batch;
	struct remote_options remote;
	const char *key_file, *user;
	bool private_first;
	const char **names; /* of -e */
	size_t n_names;
	char **scripts; /* NULL-terminated */
};

/* Reads the stream, runs the scripts on its machines, writes it. */
void run_scripts(struct rec_io *io, const struct run_options *options);

/* Where a machine is, by its record. The strings are the record's. False with f (65). */
bool run_target(struct ssh_target *target, const json_t *instance, const struct run_options *o,
		struct failure *f);
void run_target_free(struct ssh_target *target);

#endif
