/* SPDX-License-Identifier: ISC
 * libFuzzer: any bytes as XML, whole and in pieces: the same comes out. */
#include <stdlib.h>
#include <string.h>

#include "aws/xml.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static json_t *in_pieces(const char *text, size_t len)
{
	struct xml *x = xml_new();
	struct failure f = {0};
	bool fine = true;
	json_t *json = NULL;

	for (size_t at = 0, n; fine && at < len; at += n) {
		n = len - at < 7 ? len - at : 7;
		fine = xml_feed(x, text + at, n, &f);
	}
	if (fine)
		json = xml_end(x, NULL, &f);
	else
		xml_free(x);
	fail_free(&f);
	return json;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct failure f = {0};
	json_t *whole = xml_parse((const char *)data, len, NULL, &f);
	json_t *pieces = in_pieces((const char *)data, len);

	if (!whole != !pieces || (whole && !json_equal(whole, pieces)))
		abort();
	if (!whole && !f.status)
		abort();
	json_decref(whole);
	json_decref(pieces);
	fail_free(&f);
	return 0;
}
