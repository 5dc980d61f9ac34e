/* SPDX-License-Identifier: ISC
 * The environment, as a run sees it: recorded in a trace, and taken from it in a replay. Every
 * variable is read through here, but for those that say where things are on this machine (traces,
 * temporary files, CA bundles), and SLUICE_DEADLINE. Empty counts as unset. */
#ifndef SLUICE_ENV_H
#define SLUICE_ENV_H

/* The value or NULL; valid until the process ends. */
const char *env_get(const char *name);
/* A secret: registered with trace_secret(); a trace only learns that it was set. */
const char *env_secret(const char *name);
/* The run that this process belongs to: SLUICE_RUN, else GoCD's, Jenkins', GitHub's, GitLab's
 * names, else user and host, in the one form that all clouds take (sluice(7), The run). */
const char *env_run(void);
/* TEXT in that form: [a-z0-9_-], lower-cased, other bytes `-`, at most 63 bytes, longer ones end
 * in a hash (8 hex digits of FNV-1a). Caller frees. */
char *env_run_form(const char *text);

#endif
