/* SPDX-License-Identifier: ISC
 * doctl's config.yaml: `access-token`, `context` and the mapping `auth-contexts`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "../env.h"
#include "../mem.h"
#include "../status.h"
#include "token.h"

static char *config_path(void)
{
	const char *base = env_get("XDG_CONFIG_HOME"), *home = env_get("HOME");

	if (base)
		return mem_fmt("%s/doctl/config.yaml", base);
	return home ? mem_fmt("%s/.config/doctl/config.yaml", home) : NULL;
}

static const char *text_of(const yaml_node_t *node)
{
	return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value
						      : NULL;
}

static yaml_node_t *member(yaml_document_t *d, const yaml_node_t *node, const char *key)
{
	const yaml_node_pair_t *pair;

	if (!node || node->type != YAML_MAPPING_NODE)
		return NULL;
	for (pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const char *name = text_of(yaml_document_get_node(d, pair->key));

		if (name && !strcmp(name, key))
			return yaml_document_get_node(d, pair->value);
	}
	return NULL;
}

static char *pick(yaml_document_t *d)
{
	const yaml_node_t *root = yaml_document_get_root_node(d);
	const char *context = env_get("DIGITALOCEAN_CONTEXT"), *token;

	if (!context)
		context = text_of(member(d, root, "context"));
	if (!context || !*context || !strcmp(context, "default"))
		token = text_of(member(d, root, "access-token"));
	else
		token = text_of(member(d, member(d, root, "auth-contexts"), context));
	return token && *token ? mem_dup(token) : NULL;
}

static char *read_token(FILE *file, const char *path, struct failure *f)
{
	yaml_parser_t parser;
	yaml_document_t document;
	char *token = NULL;

	if (!yaml_parser_initialize(&parser))
		mem_out();
	yaml_parser_set_input_file(&parser, file);
	if (yaml_parser_load(&parser, &document)) {
		token = pick(&document);
		yaml_document_delete(&document);
	} else {
		fail_set(f, ST_DATA, "bad-config", "%s:%zu: %s", path, parser.problem_mark.line + 1,
			 parser.problem ? parser.problem : "no YAML");
	}
	yaml_parser_delete(&parser);
	return token;
}

char *do_doctl_token(char **source, struct failure *f)
{
	char *path = config_path(), *token;
	FILE *file = path ? fopen(path, "re") : NULL;

	if (!file) {
		free(path);
		return NULL;
	}
	token = read_token(file, path, f);
	fclose(file);
	if (token)
		*source = path;
	else
		free(path);
	return token;
}
