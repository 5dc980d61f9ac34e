/* SPDX-License-Identifier: ISC
 * bootstrap and tests: scripts on the machines, all machines at once. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bake.h"
#include "mem.h"
#include "status.h"
#include "trace.h"

void machine_target_free(struct ssh_target *target)
{
	free((char *)(uintptr_t)target->key_file);
	free(target->host_keys);
	*target = (struct ssh_target){0};
}

static bool key_is_there(struct bake *b, const char *path)
{
	if (!path || trace_mode() == TRACE_REPLAY || !access(path, R_OK))
		return true;
	return fail_set(&b->failure, ST_CONFIG, "no-key",
			"%s: its private key '%s' is not here: copy it from where 'up' ran, or set "
			"SLUICE_KEYS",
			b->name, path);
}

bool machine_target(struct bake *b, struct ssh_target *target)
{
	const json_t *ssh = json_object_get(b->json, "ssh"),
		     *keys = json_object_get(ssh, "host_keys");
	json_t *key;
	size_t i;

	*target = (struct ssh_target){.name = b->name,
				      .host = json_string_value(json_object_get(ssh, "host")),
				      .user = json_string_value(json_object_get(ssh, "user")),
				      .port = (int)json_integer_value(json_object_get(ssh, "port")),
				      .key_file = key_login(b)};
	if (!target->host)
		return fail_set(&b->failure, ST_DATA, "no-machine",
				"%s: no machine to log in to: img-bake up makes one", b->name);
	if (!key_is_there(b, target->key_file))
		return false;
	target->host_keys = mem_alloc((json_array_size(keys) + 1) * sizeof *target->host_keys);
	json_array_foreach((json_t *)(uintptr_t)keys, i, key) {
		const char *text = json_string_value(key);
		const char *wrong = text ? ssh_host_key_wrong(text) : "not a text";

		if (wrong)
			return fail_set(&b->failure, ST_DATA, "host-key", "%s: a host key is %s",
					b->name, wrong);
		target->host_keys[target->n_host_keys++] = text;
	}
	if (!target->n_host_keys)
		return fail_set(&b->failure, ST_DATA, "host-key",
				"%s: its host keys are not known: img-bake up finds them out",
				b->name);
	return true;
}

/* The machines of some bakes, as remote.h takes them. */
struct fleet {
	struct remote *remote;
	struct remote_machine *machines;
	size_t n;
};

/* What is handed over was looked at before: see scripts_check(). */
static void hand_over(struct remote *remote, const json_t *names)
{
	struct failure ignored = {0};
	json_t *name;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)names, i, name)
		remote_environment_from(remote, json_string_value(name), &ignored);
	fail_free(&ignored);
}

static void fleet_begin(struct fleet *f, const struct bakes *s,
			const struct remote_options *options)
{
	*f = (struct fleet){.remote = remote_new(options),
			    .machines = mem_alloc((s->n + 1) * sizeof *f->machines)};
	hand_over(f->remote, s->o->environment);
}

static void fleet_add(struct fleet *f, struct bake *b, bool logged_in)
{
	struct remote_machine *m = &f->machines[f->n];

	if (!bake_live(b) || !machine_target(b, &m->target)) {
		machine_target_free(&m->target);
		return;
	}
	m->own = b;
	m->id = bake_deep(b, "instance", "id");
	m->sudo = json_is_true(json_object_get(b->json, "sudo"));
	m->logged_in = logged_in;
	f->n++;
}

static void fleet_end(struct fleet *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct remote_machine *m = &f->machines[i];

		fail_move(&((struct bake *)m->own)->failure, &m->failure);
		json_decref(m->runs);
		free(m->cloud_init);
		machine_target_free(&m->target);
	}
	remote_free(f->remote);
	free(f->machines);
}

static struct remote_options within(const struct bakes *s, int64_t limit_ms)
{
	struct remote_options options = s->o->remote;

	if (limit_ms)
		options.login_limit_ms = options.denied_ms = limit_ms;
	return options;
}

void machines_login(struct bakes *s, int64_t limit_ms)
{
	struct remote_options options = within(s, limit_ms);
	struct fleet f;

	fleet_begin(&f, s, &options);
	for (size_t i = 0; i < s->n; i++)
		fleet_add(&f, &s->list[i], false);
	remote_login(f.remote, f.machines, f.n);
	for (size_t i = 0; i < f.n; i++)
		if (f.machines[i].failure.status == ST_TEMP)
			fail_prefix(&f.machines[i].failure, "machine %s",
				    bake_deep(f.machines[i].own, "instance", "id"));
	fleet_end(&f);
}

