/* SPDX-License-Identifier: ISC
 * Whether a group's instances are well: in the group, and behind each of its balancers. */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "asg.h"

/* What was asked, and what came. */
struct question {
	struct aws_call call;
	const char *region, *name; /* borrowed: a load balancer's name, a target group's ARN */
	char *at;                  /* "target group 'app'"; NULL for an image */
};

struct survey {
	struct question *list;
	size_t n;
};

static struct question *add(struct survey *s, const char *region, const char *name,
			    struct aws_call call)
{
	struct question *q;

	s->list = mem_grow(s->list, s->n + 1, sizeof *s->list);
	q = &s->list[s->n++];
	*q = (struct question){.call = call, .region = region, .name = name};
	q->call.region = region;
	return q;
}

static const struct question *find(const struct survey *s, const char *region, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->list[i].at && !strcmp(s->list[i].name, name) &&
		    !strcmp(s->list[i].region, region))
			return &s->list[i];
	return NULL;
}

static void ask_classic(struct survey *s, const char *region, const json_t *names)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);

		if (!find(s, region, text))
			add(s, region, text,
			    (struct aws_call){.service = "elb",
					      .action = "DescribeInstanceHealth",
					      .params =
						  json_pack("{s:s}", "LoadBalancerName", text)})
			    ->at = mem_fmt("load balancer '%s'", text);
	}
}

static void ask_targets(struct survey *s, const char *region, const json_t *arns)
{
	size_t i;
	json_t *arn;

	json_array_foreach(arns, i, arn) {
		const char *text = json_string_value(arn), *name = strstr(text, ":targetgroup/");

		name = name ? name + strlen(":targetgroup/") : text;
		if (!find(s, region, text))
			add(s, region, text,
			    (struct aws_call){.service = "elbv2",
					      .action = "DescribeTargetHealth",
					      .params = json_pack("{s:s}", "TargetGroupArn", text)})
			    ->at = mem_fmt("target group '%.*s'", (int)strcspn(name, "/"), name);
	}
}

static void run(struct survey *s, struct aws *a)
{
	for (size_t i = 0; i < s->n; i++)
		aws_queue(a, &s->list[i].call);
	if (s->n)
		aws_run(a);
}

static void survey_free(struct survey *s)
{
	for (size_t i = 0; i < s->n; i++) {
		aws_call_free(&s->list[i].call);
		free(s->list[i].at);
	}
	free(s->list);
}

/* Of an instance that it lets go a classic balancer says InService until the end. */
static const char *said(const json_t *word, bool classic)
{
	if (classic && strstr(aws_str(word, "Description"), "deregistration"))
		return "draining";
	return aws_str(word, "State");
}

/* What a balancer says about an instance: false when it does not know it; *state is the worst of
 * its entries (a target may be registered with several ports). */
static bool word_on(const struct question *q, const char *id, const char **state,
		    const char **reason, bool *good)
{
	bool classic = !strcmp(q->call.service, "elb"), known = false;
	json_t *list =
	    aws_arr(q->call.result, classic ? "InstanceStates" : "TargetHealthDescriptions");
	json_t *entry;
	size_t i;

	*good = true;
	json_array_foreach(list, i, entry) {
		const json_t *word = classic ? entry : json_object_get(entry, "TargetHealth");
		const char *who = classic ? aws_str(entry, "InstanceId")
					  : aws_str(json_object_get(entry, "Target"), "Id");
		const char *told = said(word, classic);
		bool well = !strcmp(told, classic ? "InService" : "healthy");

		if (strcmp(who, id) != 0 || (known && well))
			continue;
		known = true;
		*state = told;
		*reason = aws_str(word, "Description");
		*good = *good && well;
	}
	return known;
}

/* Members that are on their way out, or that an operator has set aside, are not waited for. */
static bool leaving(const char *state)
{
	return !strncmp(state, "Terminat", 8) || !strncmp(state, "Detach", 6) ||
	       !strcmp(state, "EnteringStandby") || !strcmp(state, "Standby") ||
	       !strncmp(state, "Warmed", 6);
}

/* NULL when the instance is well at this balancer; else what is not (caller frees). */
static char *complaint(const struct question *q, const char *id, const char **word)
{
	const char *told = "", *reason = "";
	bool good;

	if (!word_on(q, id, &told, &reason, &good)) {
		*word = "unregistered";
		return mem_fmt("%s is not yet known to %s", id, q->at);
	}
	if (good)
		return NULL;
	*word = !strcmp(told, "OutOfService") ? "unhealthy" : told;
	return *reason && strcmp(reason, "N/A") != 0
		   ? mem_fmt("%s is %s in %s (%s)", id, told, q->at, reason)
		   : mem_fmt("%s is %s in %s", id, told, q->at);
}

/* The same for all that it is to be well in; *word: in one word. */
static char *ailment(const struct survey *s, const char *region, const json_t *balancers,
		     const json_t *instance, const char **word)
{
	const char *id = aws_str(instance, "InstanceId"),
		   *state = aws_str(instance, "LifecycleState");
	json_t *name;
	char *why;
	size_t i;

	if (strcmp(state, "InService") != 0) {
		*word = "starting";
		return mem_fmt("%s is %s", id, state);
	}
	if (strcasecmp(aws_str(instance, "HealthStatus"), "healthy") != 0) {
		*word = "unhealthy";
		return mem_fmt("%s is %s", id, aws_str(instance, "HealthStatus"));
	}
	json_array_foreach(balancers, i, name)
		if ((why = complaint(find(s, region, json_string_value(name)), id, word)))
			return why;
	*word = "healthy";
	return NULL;
}

