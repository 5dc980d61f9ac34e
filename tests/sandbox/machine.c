/* SPDX-License-Identifier: ISC
 * What the clouds want of machines, against what the host was told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "failure.h"
#include "file.h"
#include "machine-host.h"
#include "mem.h"
#include "world.h"

static struct machine {
	long long n; /* the host's name for it */
	char *id, *address;
	int port;
	bool wanted, on, halted;
	long long boots;
	json_t *knobs;
	int64_t power_at; /* it is to go down by itself */
	bool power_again;
	struct machine *next;
} * machines;
static bool listed = true; /* the ssh_config is as the list is */

static void tell(json_t *message)
{
	char *text = json_dumps(message, JSON_COMPACT);

	if (text)
		machines_send(text);
	free(text);
	json_decref(message);
}

static void command(const struct machine *m, const char *what)
{
	tell(json_pack("{s:s, s:I}", "do", what, "n", (json_int_t)m->n));
}

static struct machine *find(const char *id)
{
	struct machine *m = machines;

	while (m && strcmp(m->id, id) != 0)
		m = m->next;
	return m;
}

static struct machine *create(const struct machine_wish *wish)
{
	static long long last;
	struct machine **at = &machines, *m = mem_alloc(sizeof *m);

	m->n = ++last;
	m->id = mem_dup(wish->id);
	m->address = mem_dup(wish->address);
	m->port = machine_free_port(wish->address);
	m->power_at = INT64_MAX;
	m->boots = wish->boots;
	while (*at)
		at = &(*at)->next;
	*at = m;
	listed = false;
	return m;
}

/* Of all, of its image, of its name, its own. */
static json_t *knobs_of(const struct machine_wish *wish)
{
	const json_t *all = json_object_get(behave(), "machines");
	const char *const names[] = {"*", wish->image, wish->name, wish->id};
	json_t *knobs = json_object();

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		json_object_update(knobs, json_object_get(all, names[i]));
	return knobs;
}

static void start(struct machine *m, const struct machine_wish *wish, bool files_only)
{
	json_t *message = json_pack(
	    "{s:s, s:I, s:s, s:o, s:b, s:b}", "do", "start", "n", (json_int_t)m->n, "image",
	    wish->disk, "files", machine_files(wish, m->knobs, m->port), "files_only", files_only,
	    "no_cloud_init", !strcmp(str(m->knobs, "cloud_init"), "absent"));

	tell(message);
}

static void turn_on(struct machine *m, const struct machine_wish *wish)
{
	m->on = true;
	m->halted = false;
	m->power_at = INT64_MAX;
	m->boots = wish->boots;
	start(m, wish, false);
}

static void turn_off(struct machine *m)
{
	m->on = false;
	m->power_at = INT64_MAX;
	command(m, "stop");
}

static void reboot(struct machine *m)
{
	m->power_at = INT64_MAX;
	command(m, "reboot");
}

static void on_event(const json_t *event)
{
	struct machine *m = machines;
	const char *what = str(event, "what");
	long long minutes = num(event, "minutes", 0);

	while (m && m->n != num(event, "n", 0))
		m = m->next;
	if (!m || !m->on)
		return;
	m->power_at = INT64_MAX;
	if (!strcmp(what, "cancel"))
		return;
	if (minutes > 0) {
		m->power_at = world_now() + minutes * 60000;
		m->power_again = *what == 'r';
	} else if (*what == 'h') {
		m->on = false;
		m->halted = true;
	}
}

static void power_due(struct machine *m)
{
	if (world_now() < m->power_at)
		return;
	if (m->power_again) {
		reboot(m);
		return;
	}
	turn_off(m);
	m->halted = true;
}

bool machine_wanted(const struct machine_wish *wish)
{
	struct machine *m = find(wish->id);
	json_t *knobs = knobs_of(wish), *old;

	if (!m)
		m = create(wish);
	old = m->knobs;
	m->knobs = knobs;
	m->wanted = true;
	power_due(m);
	if (m->on && old && !json_equal(old, knobs))
		start(m, wish, true);
	json_decref(old);
	if (!wish->on && m->on)
		turn_off(m);
	else if (wish->on && !m->on && (!m->halted || m->boots != wish->boots))
		turn_on(m, wish);
	else if (m->on && m->boots != wish->boots)
		reboot(m);
	m->boots = wish->boots;
	m->halted = m->halted && wish->on;
	return m->halted;
}

static void forget(struct machine **at)
{
	struct machine *m = *at;

	*at = m->next;
	command(m, "remove");
	json_decref(m->knobs);
	free(m->id);
	free(m->address);
	free(m);
	listed = false;
}

static void list_all(void)
{
	struct buf text = {0};

	for (const struct machine *m = machines; m; m = m->next)
		buf_fmt(&text, "Host %s\n\tPort %d\n", m->address, m->port);
	machines_write_config(text.data ? text.data : "");
	buf_free(&text);
	listed = true;
}

void machines_settled(void)
{
	for (struct machine **at = &machines; *at;)
		if ((*at)->wanted) {
			(*at)->wanted = false;
			at = &(*at)->next;
		} else {
			forget(at);
		}
	if (!listed)
		list_all();
}

void machines_look(void)
{
	json_t *event;

	while ((event = machines_event())) {
		on_event(event);
		json_decref(event);
	}
}

void machine_image(const char *id, const char *image)
{
	const struct machine *m = find(id);

	if (m)
		tell(json_pack("{s:s, s:I, s:s}", "do", "copy", "n", (json_int_t)m->n, "image",
			       image));
}

void machine_image_rename(const char *image, const char *name)
{
	if (machines_on())
		tell(json_pack("{s:s, s:s, s:s}", "do", "rename", "image", image, "to", name));
}

char *machine_console(const char *id)
{
	const struct machine *m = find(id);
	char *path = m ? mem_fmt("%s/m/%lld/own/console", machines_directory(), m->n) : NULL;
	struct buf text = {0};
	struct failure not_yet = {0};

	if (path)
		file_read(path, &text, &not_yet);
	fail_free(&not_yet);
	free(path);
	return text.data ? buf_take(&text) : mem_dup("");
}

json_t *machines_shown(void)
{
	json_t *all = json_array();

	for (const struct machine *m = machines; m; m = m->next) {
		char *directory = mem_fmt("%s/m/%lld", machines_directory(), m->n);

		json_array_append_new(all, json_pack("{s:s, s:s, s:i, s:b, s:s}", "id", m->id,
						     "address", m->address, "port", m->port, "on",
						     m->on, "directory", directory));
		free(directory);
	}
	return all;
}
