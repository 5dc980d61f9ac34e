/* SPDX-License-Identifier: ISC
 * libFuzzer: any bytes as an answer of AWS, whole and in pieces, as a success and as an error; what
 * was read is written as a form. */
#include <stdlib.h>

#include "aws/answer.h"
#include "aws/error.h"
#include "aws/query.h"
#include "aws/xml.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len);

static json_t *in_pieces(const char *text, size_t len)
{
	struct xml *x = xml_new();

	for (size_t at = 0; at < len; at += 7)
		if (!xml_feed(x, text + at, len - at < 7 ? len - at : 7, NULL)) {
			xml_free(x);
			return NULL;
		}
	return xml_end(x, NULL, NULL);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *text = (const char *)data;
	json_auto_t *whole = xml_parse(text, len, NULL, NULL), *pieces = in_pieces(text, len);
	json_auto_t *answer = aws_answer_xml(text, len, NULL, NULL);
	struct http_answer a = {.status = 400};
	struct failure f = {0};
	struct buf form = {0};

	if (whole ? !json_equal(whole, pieces) : pieces != NULL)
		abort();
	buf_add(&a.body, text, len);
	aws_error_read(&a, &f);
	aws_error_judge(NULL, &a);
	query_form(&form, len & 1 ? QUERY_FLAT : QUERY_MEMBER, "Action", "1", answer, NULL);
	buf_free(&form);
	http_answer_free(&a);
	fail_free(&f);
	return 0;
}
