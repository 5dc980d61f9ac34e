/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "mem.h"
#include "plan.h"
#include "run.h"
#include "status.h"

struct state {
	const struct run_options *options;
	struct batch batch;
	struct remote *remote;
	struct remote_script *scripts;
	size_t n_scripts;
	struct remote_machine *machines;
	size_t *works; /* a machine's place in the batch */
	size_t n;
};

static void open_scripts(struct state *s)
{
	struct failure f = {0};

	for (size_t i = 0; i < s->options->n_names; i++)
		if (!remote_environment_from(s->remote, s->options->names[i], &f)) {
			if (f.status == ST_USAGE)
				cli_usage("%s", f.message);
			cli_fail(&f);
		}
	for (char **path = s->options->scripts; *path; path++) {
		s->scripts = mem_grow(s->scripts, s->n_scripts + 1, sizeof *s->scripts);
		if (!remote_script_open(&s->scripts[s->n_scripts++], *path, &f))
			cli_fail(&f);
	}
}

static json_t *script_names(const struct state *s)
{
	json_t *names = json_array();

	for (size_t i = 0; i < s->n_scripts; i++)
		json_array_append_new(names, json_string(s->scripts[i].name));
	return names;
}

static void look(struct state *s, size_t at)
{
	struct batch_work *work = &s->batch.works[at];
	struct remote_machine *m = &s->machines[s->n];

	*m = (struct remote_machine){.own = s, .id = rec_string(work->rec, "id")};
	if (!run_target(&m->target, work->rec->json, s->options, &work->failure)) {
		const char *name = rec_string(work->rec, "name");

		fail_prefix(&work->failure, "cannot run scripts on '%s'", name ? name : "?");
		return;
	}
	plan_add(work->plan, "change", "instance", rec_string(work->rec, "provider"),
		 rec_string(work->rec, "region"), rec_string(work->rec, "name"),
		 rec_string(work->rec, "id"), NULL, json_pack("{so}", "scripts", script_names(s)),
		 NULL);
	s->works[s->n++] = at;
}

static void settled(struct remote_machine *m)
{
	struct state *s = m->own;
	struct batch_work *work = &s->batch.works[s->works[m - s->machines]];
	int status = m->failure.status;

	if (m->runs) {
		rec_event(
		    s->batch.io, "ran", "instance", rec_string(work->rec, "provider"),
		    rec_string(work->rec, "id"),
		    json_pack("{ss* si}", "name", rec_string(work->rec, "name"), "status", status));
		rec_set(work->rec, "ssh_run", json_incref(m->runs));
	}
	fail_move(&work->failure, &m->failure);
	batch_settle(&s->batch, work);
}

static void plan_or_act(struct state *s)
{
	struct batch *b = &s->batch;
	bool act;

	s->machines = mem_alloc((b->n + 1) * sizeof *s->machines);
	s->works = mem_alloc((b->n + 1) * sizeof *s->works);
	for (size_t i = 0; i < b->n; i++)
		if (b->works[i].mine)
			look(s, i);
	act = batch_may_act(b);
	for (size_t i = 0; i < s->n; i++)
		if (act)
			s->machines[i].settled = settled;
		else if (b->dry)
			rec_set(b->works[s->works[i]].rec, "ssh_run", json_null());
	if (act)
		remote_scripts(s->remote, s->machines, s->n, s->scripts, s->n_scripts);
}

void run_scripts(struct rec_io *io, const struct run_options *options)
{
	const struct batch_rules rules = {
	    .filter = cli_name, .kind = "instance", .things = "machines"};
	struct state s = {.options = options, .remote = remote_new(&options->remote)};

	open_scripts(&s);
	batch_begin(&s.batch, io, &rules, &options->batch);
	batch_read(&s.batch);
	plan_or_act(&s);
	batch_end(&s.batch);
	for (size_t i = 0; i < s.n; i++) {
		run_target_free(&s.machines[i].target);
		json_decref(s.machines[i].runs);
		free(s.machines[i].cloud_init);
		fail_free(&s.machines[i].failure);
	}
	for (size_t i = 0; i < s.n_scripts; i++)
		remote_script_close(&s.scripts[i]);
	free(s.machines);
	free(s.works);
	free(s.scripts);
	remote_free(s.remote);
}
