#!/bin/sh
# SPDX-License-Identifier: ISC
# The size of each filter, stripped; at most 250 kB.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SLUICE_BIN:-$here/bin}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for filter in "$bin"/*; do
	strip -o "$dir/stripped" "$filter"
	echo "size of ${filter##*/}: $(($(wc -c <"$dir/stripped") / 1000)) kB (at most 250)"
done
