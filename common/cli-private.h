/* SPDX-License-Identifier: ISC
 * What cli.c knows and rec and trace need. */
#ifndef SLUICE_CLI_PRIVATE_H
#define SLUICE_CLI_PRIVATE_H

extern int cli_argc;
extern char **cli_argv;

#endif