static void judge_instance(struct asg_item *item, const struct survey *s, const json_t *balancers,
			   const json_t *instance)
{
	struct asg_health *h = &item->health;
	const char *state = aws_str(instance, "LifecycleState"), *word = "leaving";
	bool leaves = leaving(state);
	char *why = leaves ? NULL : ailment(s, item->region, balancers, instance, &word);
	json_t *entry =
	    json_pack("{s:s, s:s, s:s, s:s}", "id", aws_str(instance, "InstanceId"), "zone",
		      aws_str(instance, "AvailabilityZone"), "state", state, "health", word);

	if (!entry)
		mem_out();
	if (why)
		json_object_set_new(entry, "reason", json_string(why));
	json_array_append_new(h->instances, entry);
	h->all += !leaves;
	h->good += !leaves && !why;
	if (why && !h->why) {
		h->why = why;
		why = NULL;
	}
	free(why);
}

/* Names of load balancers and ARNs of target groups in one list: no name begins with arn. */
static json_t *balancers_of(const struct asg_item *item)
{
	json_t *all = json_copy(aws_arr(item->group, "LoadBalancerNames"));

	json_array_extend(all, aws_arr(item->group, "TargetGroupARNs"));
	if (item->load_balancers)
		json_array_extend(all, (json_t *)(uintptr_t)item->load_balancers);
	if (item->target_groups)
		json_array_extend(all, (json_t *)(uintptr_t)item->target_groups);
	return all;
}

static void judge(struct asg_item *item, const struct survey *s)
{
	json_auto_t *balancers = balancers_of(item);
	long long desired = aws_int(item->group, "DesiredCapacity");
	struct asg_health *h = &item->health;
	json_t *instance, *name;
	size_t i;

	if (json_array_size(aws_arr(item->group, "Instances")))
		json_array_foreach(balancers, i, name) {
			const struct question *q = find(s, item->region, json_string_value(name));

			if (q->call.result)
				continue;
			fail_copy(&item->failure, &q->call.failure);
			fail_prefix(&item->failure, "cannot ask %s", q->at);
			return;
		}
	json_array_foreach(aws_arr(item->group, "Instances"), i, instance)
		judge_instance(item, s, balancers, instance);
	h->ok = h->good == h->all && h->good >= desired;
	if (!h->ok && !h->why)
		h->why = mem_fmt("%lld of %lld instances are there", h->all, desired);
}

static void ask_image(struct survey *s, const struct asg_item *item, size_t *number)
{
	struct aws_call call = asg_image_call(item->group);

	*number = SIZE_MAX;
	if (!call.service)
		return;
	*number = s->n;
	add(s, item->region, "", call);
}

void asg_look_all(struct aws *a, struct asg_item *items, size_t n)
{
	size_t *images = mem_alloc((n + 1) * sizeof *images);
	struct survey s = {0};

	for (size_t i = 0; i < n; i++) {
		struct asg_item *item = &items[i];
		bool any = json_array_size(aws_arr(item->group, "Instances"));

		item->health = (struct asg_health){.instances = json_array()};
		images[i] = SIZE_MAX;
		if (item->wants_image)
			ask_image(&s, item, &images[i]);
		if (!any)
			continue;
		ask_classic(&s, item->region, aws_arr(item->group, "LoadBalancerNames"));
		ask_classic(&s, item->region, item->load_balancers);
		ask_targets(&s, item->region, aws_arr(item->group, "TargetGroupARNs"));
		ask_targets(&s, item->region, item->target_groups);
	}
	run(&s, a);
	for (size_t i = 0; i < n; i++) {
		judge(&items[i], &s);
		if (images[i] != SIZE_MAX)
			items[i].image = asg_image(&s.list[images[i]].call);
	}
	survey_free(&s);
	free(images);
}

void asg_item_free(struct asg_item *item)
{
	asg_health_free(&item->health);
	free(item->image);
	fail_free(&item->failure);
}

bool asg_look(struct asg_cloud *c, const json_t *group, const json_t *load_balancers,
	      const json_t *target_groups, struct asg_health *h, struct failure *f)
{
	struct asg_item item = {.region = c->region,
				.group = group,
				.load_balancers = load_balancers,
				.target_groups = target_groups};
	bool ok;

	asg_look_all(c->aws, &item, 1);
	ok = !item.failure.status;
	*h = ok ? item.health : (struct asg_health){0};
	if (ok)
		item.health = (struct asg_health){0};
	else
		fail_move(f, &item.failure);
	asg_item_free(&item);
	return ok;
}

void asg_health_free(struct asg_health *h)
{
	json_decref(h->instances);
	free(h->why);
	*h = (struct asg_health){0};
}

/* A balancer that is gone knows no instances. */
static bool all_answered(const struct survey *s, struct failure *f)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->list[i].call.result && !asg_not_there(&s->list[i].call.failure)) {
			fail_copy(f, &s->list[i].call.failure);
			fail_prefix(f, "cannot ask %s", s->list[i].at);
			return false;
		}
	return true;
}

long long asg_registered(struct asg_cloud *c, const json_t *ids, const json_t *load_balancers,
			 const json_t *target_groups, struct failure *f)
{
	const char *state, *reason;
	struct survey s = {0};
	long long n = 0;
	json_t *id;
	size_t i;
	bool good;

	ask_classic(&s, c->region, load_balancers);
	ask_targets(&s, c->region, target_groups);
	run(&s, c->aws);
	if (!all_answered(&s, f))
		n = -1;
	else
		json_array_foreach(ids, i, id) {
			bool known = false;

			for (size_t k = 0; k < s.n && !known; k++)
				known = word_on(&s.list[k], json_string_value(id), &state, &reason,
						&good);
			n += known;
		}
	survey_free(&s);
	return n;
}
