/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "client.h"
#include "driver.h"
#include "error.h"
#include "page.h"

static struct cloud *open_cloud(struct http *engine, struct failure *f)
{
	struct aws *aws = aws_open(engine, NULL, f);
	struct cloud *c;

	if (!aws)
		return NULL;
	c = mem_alloc(sizeof *c);
	c->aws = aws;
	return c;
}

static void close_cloud(struct cloud *c)
{
	if (c)
		aws_close(c->aws);
	free(c);
}

static const char *account(struct cloud *c)
{
	return c->aws->account;
}

static const char *who(struct cloud *c, struct failure *f)
{
	return aws_account(c->aws, f);
}

const struct cloud_driver cloud_aws = {
    .provider = "aws",
    .open = open_cloud,
    .close = close_cloud,
    .account = account,
    .who = who,
    .list = ec2_cloud_list,
    .create = ec2_cloud_create,
    .state = ec2_cloud_state,
    .power = ec2_cloud_power,
    .remove = ec2_cloud_remove,
    .find = ec2_cloud_find,
    .image = ec2_cloud_image,
    .copy = ec2_cloud_copy,
    .share = ec2_cloud_share,
    .users = ec2_cloud_users,
    .host_keys = ec2_cloud_host_keys,
    .image_of = CLOUD_IMAGE_OF_OFF,
    .groups = true,
    .keys_by_name = true,
};

/* Who has no credentials is told of these first. */
static void no_region(struct cloud_item *item)
{
	struct failure why = {0};

	if (!aws_fit(item->cloud->aws, &why))
		fail_move(&item->failure, &why);
}

struct ec2_work *ec2_begin(struct cloud_item *item, void (*done)(struct cloud_item *))
{
	struct aws *aws = item->cloud->aws;
	const char *region = item->region ? item->region : aws_region(aws, &item->failure);
	struct ec2_work *w;

	if (!region) {
		no_region(item);
		done(item);
		return NULL;
	}
	w = mem_alloc(sizeof *w);
	*w = (struct ec2_work){.item = item, .done = done, .aws = aws, .region = region};
	return w;
}

void ec2_run(struct cloud_item *const *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		aws_run(items[i]->cloud->aws);
}

void ec2_free(struct ec2_work *w)
{
	aws_call_free(&w->call);
	json_decref(w->all);
	json_decref(w->held);
	free(w->group);
	free(w);
}

void ec2_end(struct ec2_work *w)
{
	struct cloud_item *item = w->item;
	void (*done)(struct cloud_item *) = w->done;

	ec2_free(w);
	done(item);
}

void ec2_fail(struct ec2_work *w)
{
	fail_move(&w->item->failure, &w->call.failure);
	ec2_end(w);
}

static void settled(struct aws_call *call)
{
	struct ec2_work *w = call->ctx;

	w->then(w);
}

static void prepare(struct ec2_work *w, const char *service, const char *action,
		    enum http_effect effect, json_t *params, void (*then)(struct ec2_work *))
{
	aws_call_free(&w->call);
	w->call = (struct aws_call){.service = service,
				    .action = action,
				    .region = w->region,
				    .params = ec2_sure(params),
				    .effect = effect,
				    .done = settled,
				    .ctx = w};
	w->then = then;
}

void ec2_ask_of(struct ec2_work *w, const char *service, const char *action,
		enum http_effect effect, json_t *params, void (*then)(struct ec2_work *))
{
	prepare(w, service, action, effect, params, then);
	aws_queue(w->aws, &w->call);
}

void ec2_ask(struct ec2_work *w, const char *action, enum http_effect effect, json_t *params,
	     void (*then)(struct ec2_work *))
{
	ec2_ask_of(w, "ec2", action, effect, params, then);
}

static void on_page(struct aws_call *call)
{
	struct ec2_work *w = call->ctx;
	size_t i;
	json_t *element;

	json_array_foreach(aws_arr(call->result, w->member), i, element) {
		if (w->take)
			w->take(w, element);
		else if (json_array_append(w->all, element))
			mem_out();
	}
	if (!call->result || page_follow(w->aws, call, !strcmp(call->service, "ec2")) != PAGE_MORE)
		w->then(w);
}

void ec2_read(struct ec2_work *w, const char *service, const char *action, json_t *params,
	      const char *member, void (*then)(struct ec2_work *))
{
	prepare(w, service, action, HTTP_READ, params, then);
	w->call.done = on_page;
	w->member = member;
	json_decref(w->all);
	w->all = ec2_sure(json_array());
	aws_queue(w->aws, &w->call);
}

bool ec2_refused(const struct ec2_work *w, const char *const *codes)
{
	const char *code = w->call.failure.code;

	for (; code && *codes; codes++)
		if (!strcmp(code, *codes))
			return true;
	return false;
}

bool ec2_in_doubt(const struct ec2_work *w)
{
	const struct failure *f = &w->call.failure;

	if (w->call.effect == HTTP_CHANGE)
		return w->call.unclear;
	return (f->status == ST_TEMP && !aws_error_throttled(f->code)) || f->status > 128 ||
	       f->status == ST_BUG;
}

const char *ec2_wanted(const struct cloud_item *item, const char *key)
{
	return aws_str(item->wanted, key);
}

json_t *ec2_sure(json_t *value)
{
	if (!value)
		mem_out();
	return value;
}
