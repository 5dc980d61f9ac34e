#!/bin/sh
# SPDX-License-Identifier: ISC
# Whether a machine of Debian 12 is what the image is to be: each of PACKAGES is installed.
set -eu
missing=0
for package in ${PACKAGES-}; do
	dpkg -s "$package" >/dev/null 2>&1 || { echo "$package is not installed"; missing=1; }
done
exit $missing
