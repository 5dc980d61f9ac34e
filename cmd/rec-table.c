/* SPDX-License-Identifier: ISC
 * Reads records of any kind; writes a table for people, one a kind. Nothing in a record reaches
 * the terminal but as text. */
#include <ctype.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "rec-path.h"
#include "rec.h"
#include "table.h"

static const struct cli self = {
    .usage = "rec-table [-m] [-c COLUMN[,COLUMN ...]] [-f FILE] [FILE ...]",
    .help = "Writes records as a table for people, one table a kind.\n"
	    "  -c, --columns LIST    these columns: PATH or TITLE=PATH, such as BUILD=tags.build\n"
	    "  -f, --file FILE       read FILE, as an operand does\n"
	    "  -m, --markdown        a Markdown table\n"};

/* What is shown of a kind: TITLE=PATH. A column in which no record has a value is left out, one
 * with ? also when all have the same. Other kinds: their scalar members. */
static const struct {
	const char *kind, *columns;
} views[] = {
    {"asg", "GROUP=name,BUILD=tags.build,AMI=image,HEALTHY=healthy,SINCE=created,?STATUS=status,"
	    "?REGION=region,?ACCOUNT=account"},
    {"asg-spec", "NAME=name,REGION=region,AMI=image,TYPE=instance_type,MIN=min_size,"
		 "DESIRED=desired_capacity,MAX=max_size,BALANCERS=load_balancers,TARGET "
		 "GROUPS=target_groups"},
    {"bake", "NAME=image_name,PROVIDER=provider,REGION=region,DISTRIBUTION=distribution,"
	     "MACHINE=instance.id,ADDRESS=ssh.host,IMAGE=image.id,STEPS=steps.step"},
    {"dns-record", "NAME=fqdn,TYPE=type,DATA=data,TTL=ttl,DOMAIN=domain,INSTANCE=instance.name"},
    {"event", "EVENT=event,TARGET=target,NAME=name,ID=id,BECAUSE=because,MESSAGE=message,"
	      "?PROVIDER=provider,?REGION=region"},
    {"http-request", "METHOD=method,URL=url"},
    {"http-response", "STATUS=status,METHOD=request.method,URL=request.url,MS=time"},
    {"image", "ID=id,NAME=name,STATE=state,REGION=region,DISTRIBUTION=distribution,"
	      "ARCHITECTURE=architecture,CREATED=created,?PROVIDER=provider,?ACCOUNT=account"},
    {"instance",
     "NAME=name,STATUS=status,REGION=region,SIZE=size,IMAGE=image,"
     "ADDRESS=public_network_interfaces.ipv4,PRIVATE=private_network_interfaces.ipv4,ID=id,"
     "DNS=names,CREATED=created,?PROVIDER=provider,?ACCOUNT=account"},
    {"plan",
     "ACTION=action,TARGET=target,NAME=name,ID=id,BEFORE=before,AFTER=after,BECAUSE=because,"
     "?PROVIDER=provider,?REGION=region"},
    {"ssh-key", "NAME=name,FINGERPRINT=fingerprint,ID=id,?PROVIDER=provider,?REGION=region"},
    {"target", "PROVIDER=provider,ACCOUNT=account,REGION=region"},
};

struct column {
	char *title, *path;
	enum table_show show;
};

struct columns {
	struct column *list;
	size_t n;
};

static void add_column(struct columns *c, char *title, char *path, enum table_show show)
{
	c->list = mem_grow(c->list, c->n + 1, sizeof(*c->list));
	c->list[c->n++] = (struct column){title, path, show};
}

static char *upper(char *text)
{
	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return text;
}

/* [?][TITLE=]PATH,… */
static void add_list(struct columns *c, const char *list, enum table_show show)
{
	while (list) {
		bool different = show != TABLE_ALWAYS && *list == '?';
		const char *at = list + different;
		size_t len = strcspn(at, ","), title = strcspn(at, "=,");
		const char *path = title < len ? at + title + 1 : at;
		size_t path_len = len - (size_t)(path - at);

		if (!path_len || !title)
			cli_usage("-c takes PATH or TITLE=PATH, not '%.*s'", (int)len, at);
		add_column(c, title < len ? mem_dup_n(at, title) : upper(mem_dup_n(at, len)),
			   mem_dup_n(path, path_len), different ? TABLE_IF_DIFFERENT : show);
		list = at[len] ? at + len + 1 : NULL;
	}
}

/* "2/3": how many instances of a group serve. */
static void collect_healthy(struct buf *out, const json_t *instances)
{
	size_t i, healthy = 0;
	const json_t *item;

	json_array_foreach(instances, i, item) {
		const char *health = json_string_value(json_object_get(item, "health"));
		const char *state = json_string_value(json_object_get(item, "state"));

		healthy += health && !strcasecmp(health, "healthy") &&
			   (!state || !strcasecmp(state, "inservice"));
	}
	buf_fmt(out, "%zu/%zu", healthy, json_array_size(instances));
}

static void collect_error(struct buf *out, const json_t *error)
{
	const char *message = json_string_value(json_object_get(error, "message"));
	const json_t *status = json_object_get(error, "status");

	buf_str(out, message ? message : "failed");
	if (json_is_integer(status))
		buf_fmt(out, " (%" JSON_INTEGER_FORMAT ")", json_integer_value(status));
}

