/* SPDX-License-Identifier: ISC
 * The command line, as sluice(7) promises it for every filter. */
#ifndef SLUICE_CLI_H
#define SLUICE_CLI_H

#include <stdbool.h>

#include "failure.h"

/* The program's name, for messages: the last part of argv[0]. */
extern const char *cli_name;

struct cli {
	const char *usage; /* the SYNOPSIS, one line each, without the word usage:
			    * "aws-sign [-s SERVICE] [FILE ...]" */
	const char *help;  /* what it does and one line an option, ends in \n; -h, --version and
			    * -q are described by cli_help() itself */
	bool changes;      /* changes something out there: SIGPIPE is ignored (rec_finish() dies of
			    * it later), else it is put back to its default */
};

/* To be called first: sets cli_name, opens descriptors 0-2 on /dev/null where they are closed,
 * sets SIGPIPE. `cli` must outlive the process. */
void cli_start(int argc, char **argv, const struct cli *cli);

/* For the default branch of a getopt_long loop: -h (stdout, 0), -V (stdout, 0), -q (quiet), else
 * the usage on stderr and 64; getopt has said what was wrong. Include CLI_SHORT and CLI_LONG in the
 * option tables; use a leading "+" in the short options when operands are a command. */
void cli_option(int option);
#define CLI_SHORT "hVq"
#define CLI_LONG                                                                                   \
	{"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'},                     \
	{                                                                                          \
		"quiet", no_argument, NULL, 'q'                                                    \
	}

/* One line and the usage on stderr, status 64. */
_Noreturn void cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "tool: TEXT" on stderr; one write(2). */
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, unless -q was given: progress and notes. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void cli_die(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* cli_warn(f->message), exit(f->status). */
_Noreturn void cli_fail(const struct failure *f);

/* Strict: the whole text is one decimal number within [min, max]. */
bool cli_number(const char *text, long long min, long long max, long long *number);
/* Seconds, or with a unit: 90, 90s, 15m, 4h, 2d. At most 10 years. In seconds. */
bool cli_duration(const char *text, long long *seconds);
/* Option arguments: the same, but usage error 64 naming the option when wrong. */
long long cli_number_arg(const char *option, const char *text, long long min, long long max);
long long cli_duration_arg(const char *option, const char *text);
/* The file of -f: given twice, the first would be lost, so that is a usage error, as is "". */
void cli_file(const char **file, const char *text);
/* An argument that goes into a record: "" and what is no UTF-8 are usage errors. Returns it. */
const char *cli_text_arg(const char *option, const char *text);
/* The same for all operands (the last is NULL). */
void cli_operands(char *const *operands);

extern bool cli_quiet;

/* As all goes to stderr: secrets masked, control characters replaced; caller frees. */
char *cli_shown(const char *text);

#endif
