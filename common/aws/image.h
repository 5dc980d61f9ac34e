/* SPDX-License-Identifier: ISC
 * EC2's images as `image` records. */
#ifndef SLUICE_AWS_IMAGE_H
#define SLUICE_AWS_IMAGE_H

#include <jansson.h>
#include <stdbool.h>

/* An element of DescribeImages' imagesSet -> an image record (new reference). `distribution` is the
 * tag of that name. */
json_t *aws_image_record(const json_t *image, const char *region);
/* EC2's imageState as a record's `state`. */
const char *aws_image_state(const char *state);
/* Whether a is the newer of two image records: by `created`, then by name, then by id, the greater
 * in byte order, so that the choice never depends on the order of an answer. */
bool aws_image_newer(const json_t *a, const json_t *b);
/* x86_64, amd64, x64 -> "x86_64"; arm64, aarch64 -> "arm64"; i386 and the Mac ones as they are;
 * else NULL. */
const char *aws_architecture(const char *name);
/* A record's "run", "expires" and "tags" of a tagSet: our own tags are told by members. */
void aws_put_tags(json_t *record, const json_t *tag_set);

#endif
