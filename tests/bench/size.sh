#!/bin/sh
# SPDX-License-Identifier: ISC
# The size of each filter, stripped; at most 250 kB, 400 where it holds the drivers of all clouds.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${SLUICE_BIN:-$here/bin}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for filter in "$bin"/*; do
	strip -o "$dir/stripped" "$filter"
	case ${filter##*/} in
	img-bake | img-copy | img-list | img-rm | run-reap) most=400 ;;
	*) most=250 ;;
	esac
	echo "size of ${filter##*/}: $(($(wc -c <"$dir/stripped") / 1000)) kB (at most $most)"
done
