/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "../mem.h"
#include "../status.h"
#include "client.h"
#include "creds.h"

/* "arn:aws:sts::123456789012:assumed-role/…" -> the account */
static char *account_of(const char *arn)
{
	for (int i = 0; i < 4; i++) {
		arn = strchr(arn, ':');
		if (!arn)
			return NULL;
		arn++;
	}
	return mem_dup_n(arn, strcspn(arn, ":"));
}

bool creds_sts(struct creds *c, const struct aws_keys *with, const char *action, json_t *params,
	       const char *source, struct aws_keys *k, struct failure *f)
{
	struct aws *sts = aws_nested(c->engine, c->p, c->region ? c->region : "us-east-1", with);
	json_t *answer = aws_do(sts, "sts", action, HTTP_READ, params, f, NULL);
	const char *arn;
	bool ok;

	aws_close(sts);
	if (!answer) {
		fail_prefix(f, "no AWS credentials from %s", source);
		return false;
	}
	ok = creds_from_json(json_object_get(answer, "Credentials"), source, k, f);
	arn = aws_str(json_object_get(answer, "AssumedRoleUser"), "Arn");
	if (ok && !k->account)
		k->account = account_of(arn);
	json_decref(answer);
	return ok;
}
