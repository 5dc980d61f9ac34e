/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "cloud.h"

void cloud_item_again(struct cloud_item *item)
{
	json_decref(item->record);
	item->record = NULL;
	item->made = item->ready = item->unclear = item->no_capacity = false;
	fail_free(&item->failure);
}

void cloud_item_free(struct cloud_item *item)
{
	cloud_item_again(item);
	free(item->id);
	free(item->private);
	item->id = NULL;
	item->private = NULL;
}
