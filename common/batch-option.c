/* SPDX-License-Identifier: ISC */
#include "batch.h"
#include "cli.h"

bool batch_option(struct batch_options *o, int option, const char *argument)
{
	switch (option) {
	case 'n':
		o->dry = true;
		return true;
	case 'f':
		cli_file(&o->file, argument);
		return true;
	case BATCH_AGAIN:
		o->again = true;
		return true;
	case BATCH_EXPECT:
		guard_expect(&o->guard, argument);
		return true;
	case BATCH_MAX:
		guard_max(&o->guard, argument);
		return true;
	case BATCH_PLAN:
		o->plan = argument;
		return true;
	default:
		return false;
	}
}
