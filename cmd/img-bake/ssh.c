/* SPDX-License-Identifier: ISC
 * status, ssh and ssh-config: looking at a bake, also at one that failed. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bake.h"
#include "cli.h"
#include "file.h"
#include "mem.h"
#include "status.h"

bool status_check(struct bake *b)
{
	(void)b;
	return true;
}

static void take_machine(struct bake *b)
{
	json_t *machine = json_object_get(b->json, "instance");

	if (b->item.record)
		bake_put(b, "instance", json_incref(b->item.record));
	else if (!b->item.failure.status)
		json_object_set_new(machine, "status", json_string("gone"));
}

static bool image_item(struct bake *b)
{
	b->item.kind = CLOUD_IMAGES;
	b->item.id = mem_dup(bake_deep(b, "image", "id"));
	b->item.wanted = json_object_get(b->json, "image");
	return b->item.id;
}

static void take_image(struct bake *b)
{
	if (b->item.record)
		bake_put(b, "image", json_incref(b->item.record));
	else if (!b->item.failure.status)
		json_object_set_new(json_object_get(b->json, "image"), "state",
				    json_string("gone"));
}

static void say(const struct bake *b)
{
	const char *error = bake_deep(b, "error", "message"),
		   *machine = bake_deep(b, "instance", "id"), *image = bake_deep(b, "image", "id"),
		   *host = bake_deep(b, "ssh", "host"),
		   *status = bake_deep(b, "instance", "status"),
		   *state = bake_deep(b, "image", "state");

	cli_note("%s: machine %s%s%s%s%s, image %s%s%s%s%s", b->name, machine ? machine : "none",
		 status ? " " : "", status ? status : "", host ? " at " : "", host ? host : "",
		 image ? image : "none", state ? " " : "", state ? state : "",
		 error ? "; failed: " : "", error ? error : "");
}

void status_act(struct bakes *s)
{
	bakes_do(s, CLOUD_STATE, machine_item, take_machine);
	bakes_do(s, CLOUD_STATE, image_item, take_image);
	for (size_t i = 0; i < s->n; i++) {
		say(&s->list[i]);
		bake_settle(&s->list[i]);
	}
}

/* The bake records of the input, whatever else is wrong with it. */
static size_t read_bakes(struct rec_io *io, const struct options *o, struct bakes *s)
{
	struct rec *r;

	rec_open(io, o->batch.file);
	while ((r = rec_read(io))) {
		if (r->kind && !strcmp(r->kind, "bake")) {
			s->list = mem_grow(s->list, s->n + 1, sizeof *s->list);
			bake_begin(&s->list[s->n], s, json_deep_copy(r->json));
			bake_check(&s->list[s->n++]);
		}
		rec_free(r);
	}
	return s->n;
}

int ssh_step(struct rec_io *io, const struct options *o)
{
	struct bakes s = {.io = io, .o = o};
	struct ssh_target target;
	struct failure f = {0};
	struct bake *b;
	int status;

	if (read_bakes(io, o, &s) != 1)
		cli_die(s.n ? ST_GUARD : ST_NOINPUT, "%zu bakes in the input, not one", s.n);
	b = &s.list[0];
	if (b->failure.status || !machine_target(b, &target))
		cli_fail(&b->failure);
	rec_print(io, "", 0); /* standard output is the command's */
	status = ssh_terminal(&o->remote.ssh, &target, o->operands, STDOUT_FILENO, &f);
	if (status < 0)
		cli_fail(&f);
	machine_target_free(&target);
	bake_end(b);
	free(s.list);
	return status;
}

static bool write_known_hosts(struct bake *b, const struct ssh_target *target, char **path)
{
	struct buf text = {0};
	bool ok;

	*path = key_path(b, "known_hosts");
	ssh_known_hosts_text(&text, target);
	ok = keys_directory(b) && file_replace(*path, text.data, text.len, &b->failure);
	buf_free(&text);
	return ok;
}

/* The fragment may be used from anywhere. */
static char *absolute(const char *path)
{
	char *here = NULL, *whole;

	if (!path || *path == '/' || *path == '~' || !(here = get_current_dir_name()))
		return mem_dup(path);
	whole = mem_fmt("%s/%s", here, path);
	free(here);
	return whole;
}

static void add_config(struct bake *b, struct buf *text)
{
	struct ssh_target target;
	char *known = NULL;

	bake_temporary(b);
	if (!b->failure.status && machine_target(b, &target)) {
		if (write_known_hosts(b, &target, &known)) {
			char *key = absolute(target.key_file), *hosts = absolute(known);
			struct ssh_target from_anywhere = target;

			from_anywhere.key_file = key;
			ssh_config_text(text, &from_anywhere, hosts);
			free(key);
			free(hosts);
		}
		free(known);
		machine_target_free(&target);
	}
	if (b->failure.status) {
		cli_warn("%s", b->failure.message);
		rec_status(b->all->io, b->failure.status);
	}
}

void ssh_config_step(struct rec_io *io, const struct options *o)
{
	struct bakes s = {.io = io, .o = o};
	struct buf text = {0};

	read_bakes(io, o, &s);
	for (size_t i = 0; i < s.n; i++) {
		add_config(&s.list[i], &text);
		bake_end(&s.list[i]);
	}
	rec_print(io, text.data ? text.data : "", text.len);
	buf_free(&text);
	free(s.list);
}
