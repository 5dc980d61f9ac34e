/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "find.h"
#include "image.h"
#include "page.h"
#include "../clock.h"
#include "../mem.h"
#include "../status.h"

static void ask(struct image_place *p, const char *service, const char *action, json_t *params,
		void (*done)(struct aws_call *))
{
	if (!params)
		mem_out();
	aws_call_free(&p->call);
	p->call = (struct aws_call){.service = service,
				    .action = action,
				    .region = p->region,
				    .params = params,
				    .effect = HTTP_READ,
				    .done = done,
				    .ctx = p};
	aws_queue(p->client, &p->call);
}

static bool is_wanted(const struct image_place *p, const json_t *image)
{
	int64_t deprecated;

	if (strcmp(aws_image_state(aws_str(image, "imageState")), "available"))
		return false;
	if (p->search->deprecated || p->search->parameter)
		return true;
	deprecated = clk_parse_iso(aws_str(image, "deprecationTime"));
	return deprecated < 0 || deprecated > clk_now();
}

static void consider(struct image_place *p, const json_t *images)
{
	const json_t *image;
	size_t i;

	json_array_foreach(images, i, image) {
		json_t *record;

		if (!is_wanted(p, image))
			continue;
		record = aws_image_record(image, p->region);
		if (!p->best || aws_image_newer(record, p->best)) {
			json_decref(p->best);
			p->best = record;
		} else {
			json_decref(record);
		}
	}
}

static void settle(struct image_place *p)
{
	if (p->done)
		p->done(p);
}

static void no_match(struct image_place *p, const char *why)
{
	fail_set(&p->failure, ST_NO, "no-match", "%s", why);
	settle(p);
}

/* A failed page fails the list: what came before it proves nothing. */
static void give_up(struct image_place *p)
{
	fail_move(&p->failure, &p->call.failure);
	json_decref(p->best);
	p->best = NULL;
	settle(p);
}

static void on_images(struct aws_call *call)
{
	struct image_place *p = call->ctx;
	const char *code = call->failure.code;
	enum page page;

	if (!call->result) {
		if (p->search->parameter && code && !strncmp(code, "InvalidAMIID.", 13))
			no_match(p, "the image that the parameter names is not there");
		else
			give_up(p);
		return;
	}
	consider(p, aws_arr(call->result, "imagesSet"));
	page = page_follow(p->client, call, true);
	if (page == PAGE_FAILED)
		give_up(p);
	else if (page == PAGE_LAST && p->best)
		settle(p);
	else if (page == PAGE_LAST)
		no_match(p, "no image matches");
}

/* `id`: the one image, or NULL for all that the filters let through. */
static void ask_images(struct image_place *p, const char *id)
{
	const struct image_search *s = p->search;
	json_t *params = json_pack("{sO}", "Filter", s->filters);

	if (json_array_size(s->owners))
		json_object_set(params, "Owner", s->owners);
	if (id || s->deprecated)
		json_object_set_new(params, "IncludeDeprecated", json_true());
	if (id)
		json_object_set_new(params, "ImageId", json_pack("[s]", id));
	else
		json_object_set_new(params, "MaxResults", json_integer(1000));
	ask(p, "ec2", "DescribeImages", params, on_images);
}

/* "ami-…" itself, or the JSON text of …/recommended with its image_id. Caller frees. */
static char *image_id_of(const json_t *value)
{
	const char *text = json_string_value(value);
	json_auto_t *parsed = text && *text == '{' ? json_loads(text, 0, NULL) : NULL;
	const char *id = json_string_value(json_object_get(parsed ? parsed : value, "image_id"));

	if (!id && !parsed)
		id = text;
	return id && !strncmp(id, "ami-", 4) ? mem_dup(id) : NULL;
}

static void names_none(struct image_place *p)
{
	fail_set(&p->failure, ST_REFUSED, "no-image-id", "the parameter's value names no image");
	settle(p);
}

static void on_parameter(struct aws_call *call)
{
	struct image_place *p = call->ctx;
	const char *code = call->failure.code;
	char *id;

	if (!call->result) {
		if (code && !strcmp(code, "ParameterNotFound"))
			no_match(p, "there is no such parameter");
		else
			give_up(p);
		return;
	}
	id = image_id_of(json_object_get(json_object_get(call->result, "Parameter"), "Value"));
	if (id)
		ask_images(p, id);
	else
		names_none(p);
	free(id);
}

void image_find_queue(struct aws *client, const struct image_search *search, struct image_place *p)
{
	p->client = client;
	p->search = search;
	if (search->parameter)
		ask(p, "ssm", "GetParameter", json_pack("{ss}", "Name", search->parameter),
		    on_parameter);
	else
		ask_images(p, NULL);
}

void image_find(struct aws *client, const struct image_search *search, struct image_place *places,
		size_t n)
{
	for (size_t i = 0; i < n; i++)
		image_find_queue(client, search, &places[i]);
	aws_run(client);
}

void image_place_free(struct image_place *p)
{
	json_decref(p->best);
	fail_free(&p->failure);
	aws_call_free(&p->call);
}
