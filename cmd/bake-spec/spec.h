/* SPDX-License-Identifier: ISC
 * The steps of bake-spec: files become bodies, each about one cloud or all of them; what is asked
 * for becomes choices; each choice has layers of settings, of which a record is made. */
#ifndef SLUICE_BAKE_SPEC_H
#define SLUICE_BAKE_SPEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "yaml-read.h"

struct spec_file {
	char *name;
	char *directory;   /* "" or with its final slash: what its relative paths are relative to */
	const char *cloud; /* as the name says: aws for ec2.yaml; or NULL */
	struct yml *doc;
};

/* A mapping with the members region, regions, defaults and distributions. */
struct spec_body {
	const char *cloud; /* a provider; NULL: all of them */
	const json_t *json;
	const struct spec_file *file;
};

struct config {
	struct spec_file *files;
	struct spec_body *bodies;
	size_t n_files, n_bodies;
	json_t *clouds;  /* providers, in the order of the files */
	json_t *said;    /* messages, each of which is told once */
	json_t *missing; /* names of variables */
	int status;      /* of the first thing that is wrong */
	int64_t now;
};

/* What the options say: arrays of words, empty when not given. */
struct wish {
	json_t *clouds, *regions, *distributions;
	bool all;
};

/* One record to be made. */
struct choice {
	char *cloud, *region, *distribution;
};

struct layer {
	const json_t *settings;
	const struct spec_file *file;
};

/* From the strongest to the weakest. */
struct layers {
	struct layer *at;
	size_t n;
};

enum form {
	FORM_DROPPED,  /* known, and not for a record: credentials */
	FORM_WORD,     /* text of one line */
	FORM_TEXT,     /* text */
	FORM_VERBATIM, /* text in which nothing is replaced */
	FORM_NUMBER,
	FORM_TRUTH,
	FORM_WORDS, /* a list, of words separated by commas, too */
	FORM_PATH,
	FORM_SCRIPTS, /* a list of paths */
	FORM_NAMES,   /* a list of variables' names */
	FORM_TAGS,
	FORM_SOURCE,
	FORM_SSH,
	FORM_IMAGE_NAME,
	FORM_PART, /* read together with another one */
};

/* A member of the record and what it is called in a configuration: first as in the record. */
struct setting {
	enum form form;
	const char *names[6];
	struct {
		const char *cloud, *names[3];
	} variables[3]; /* where it is from else */
};
extern const struct setting settings[];
extern const size_t n_settings;

/* A setting's value in the strongest layer that has it; null in it is no value. */
struct found {
	const json_t *value; /* NULL: none */
	const struct spec_file *file;
	size_t layer;
	bool given; /* null, too: weaker ones, and variables, do not count */
};

struct maker {
	struct config *config;
	const struct choice *choice;
	struct layers layers;
	json_t *record;
};

/* config.c: reads a file, "-" is standard input; ends the process when it cannot be read. */
void config_add(struct config *c, const char *path);
/* Makes the bodies; `cloud` (or NULL) is of the files that say none. */
void config_sort(struct config *c, const char *cloud);
void config_free(struct config *c);
/* "ec2" and other names of a provider as records have it, NULL when it is none. */
const char *config_provider(const char *name);
json_t *config_providers(void);

/* check.c: tells what no reader would see: unknown members. */
void check_config(struct config *c);

/* faults.c: "FILE:LINE:COLUMN: TEXT" on stderr, once; status 65. */
void fault(struct config *c, const struct spec_file *file, const json_t *value, const char *format,
	   ...) __attribute__((format(printf, 4, 5)));
/* A message without a place, and its own status. */
void fault_plain(struct config *c, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fault_missing(struct config *c, const char *variable);
bool names_hold(const json_t *names, const char *name);
/* "'a', 'b'" */
char *names_text(const json_t *names);
/* ": did you mean 'a' or 'b'" or "" */
char *guess_text(const char *name, const json_t *names);

/* layers.c */
/* What regions a cloud has by name; `open`: it takes any other one, too. New reference. */
json_t *regions_of(const struct config *c, const char *cloud, bool *open);
json_t *distributions_of(const struct config *c, const char *cloud, const char *region, bool *open);
/* The region that the files name for a cloud, or NULL; the caller frees it. False: it is told what
 * is wrong with it, or noted as missing. */
bool default_region(struct config *c, const char *cloud, char **region);
struct layers layers_of(const struct config *c, const struct choice *choice);
struct found find_setting(const struct layers *layers, const char *const *names);

/* choose.c: what is asked for and not there is told (64, 78), with what there is. To be released by
 * choices_free(). */
struct choice *choose(struct config *c, const struct wish *wish, size_t *n);
void choices_free(struct choice *choices, size_t n);

/* expand.c: adds a scalar's text with variables and {region} and the like replaced. False: it is
 * told what is wrong, or noted as missing. `given`: it began with a variable's value. */
bool expand(struct maker *m, const struct spec_file *file, const json_t *scalar, struct buf *out,
	    bool *given);
/* A variable as the configuration may use it, without a secret; NULL: not set. */
const char *variable(const char *name);
/* YYYYMMDDHHMMSS */
void time_stamp(const struct config *c, char text[16]);

/* values.c: new references; NULL when it is told what is wrong. */
json_t *read_text(struct maker *m, struct found found, enum form form);
json_t *read_list(struct maker *m, struct found found, enum form form);
json_t *read_number(struct maker *m, struct found found, long long most);
json_t *read_truth(struct maker *m, struct found found);
json_t *read_tags(struct maker *m);

/* source.c: sets source_image or source. */
void put_source(struct maker *m);

/* image-name.c */
void put_image_name(struct maker *m);

/* record.c: the record, or NULL when something is wrong. */
json_t *make_record(struct config *c, const struct choice *choice);
/* What --list shows of it. */
json_t *make_entry(const struct choice *choice);
/* PROVIDER-REGION-DISTRIBUTION in [a-z0-9._-]. Caller frees. */
char *label_of(const struct choice *choice);

#endif
