/* SPDX-License-Identifier: ISC
 * The groups of several regions, all asked at once. */
#include "../mem.h"
#include "asg.h"
#include "page.h"

static void give_up(struct asg_place *p)
{
	fail_move(&p->failure, &p->call.failure);
	json_decref(p->groups);
	p->groups = NULL;
}

static void on_page(struct aws_call *call)
{
	struct asg_place *p = call->ctx;

	if (!call->result) {
		give_up(p);
		return;
	}
	json_array_extend(p->groups, aws_arr(call->result, "AutoScalingGroups"));
	if (page_follow(p->client, call, false) == PAGE_FAILED)
		give_up(p);
}

void asg_all_of(struct aws *a, struct asg_place *places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct asg_place *p = &places[i];

		p->client = a;
		p->groups = json_array();
		p->call = (struct aws_call){.service = "autoscaling",
					    .action = "DescribeAutoScalingGroups",
					    .region = p->region,
					    .params = json_pack("{s:i}", "MaxRecords", 100),
					    .effect = HTTP_READ,
					    .done = on_page,
					    .ctx = p};
		if (!p->groups || !p->call.params)
			mem_out();
		aws_queue(a, &p->call);
	}
	if (n)
		aws_run(a);
}

void asg_place_free(struct asg_place *p)
{
	json_decref(p->groups);
	fail_free(&p->failure);
	aws_call_free(&p->call);
}
