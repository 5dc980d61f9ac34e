/* SPDX-License-Identifier: ISC
 * Reading answers whose types only their names tell. */
#include <string.h>

#include "../cli.h"
#include "aws.h"

const char *aws_str(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long long aws_int(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	long long n = 0;

	if (json_is_number(value))
		return (long long)json_number_value(value);
	cli_number(aws_str(object, key), -(1LL << 53), 1LL << 53, &n);
	return n;
}

bool aws_bool(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key)) || !strcmp(aws_str(object, key), "true");
}

json_t *aws_arr(const json_t *object, const char *key)
{
	static json_t *empty;
	json_t *value = json_object_get(object, key);

	if (json_is_array(value))
		return value;
	if (!empty)
		empty = json_array();
	return empty;
}
