/* SPDX-License-Identifier: ISC
 * Launch templates and configurations that nothing uses any more. */
#include <string.h>

#include "clock.h"
#include "roll.h"

enum { HOUR_MS = 3600000 };

static int64_t born(const json_t *template)
{
	return clk_parse_iso(aws_str(template, "createTime"));
}

/* Those of the groups that went, and what runs left that were never finished; one that is hardly
 * older than our own may be another run's that has not made its group yet. */
static bool tidy_templates(struct roll *r, const json_t *groups, struct failure *f)
{
	json_auto_t *own = asg_launches(r->own);
	const char *own_id = aws_str(own, "id");
	json_auto_t *templates = asg_templates(&r->cloud, r->want.server, r->want.env, f);
	int64_t limit = 0;
	json_t *template;
	size_t i;

	if (!templates)
		return false;
	json_array_foreach(templates, i, template)
		if (!strcmp(aws_str(template, "launchTemplateId"), own_id))
			limit = born(template);
	json_array_foreach(templates, i, template) {
		const char *id = aws_str(template, "launchTemplateId");

		if (!strcmp(id, own_id) || asg_uses_template(groups, id, NULL) ||
		    (!in_list(json_object_get(r->replaces, "lt"), id) &&
		     born(template) > limit - HOUR_MS))
			continue;
		if (!asg_delete_template(&r->cloud, id, aws_str(template, "launchTemplateName"), f))
			return false;
	}
	return true;
}

bool roll_tidy(struct roll *r, struct failure *f)
{
	json_auto_t *groups = asg_all(&r->cloud, f);
	json_t *name;
	size_t i;

	if (!groups || !tidy_templates(r, groups, f))
		return false;
	json_array_foreach(json_object_get(r->replaces, "lc"), i, name)
		if (!asg_uses_configuration(groups, json_string_value(name), NULL) &&
		    !asg_delete_configuration(&r->cloud, json_string_value(name), f))
			return false;
	return true;
}
