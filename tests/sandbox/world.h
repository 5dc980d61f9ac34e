/* SPDX-License-Identifier: ISC
 * The world: a clock and a state, which is one JSON object so that it can be dumped, loaded and
 * looked at as it was. Members of the state that begin with _ are not shown by the services. */
#ifndef WORLD_H
#define WORLD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox.h"

/* Model time, milliseconds since 1970; stands still while a request is served. */
int64_t world_now(void);
/* The wall clock, for signatures and tokens: the clients sign by it. */
int64_t world_wall(void);
char *world_iso(int64_t ms, char text[32]);
int64_t world_parse_iso(const char *text); /* -1 when it is none */
json_t *world_time(int64_t ms);            /* the same as a new JSON string */

void world_speed(double speed);  /* model seconds per second */
void world_tick(double seconds); /* what each request adds */
void world_advance(double seconds);
void world_skew(double seconds); /* of world_wall() */
json_t *world_clock(void);

/* Counts what may have changed the state or the knobs. */
unsigned long world_generation(void);
void world_touch(void);

/* To be called before a request is served, and after one that changed something. */
void world_settle(void);
void world_step(void); /* a request came: the tick, then settle */

void world_reset(void);
bool world_load(json_t *state); /* false: not a state */
json_t *world_dump(void);
void world_seed(json_t *seed);

/* `behave`: the knobs. */
json_t *behave(void); /* borrowed */
void behave_change(json_t *change);
void behave_reset(void);
double phase(const char *name); /* seconds of a phase */
int64_t phase_ms(const char *name);

/* Between these two the world is as it was, if it is to lag for this request. */
void world_look_back(const struct request *r);
void world_look_ahead(void);

/* The state. */
json_t *state(void);
/* A place: one account in one region, an object of tables. */
json_t *place(const char *account, const char *region);
json_t *table(json_t *place, const char *name);
/* A new id: PREFIX and 17 hexadecimal digits, the same for the same history. */
char *new_id(const char *prefix);
char *new_uuid(void);
uint64_t fnv(const char *text);

/* JSON made short. Values that are absent or of another type count as empty. */
const char *str(const json_t *object, const char *key);                    /* "" */
const char *text_of(const json_t *value);                                  /* "" */
long long num(const json_t *object, const char *key, long long otherwise); /* text or number */
bool yes(const json_t *object, const char *key);
bool has(const json_t *object, const char *key);          /* there, and neither null nor "" */
json_t *sub(json_t *object, const char *key);             /* the object there, made if absent */
json_t *list(json_t *object, const char *key);            /* the array there, made if absent */
const json_t *seq(const json_t *object, const char *key); /* the array there, else an empty one */
void put(json_t *object, const char *key, json_t *value); /* takes the reference */
void put_str(json_t *object, const char *key, const char *text);
void put_int(json_t *object, const char *key, long long value);
void add(json_t *array, json_t *value); /* takes the reference */
bool holds(const json_t *array, const char *text);
void drop(json_t *array, const char *text); /* removes that string */

#endif