static char *value_of(const struct rec *r, const char *path)
{
	const json_t *error = json_object_get(r->json, "error");
	const json_t *instances = json_object_get(r->json, "instances");
	struct buf out = {0};

	if (!strcmp(path, "error") && json_is_object(error))
		collect_error(&out, error);
	else if (!strcmp(path, "healthy") && !strcmp(r->kind, "asg") && json_is_array(instances))
		collect_healthy(&out, instances);
	else
		rec_path_text(&out, r->json, path);
	return buf_take(&out);
}

static bool has_column(const struct columns *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->list[i].path, path))
			return true;
	return false;
}

/* Of a kind that has no view: scalar members, as they come. */
static void add_scalars(struct columns *c, const struct rec *r)
{
	const char *key;
	json_t *value;

	json_object_foreach(r->json, key, value)
		if (strcmp(key, "kind") && strcmp(key, "planned") && *key &&
		    !json_is_object(value) && !json_is_array(value) && !has_column(c, key))
			add_column(c, upper(mem_dup(key)), mem_dup(key), TABLE_IF_ANY);
}

/* The records of one kind, in their order. */
struct group {
	const char *kind;
	struct rec **records;
	size_t n;
};

static struct columns columns_of(const struct group *g, const char *wanted)
{
	struct columns c = {0};

	if (wanted)
		add_list(&c, wanted, TABLE_ALWAYS);
	for (size_t i = 0; i < sizeof(views) / sizeof(*views) && !wanted; i++)
		if (!strcmp(views[i].kind, g->kind))
			add_list(&c, views[i].columns, TABLE_IF_ANY);
	if (!c.n)
		for (size_t i = 0; i < g->n; i++)
			add_scalars(&c, g->records[i]);
	if (!wanted)
		add_column(&c, mem_dup("PLANNED"), mem_dup("planned"), TABLE_IF_ANY);
	if (!has_column(&c, "error"))
		add_column(&c, mem_dup("ERROR"), mem_dup("error"), TABLE_IF_ANY);
	return c;
}

static void free_columns(struct columns *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->list[i].title);
		free(c->list[i].path);
	}
	free(c->list);
}

/* What is wrong is told before anything is read. */
static void check_list(const char *list)
{
	struct columns c = {0};

	add_list(&c, list, TABLE_ALWAYS);
	free_columns(&c);
}

static void add_table(struct buf *out, const struct group *g, const char *wanted, bool markdown)
{
	struct columns c = columns_of(g, wanted);
	struct table t = {0};

	for (size_t i = 0; i < c.n; i++)
		table_column(&t, c.list[i].title, c.list[i].show);
	for (size_t r = 0; r < g->n; r++)
		for (size_t i = 0; i < c.n; i++)
			table_cell(&t, value_of(g->records[r], c.list[i].path));
	table_print(&t, markdown, out);
	table_free(&t);
	free_columns(&c);
}

static struct group *group_of(struct group **groups, size_t *n, const char *kind)
{
	for (size_t i = *n; i-- > 0;)
		if (!strcmp((*groups)[i].kind, kind))
			return &(*groups)[i];
	*groups = mem_grow(*groups, *n + 1, sizeof(**groups));
	(*groups)[*n] = (struct group){kind, NULL, 0};
	return &(*groups)[(*n)++];
}

static void add_record(struct group *g, struct rec *r)
{
	if (!(g->n & (g->n - 1)))
		g->records = mem_grow(g->records, g->n ? 2 * g->n : 1, sizeof(struct rec *));
	g->records[g->n++] = r;
}

static void free_groups(struct group *groups, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t r = 0; r < groups[i].n; r++)
			rec_free(groups[i].records[r]);
		free(groups[i].records);
	}
	free(groups);
}

static void print_groups(struct rec_io *io, struct group *groups, size_t n, const char *wanted,
			 bool markdown)
{
	struct buf out = {0};

	for (size_t i = 0; i < n; i++) {
		if (n > 1) {
			buf_str(&out, i ? "\n" : "");
			buf_str(&out, markdown ? "### " : "");
			table_text(&out, groups[i].kind, markdown);
			buf_str(&out, markdown ? "\n\n" : ":\n");
		}
		add_table(&out, &groups[i], wanted, markdown);
	}
	rec_print(io, out.data ? out.data : "", out.len);
	buf_free(&out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"columns", required_argument, NULL, 'c'},
						{"file", required_argument, NULL, 'f'},
						{"markdown", no_argument, NULL, 'm'},
						CLI_LONG,
						{NULL, 0, NULL, 0}};
	const char *file = NULL, *wanted = NULL;
	struct group *groups = NULL;
	bool markdown = false;
	struct rec_io *io;
	struct rec *r;
	size_t n = 0;
	int option;

	cli_start(argc, argv, &self);
	while ((option = getopt_long(argc, argv, "c:f:m" CLI_SHORT, options, NULL)) != -1)
		if (option == 'c')
			wanted = optarg;
		else if (option == 'f')
			cli_file(&file, optarg);
		else if (option == 'm')
			markdown = true;
		else
			cli_option(option);
	if (wanted)
		check_list(wanted);
	io = rec_start("rec-table");
	rec_open_all(io, file, argc - optind, argv + optind);

	while ((r = rec_read(io))) {
		rec_status(io, rec_error(r));
		add_record(group_of(&groups, &n, r->kind), r);
	}

	print_groups(io, groups, n, wanted, markdown);
	free_groups(groups, n);
	return rec_finish(io);
}
