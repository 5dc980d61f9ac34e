/* SPDX-License-Identifier: ISC
 * libFuzzer: any bytes as an http-request record, signed in both forms; what was signed once is
 * signed again to the same request. */
#include <stdlib.h>
#include <string.h>

#include "aws/host.h"
#include "aws/sigv4.h"
#include "http-record.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	json_auto_t *record = json_loadb((const char *)data, len, JSON_ALLOW_NUL, NULL);
	struct sigv4_how how = {.service = len & 1 ? "s3" : "ec2", .region = "us-east-1"};
	struct http_request *r = http_request_from(record, NULL);
	struct sigv4 *s = sigv4_new("AKIDEXAMPLE", "secret", "token");
	struct aws_scope scope;
	char *url;

	aws_host_scope((struct span){(const char *)data, len}, &scope);
	sigv4_date(how.date, 0);
	for (int round = 0; r && round < 2; round++) {
		how.expires = round;
		if (!sigv4_sign(s, r, &how, NULL))
			break;
		url = strdup(r->url);
		if (!sigv4_sign(s, r, &how, NULL) || strcmp(url, r->url))
			abort();
		free(url);
	}
	http_request_free(r);
	sigv4_free(s);
	return 0;
}
