/* SPDX-License-Identifier: ISC
 * DigitalOcean in the sandbox: a table of routes. A route reads r->params (query, body and the
 * variables of the path in one object), changes the tables of do_home(), and returns its answer's
 * body; things are kept as they go over the wire, members that begin with _ are not shown. */
#ifndef SANDBOX_DO_H
#define SANDBOX_DO_H

#include "world.h"

struct do_route {
	const char *method;
	const char *path;   /* /v2/droplets/{droplet_id} */
	const char *action; /* operationId in DigitalOcean's own description */
	/* A new reference; NULL after do_refuse(). Not looked at when the status is 204. */
	json_t *(*run)(struct request *r);
	int status;
};

extern const struct do_route do_account_routes[], do_key_routes[], do_catalog_routes[],
    do_image_routes[], do_droplet_routes[], do_action_routes[], do_domain_routes[],
    do_record_routes[], do_tag_routes[], do_network_routes[]; /* end with a NULL method */

/* do.c */
json_t *do_home(const struct request *r);   /* the tables of the caller's account */
json_t *do_home_of(const char *account);    /* of that one */
json_t *do_catalog(const char *table_name); /* regions, sizes, images; by slug or id */
json_t *do_refuse(struct request *r, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));                     /* always NULL */
json_t *do_missing(struct request *r);                         /* 404, always NULL */
const char *do_arg(const struct request *r, const char *name); /* a parameter's text, "" */
json_t *do_one(const char *name, json_t *thing);               /* takes the reference */
json_t *do_public(const json_t *thing); /* a copy without the members that begin with _ */
json_t *do_time(int64_t ms);            /* without a fraction, as they write it */
double do_knob(const char *name, double otherwise); /* behave's digitalocean.NAME */
int64_t do_knob_ms(const char *name, double otherwise);
const json_t *do_knob_of(const char *group, const char *name); /* NULL */
long long do_new_id(const char *kind);
char *do_key(long long id); /* the id as the key of a table */

/* do-page.c: the page of ALL (reference taken) that was asked for, each thing as SHOW has it. */
json_t *do_page(struct request *r, const char *name, json_t *all,
		json_t *(*show)(struct request *r, json_t *thing));
json_t *do_values(const json_t *object); /* a new array of what is in there */

/* do-cache.c: NULL when it is to be made anew. */
const char *do_cached(const struct request *r);
void do_remember(const struct request *r);

/* do-limits.c: false: too many requests, refused. */
bool do_within_limits(struct request *r);
void do_limits_reset(void);

/* do-catalog.c */
void do_seed_catalog(void);
json_t *do_size(const char *slug);                        /* listed or retired, NULL */
json_t *do_image(json_t *home, const json_t *id_or_slug); /* listed, or the account's; NULL */
json_t *do_image_once(const char *slug);                  /* for old droplets: listed or retired */

/* do-images.c */
json_t *do_snapshot(json_t *home, json_t *droplet, const char *name);

/* do-address.c */
json_t *do_networks(struct request *r, const json_t *droplet); /* as shown now */
void do_give_addresses(json_t *droplet, const json_t *wish);   /* WISH may be NULL */
void do_give_ipv6(json_t *droplet, const char *wish);
char *do_spell_ipv6(const char *address, const char *place); /* place: droplets, records */

/* do-make.c: what a droplet is made of, from the lists. */
struct do_wish {
	json_t *image, *size, *region; /* borrowed */
};
/* Whether r->params ask for COUNT droplets that can be made; else refused. */
bool do_check_wish(struct request *r, size_t count, struct do_wish *w);
json_t *do_make_droplet(json_t *home, const json_t *spec, const char *name,
			const struct do_wish *w);

/* do-droplets.c */
json_t *do_droplet(json_t *home, const struct request *r); /* droplet_id's, NULL */
json_t *do_shown_droplet(struct request *r, json_t *droplet);
void do_forget_droplet(json_t *home, const json_t *droplet);

/* do-actions.c: ON is the droplet or image. */
json_t *do_begin(json_t *home, const char *type, const char *kind, json_t *on, double seconds);
void do_expect_addresses(json_t *home, json_t *droplet, double seconds);
json_t *do_action_link(const json_t *action, const char *rel);
bool do_busy(const json_t *home, const json_t *droplet);
int64_t do_settle(void);

/* do-machines.c: droplets that are really there. */
void do_make_machine(struct request *r, json_t *droplet); /* of a new one, if there are any */
void do_machines(void);
void do_boot_machine(json_t *droplet);
void do_copy_machine(const json_t *droplet, const json_t *action);
void do_keep_copy(const json_t *action, const json_t *image);

/* do-domains.c */
json_t *do_make_domain(json_t *home, const char *name);
json_t *do_make_record(json_t *domain, const json_t *spec);

/* do-keys.c: NULL when it is no public key. */
json_t *do_make_key(json_t *home, const char *name, const char *public_key);

/* do-network.c: DROPLET may be NULL, IP "". */
json_t *do_default_vpc(json_t *home, const char *region);
json_t *do_make_reserved(json_t *home, const char *ip, const json_t *droplet, const char *region);

/* do-tags.c */
void do_tag(json_t *home, json_t *thing, const char *tag);
void do_tag_new(json_t *home, json_t *thing, const json_t *tags);

/* do-seed.c */
void do_seed(json_t *seed);

#endif