void machines_clean(struct bakes *s, int64_t limit_ms)
{
	struct remote_options options = within(s, limit_ms);
	struct fleet f;

	fleet_begin(&f, s, &options);
	for (size_t i = 0; i < s->n; i++)
		fleet_add(&f, &s->list[i], true);
	for (size_t i = 0; i < f.n; i++)
		remote_clean(f.remote, &f.machines[i], 1,
			     bake_deep(f.machines[i].own, "temporary", "public_key"));
	fleet_end(&f);
}

/* The scripts of a bake: the operands, else those that the record names. */
static struct remote_script *open_scripts(struct bake *b, const char *member, size_t *n)
{
	const json_t *paths = json_object_get(b->json, member);
	char **operands = b->all->o->operands;
	size_t count = 0, given = 0;
	struct remote_script *scripts;

	while (operands[given])
		given++;
	count = given ? given : json_array_size(paths);
	scripts = mem_alloc((count + 1) * sizeof *scripts);
	for (*n = 0; *n < count && !b->failure.status; ++*n)
		remote_script_open(&scripts[*n],
				   given ? operands[*n]
					 : json_string_value(json_array_get(paths, *n)),
				   &b->failure);
	return scripts;
}

static void close_scripts(struct remote_script *scripts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		remote_script_close(&scripts[i]);
	free(scripts);
}

bool scripts_are_there(struct bake *b, const char *member)
{
	struct remote *remote = remote_new(&b->all->o->remote);
	json_t *name;
	struct remote_script *scripts;
	size_t n, i;

	scripts = open_scripts(b, member, &n);
	close_scripts(scripts, n);
	json_array_foreach(json_object_get(b->json, "environment"), i, name)
		if (!b->failure.status)
			remote_environment_from(remote, json_string_value(name), &b->failure);
	remote_free(remote);
	return !b->failure.status;
}

/* Whether one set of scripts and variables serves both. */
static bool alike(const struct bake *a, const struct bake *b, const char *member)
{
	const char *const members[] = {member, "environment"};

	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const json_t *of_a = json_object_get(a->json, members[i]),
			     *of_b = json_object_get(b->json, members[i]);

		if (of_a != of_b && !json_equal(of_a, of_b))
			return false;
	}
	return true;
}

/* All from the first on that are like it, at once. */
static void run_alike(struct bakes *s, size_t first, bool *seen, const char *step,
		      const char *member)
{
	struct remote_options options = s->o->remote;
	struct bake *b = &s->list[first];
	struct remote_script *scripts;
	struct fleet f;
	size_t n;

	options.step = step;
	scripts = open_scripts(b, member, &n);
	fleet_begin(&f, s, &options);
	hand_over(f.remote, json_object_get(b->json, "environment"));
	for (size_t i = first; i < s->n; i++) {
		if (seen[i] || !alike(b, &s->list[i], member))
			continue;
		seen[i] = true;
		fleet_add(&f, &s->list[i], true);
	}
	remote_scripts(f.remote, f.machines, f.n, scripts, n);
	fleet_end(&f);
	close_scripts(scripts, n);
}

void machines_run(struct bakes *s, const char *step, const char *member)
{
	bool *seen = mem_alloc(s->n + 1);

	for (size_t i = 0; i < s->n; i++)
		if (!seen[i] && bake_live(&s->list[i]))
			run_alike(s, i, seen, step, member);
	free(seen);
}

bool scripts_check(struct bake *b)
{
	const char *step = b->all->o->step;

	if (!bake_needs_machine(b) || !scripts_are_there(b, step))
		return false;
	if (!*b->all->o->operands && !json_array_size(json_object_get(b->json, step)))
		return fail_set(&b->failure, ST_DATA, "no-scripts",
				"%s: no scripts: neither operands nor '%s' in the record", b->name,
				step);
	bake_plan(b, "change", "instance", bake_deep(b, "instance", "name"),
		  bake_deep(b, "instance", "id"), NULL, "scripts run on it");
	return true;
}

void scripts_act(struct bakes *s)
{
	machines_run(s, s->o->step, s->o->step);
	for (size_t i = 0; i < s->n; i++) {
		bake_note(&s->list[i], s->o->step);
		bake_settle(&s->list[i]);
	}
}
