/* SPDX-License-Identifier: ISC
 * Configuration files, and what in them is about which cloud. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"
#include "mem.h"
#include "spec.h"
#include "status.h"
#include "trace.h"

static const struct {
	const char *name, *provider;
} providers[] = {
    {"aws", "aws"}, {"digitalocean", "digitalocean"}, {"ec2", "aws"},
    {"gce", "gce"}, {"openstack", "openstack"},       {"rackspace", "rackspace"},
};

const char *config_provider(const char *name)
{
	for (size_t i = 0; name && i < sizeof(providers) / sizeof(*providers); i++)
		if (!strcmp(name, providers[i].name))
			return providers[i].provider;
	return NULL;
}

json_t *config_providers(void)
{
	json_t *names = json_array();

	for (size_t i = 0; i < sizeof(providers) / sizeof(*providers); i++)
		json_array_append_new(names, json_string(providers[i].name));
	return names;
}

static void read_file(const char *path, struct buf *text)
{
	struct failure f = {0};
	bool in = !strcmp(path, "-");

	if (in && isatty(STDIN_FILENO))
		cli_note("reading the configuration from a terminal; end with ctrl-D");
	if (!(in ? file_read_fd(STDIN_FILENO, "<stdin>", text, &f) : file_read(path, text, &f)))
		cli_fail(&f);
	trace_input(text->data, text->len);
}

/* aws of some/ec2.yaml */
static const char *cloud_of_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *stem = mem_dup_n(base, strcspn(base, "."));
	const char *cloud = config_provider(stem);

	free(stem);
	return cloud;
}

void config_add(struct config *c, const char *path)
{
	bool in = !strcmp(path, "-");
	const char *slash = in ? NULL : strrchr(path, '/');
	struct spec_file file = {.name = mem_dup(in ? "<stdin>" : path)};
	struct failure f = {0};
	struct buf text = {0};

	read_file(path, &text);
	file.directory = slash ? mem_dup_n(path, (size_t)(slash - path) + 1) : mem_dup("");
	file.cloud = in ? NULL : cloud_of_name(path);
	file.doc = yml_parse(file.name, text.data, text.len, &f);
	buf_free(&text);
	if (!file.doc) {
		fault_plain(c, f.status, "%s", f.message);
		fail_free(&f);
		free(file.name);
		free(file.directory);
		return;
	}
	c->files = mem_grow(c->files, c->n_files + 1, sizeof(*c->files));
	c->files[c->n_files++] = file;
}

static void add_cloud(struct config *c, const char *cloud)
{
	if (!names_hold(c->clouds, cloud))
		json_array_append_new(c->clouds, json_string(cloud));
}

static void add_body(struct config *c, const struct spec_file *file, const char *cloud,
		     const json_t *json)
{
	c->bodies = mem_grow(c->bodies, c->n_bodies + 1, sizeof(*c->bodies));
	c->bodies[c->n_bodies++] = (struct spec_body){cloud, json, file};
	if (cloud)
		add_cloud(c, cloud);
}

static void add_clouds(struct config *c, const struct spec_file *file, const json_t *clouds)
{
	const char *name;
	json_t *body;

	if (!json_is_object(clouds))
		fault(c, file, clouds, "'clouds' must be a mapping");
	json_object_foreach((json_t *)clouds, name, body) {
		const char *cloud = config_provider(name);
		json_auto_t *known = config_providers();

		if (!cloud) {
			char *guess = guess_text(name, known), *all = names_text(known);

			fault(c, file, body, "no cloud is called '%s'%s; there are %s", name, guess,
			      all);
			free(guess);
			free(all);
		} else if (!json_is_object(body)) {
			fault(c, file, body, "cloud '%s' must be a mapping", name);
		} else {
			add_body(c, file, cloud, body);
		}
	}
}

/* The cloud of a whole file: its member `cloud`, its name, the command line. */
static const char *cloud_of(struct config *c, const struct spec_file *file, const char *asked)
{
	const json_t *says = json_object_get(yml_root(file->doc), "cloud");
	const char *cloud = config_provider(json_string_value(says));
	json_auto_t *known = config_providers();
	char *all = names_text(known);

	if (says && !cloud)
		fault(c, file, says, "'cloud' must be one of %s", all);
	free(all);
	return cloud ? cloud : file->cloud ? file->cloud : asked;
}

static void sort_file(struct config *c, const struct spec_file *file, const char *asked)
{
	const json_t *root = yml_root(file->doc);
	const json_t *clouds = json_object_get(root, "clouds");
	const json_t *configs = json_object_get(root, "configs");
	bool places =
	    configs || json_object_get(root, "regions") || json_object_get(root, "region");
	const char *cloud;

	if (!json_is_object(root)) {
		fault(c, file, root, "a configuration must be a mapping, and not empty");
		return;
	}
	if (clouds && (places || json_object_get(root, "cloud")))
		fault(c, file, clouds,
		      "beside 'clouds' there can be no 'cloud', 'configs', 'region' and 'regions'");
	/* beside others, one without a place, as one of defaults is, is about all clouds */
	cloud = clouds ? NULL : cloud_of(c, file, places || c->n_files == 1 ? asked : NULL);
	if (places && !clouds && !cloud)
		fault(
		    c, file, root,
		    "which cloud is this about? say 'cloud: ec2' in it, or name the file ec2.yaml");
	add_body(c, file, cloud, root);
	if (clouds)
		add_clouds(c, file, clouds);
	if (json_is_object(configs))
		add_body(c, file, cloud, configs);
	else if (configs)
		fault(c, file, configs, "'configs' must be a mapping");
}

void config_sort(struct config *c, const char *cloud)
{
	for (size_t i = 0; i < c->n_files; i++)
		sort_file(c, &c->files[i], cloud);
}

void config_free(struct config *c)
{
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].name);
		free(c->files[i].directory);
		yml_free(c->files[i].doc);
	}
	free(c->files);
	free(c->bodies);
	json_decref(c->clouds);
	json_decref(c->said);
	json_decref(c->missing);
}
