/* SPDX-License-Identifier: ISC
 * The inside of struct rec_io, shared by rec-read.c, rec-write.c and rec.c. */
#ifndef SLUICE_REC_PRIVATE_H
#define SLUICE_REC_PRIVATE_H

#include "buf.h"
#include "rec.h"

struct rec_input {
	char *name; /* for messages: "<stdin>" or the path */
	int fd;
	bool pipe; /* a pipe or socket: it is whole only with an `end` */
};

struct rec_io {
	char *filter;

	struct rec_input *inputs;
	size_t n_inputs, current;
	struct buf text; /* read, not yet used up: from `at` */
	size_t at;
	bool eof;                   /* of the current input */
	unsigned long line, column; /* of text.data[at] */
	unsigned long n_values;     /* of the current input */
	bool ended, only_document;  /* its last value was an end; it holds one document */
	bool documents, not_whole, broken;
	bool resync; /* behind broken text: go on at the next line */

	struct buf line_out;
	unsigned long long records, failed;
	bool document_written;
	int lost; /* errno of the first failed write */
	int first_error, guard, no;
};

void rec_note_error(struct rec_io *io, int status);

#endif
